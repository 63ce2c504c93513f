#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace producer {

// The lines of a file, one for each message in turn, and from the first again. Kept in memory.
class Lines {
 public:
  // invalid: the end of a sentence that names the line: a file that can't be read, or without a line, or not
  // UTF-8.
  static base::Result<Lines> load(std::string const& path);
  static base::Result<Lines> parse(std::string text);

  std::string_view of(std::uint64_t seq) const { return line((seq - 1) % begins_.size()); }
  // The longest as it stands in a JSON string, and its number in the file.
  struct Longest {
    std::size_t bytes = 0;
    std::size_t line = 1;
  };
  Longest longest() const { return longest_; }
  std::size_t size() const { return begins_.size(); }

 private:
  std::string_view line(std::size_t index) const;

  std::string text_;
  std::vector<std::size_t> begins_;
  Longest longest_;
};

}  // namespace producer
