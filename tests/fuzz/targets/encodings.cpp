// Base64, percent-encoding, UTF-8, XML's characters, numbers and moments.
#include "base/encoding.hpp"

#include <nlohmann/json.hpp>

#include "base/time.hpp"
#include "fuzz/must.hpp"
#include "fuzz/targets.hpp"

namespace {

void moments(std::string_view input) {
  using std::chrono::floor, std::chrono::seconds, std::chrono::microseconds;
  if (auto const when = base::parse_http_date(input))
    fuzz::must(base::parse_http_date(base::http_date(*when)) == when, "an HTTP date comes back as it was");
  if (auto const when = base::parse_stamp(input))
    fuzz::must(base::parse_stamp(base::stamp(*when)) == when, "a stamp comes back as it was");
  if (auto const when = base::parse_iso8601(input))
    fuzz::must(base::parse_iso8601(base::iso8601(*when)) == floor<seconds>(*when),
               "a moment comes back to the second");
}

}  // namespace

void fuzz::encodings(std::string_view input) {
  must(base::base64_decode(base::base64_encode(input)) == input, "base64 brings bytes back");
  if (auto const bytes = base::base64_decode(input))
    must(base::base64_encode(*bytes) == input, "bytes have one base64");
  must(base::percent_decode(base::percent_encode(input)) == input, "percent-encoding brings bytes back");
  must(base::hex(input).size() == 2 * input.size(), "hex has two digits a byte");
  bool const utf8 = base::is_utf8(input);
  nlohmann::json const text = std::string(input);
  bool const by_another = [&text] {
    try {
      (void)text.dump();
      return true;
    } catch (nlohmann::json::exception const&) {
      return false;
    }
  }();
  must(utf8 == by_another, "two readers agree on what is UTF-8");
  must(!base::is_xml10(input) || utf8, "XML is UTF-8");
  if (utf8) must(base::utf16_length(input) <= input.size(), "UTF-16 has no more units than UTF-8 bytes");
  auto const trimmed = base::trim(input);
  must(base::trim(trimmed) == trimmed, "trimmed is trimmed");
  must(base::iequals(base::lower(input), input), "lower case is the same word");
  if (auto const number = base::parse_u64(input))
    must(!std::to_string(*number).empty(), "a number has digits");
  moments(input);
}
