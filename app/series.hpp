#pragma once

#include <cstdio>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "app/histogram.hpp"
#include "base/error.hpp"

namespace app {

// What a program saw in each second of its run, as rows of numbers under named columns. Every loop adds its
// own part of a row; a row is whole once all loops that still run have. Safe to use from several threads.
class Series {
 public:
  // Names of what is counted within a row, of what is read at its end, and of durations. A dot in a name
  // nests it in the JSON lines: "errors.throttled".
  struct Shape {
    std::vector<std::string> counts;
    std::vector<std::string> gauges;
    std::vector<std::string> times;
  };
  struct Part {
    std::vector<double> counts;
    std::vector<double> gauges;
    std::vector<Histogram> times;
  };
  // Its first two columns are `t`, seconds since the start at the row's end, and `seconds`, what the row
  // spans. A duration has the columns NAME.p50, .p90, .p99, .p999 and .max, in milliseconds; nan where there
  // was none.
  using Row = std::vector<double>;

  Series(Shape shape, std::size_t lanes);

  // Writes each whole row to `path` too, as one JSON object a line. invalid: the file can't be made.
  base::Result<void> stream_to(std::string const& path);
  // Why a line could not be written, once one could not; the run goes on without.
  std::optional<std::string> failure() const;

  // Lane `lane`'s part of its next row, which ends `t` seconds after the start.
  void add(std::size_t lane, double t, Part part);
  // Lane `lane` adds nothing any more.
  void leave(std::size_t lane);
  // Once all have left: every lane may add again, to the row that comes next.
  void rejoin();

  std::vector<std::string> const& columns() const { return columns_; }
  std::size_t column(std::string_view name) const;  // columns().size() where there is none
  // The whole rows, for a page or a plot. After `most_rows` of them every second one is let go.
  std::vector<Row> rows() const;
  std::optional<Row> last() const;
  // One column of the newest `most` rows, oldest first.
  std::vector<double> recent(std::string_view column, std::size_t most) const;
  // The sum of one column over every row there has been.
  double total(std::string_view column) const;

  static constexpr std::size_t most_rows = 20'000;

 private:
  struct Open {
    double t = 0;
    Part sum;
  };
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  void settle();
  void finish(Open const& open);

  Shape shape_;
  std::vector<std::string> columns_;
  mutable std::mutex mutex_;
  std::vector<std::size_t> added_;  // rows by each lane; all ones once it has left
  std::deque<Open> open_;           // the first of them is row `whole_`
  std::size_t whole_ = 0;
  double before_ = 0;
  std::vector<Row> rows_;
  std::optional<Row> last_;
  Row totals_;
  std::size_t stride_ = 1;
  std::unique_ptr<std::FILE, Close> file_;
  std::optional<std::string> failure_;
};

// The row as one line of JSON, without its end. nan becomes null.
std::string series_line(std::vector<std::string> const& columns, Series::Row const& row);

}  // namespace app
