#pragma once

#include <string>
#include <string_view>

namespace producer {

// What went wrong, and where in a text.
struct Complaint {
  std::size_t at;  // in bytes
  std::string message;
};

// The message, and below it the line of `text` with a mark below the character. Of a long line only what is
// near; control characters and bytes that are not UTF-8 become "?".
std::string marked(std::string_view text, Complaint const& complaint);

}  // namespace producer
