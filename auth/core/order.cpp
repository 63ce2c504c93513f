#include "auth/core/order.hpp"

#include <utility>

#include "base/encoding.hpp"

namespace auth {

void sort_by_name(std::vector<http::Header>& headers) {
  // They are few: each is put in its place.
  for (std::size_t i = 1; i < headers.size(); ++i)
    for (auto at = i; at > 0 && base::icompare(headers[at - 1].name, headers[at].name) > 0; --at)
      std::swap(headers[at - 1], headers[at]);
}

}  // namespace auth
