#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <optional>
#include <vector>

namespace storage {

// The rows of one call by key, those with one key in the order they came: of such the last one wins. A row
// without a key is left out.
template <class Key>
std::vector<std::size_t> by_key(std::vector<Key const*> const& keys) {
  std::vector<std::size_t> order;
  order.reserve(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (keys[i] != nullptr) order.push_back(i);
  std::sort(order.begin(), order.end(), [&keys](std::size_t a, std::size_t b) {
    auto const compared = *keys[a] <=> *keys[b];
    return compared != 0 ? compared < 0 : a < b;
  });
  return order;
}

// For each row, in the order that by_key() gave, which one stands for it.
template <class Key>
std::vector<std::size_t> winners(std::vector<Key const*> const& keys, std::vector<std::size_t> const& order) {
  std::vector<std::size_t> winner(keys.size());
  std::iota(winner.begin(), winner.end(), std::size_t{0});
  for (std::size_t i = order.size(); i-- > 1;)
    if (*keys[order[i - 1]] == *keys[order[i]]) winner[order[i - 1]] = winner[order[i]];
  return winner;
}

}  // namespace storage
