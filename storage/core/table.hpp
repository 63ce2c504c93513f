#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "storage/core/rejected.hpp"
#include "storage/core/values.hpp"

namespace storage {

struct Key {
  std::string partition;
  std::string row;
  friend auto operator<=>(Key const&, Key const&) = default;
};

// A row: its key and named values.
struct Entity {
  Key key;
  Values values;

  // The text under `name`, a number as decimal digits; nothing where absent.
  std::optional<std::string> text(std::string_view name) const;
};

struct TableLimits {
  int batch = 1;              // rows in one request
  bool by_partition = false;  // a request takes rows of one partition only
  std::size_t row = 0;        // bytes of one row, about
  std::string stamp_name;     // the samples' name for the time of persisting: "dateStamp" or "destStamp"
};

// A part of a scan. Rows come in no particular order between partitions.
struct Range {
  std::optional<std::pair<std::string, std::string>>
      where;           // only rows whose text value under .first is .second
  std::string from;    // Page::next of the page before; empty: the start
  int at_most = 1000;  // rows looked at for one page, about
};

struct Page {
  std::vector<Entity> rows;
  std::string next;  // empty: the end. A page may be empty and yet not the last.
};

// Rows by key. One object serves one event loop. Errors as for Queue; too_large or invalid on one row never
// costs another its write.
class Table {
 public:
  virtual ~Table() = default;

  // Makes ready: reads the key schema where there is one, makes the table where `create` and it is absent.
  virtual Task<> open(bool create) = 0;
  virtual TableLimits limits() const = 0;

  // Inserts or replaces whole rows, in any order, cut into batches by the service's own rules. Of rows with
  // the same key in one call the last one wins.
  virtual Task<std::vector<Rejected>> upsert(std::span<Entity const> rows) = 0;
  virtual Task<std::optional<Entity>> get(Key key) = 0;
  virtual Task<Page> scan(Range range) = 0;
};

}  // namespace storage
