#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace storage {

using Value = std::variant<std::string, std::int64_t>;

// The named values of a row, in order of their names and in one piece of memory: a map for a dozen entries,
// which is filled for each message. Cheapest to fill in that order.
class Values {
 public:
  using value_type = std::pair<std::string, Value>;
  using iterator = std::vector<value_type>::iterator;
  using const_iterator = std::vector<value_type>::const_iterator;

  Values() = default;
  Values(std::initializer_list<value_type> values);  // of two with one name the first counts

  Value& operator[](std::string_view name);
  Value const& at(std::string_view name) const;  // throws std::out_of_range
  std::pair<iterator, bool> emplace(std::string name, Value value);
  iterator find(std::string_view name);
  const_iterator find(std::string_view name) const;
  bool contains(std::string_view name) const { return find(name) != end(); }
  std::size_t count(std::string_view name) const { return contains(name) ? 1 : 0; }
  iterator erase(const_iterator at) { return values_.erase(at); }
  std::size_t erase(std::string_view name);

  iterator begin() { return values_.begin(); }
  iterator end() { return values_.end(); }
  const_iterator begin() const { return values_.begin(); }
  const_iterator end() const { return values_.end(); }
  std::size_t size() const { return values_.size(); }
  bool empty() const { return values_.empty(); }
  void clear() { values_.clear(); }
  void reserve(std::size_t count) { values_.reserve(count); }

  friend bool operator==(Values const&, Values const&) = default;

 private:
  const_iterator place(std::string_view name) const;

  std::vector<value_type> values_;
};

}  // namespace storage
