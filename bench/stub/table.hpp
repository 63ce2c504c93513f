#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace stub {

// A table in memory: rows as the JSON that was sent, in the order in which their keys first came.
class Table {
 public:
  std::string hash = "PartitionKey";  // names of the key attributes
  std::string range = "RowKey";       // empty where there is none

  // False where the key was there before: its row is replaced.
  bool put(std::string key, std::string_view json);
  std::string const* find(std::string const& key) const;
  bool erase(std::string const& key);
  std::size_t size() const { return places_.size(); }
  // By position, 0 to slots() - 1; empty for a row that was deleted.
  std::string const& at(std::size_t place) const { return rows_[place]; }
  std::size_t slots() const { return rows_.size(); }
  std::size_t place_of(std::string const& key) const;  // slots() where there is none
  void clear();

 private:
  std::unordered_map<std::string, std::size_t> places_;
  std::vector<std::string> rows_;
};

}  // namespace stub
