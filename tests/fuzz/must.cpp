#include "fuzz/must.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "base/encoding.hpp"

namespace fuzz {

void must(bool holds, std::string_view promise) {
  if (holds) return;
  std::cerr << "broken promise: " << promise << std::endl;
  std::abort();
}

bool is_sentence(std::string_view text) {
  return !text.empty() && base::is_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
}

bool is_target(std::string_view text) {
  return text.starts_with('/') &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

void must_be_told(base::Error const& error) {
  must(is_sentence(error.message), "an error is one printable line");
  must(error.service_code.empty() || is_sentence(error.service_code), "a code is one printable line");
  must(error.request_id.empty() || is_sentence(error.request_id), "a request id is one printable line");
  must(!error.retry_after || error.retry_after->count() >= 0, "a hint to retry lies in the future");
}

}  // namespace fuzz
