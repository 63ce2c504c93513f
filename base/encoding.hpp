#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Text as the wires want it. Pure functions.
namespace base {

// RFC 4648 section 4, with padding. decode: nothing on a character outside the alphabet or wrong padding.
std::string base64_encode(std::string_view bytes);
std::optional<std::string> base64_decode(std::string_view text);

std::string hex(std::string_view bytes);  // lower case

// RFC 3986: everything but A-Z a-z 0-9 - . _ ~ becomes %XX in upper case. decode: nothing on a broken %XX.
std::string percent_encode(std::string_view text);
std::optional<std::string> percent_decode(std::string_view text);

bool is_utf8(std::string_view text);
// UTF-16 code units of a valid UTF-8 text: what Azure Table counts.
std::size_t utf16_length(std::string_view utf8);
std::size_t ascii_run(std::string_view text);  // how many bytes at the front are ASCII
// Every code point may stand in XML 1.0 (section 2.2, Char); false for text that is not UTF-8.
bool is_xml10(std::string_view text);

bool iequals(std::string_view a, std::string_view b);  // ASCII case ignored
int icompare(std::string_view a, std::string_view b);  // below, at or above 0; ASCII case ignored
std::string lower(std::string_view text);              // ASCII only
void append_lower(std::string& out, std::string_view text);
std::string_view trim(std::string_view text);  // without ASCII white space on both ends

// A whole decimal number: no sign, no spaces, no overflow.
std::optional<std::uint64_t> parse_u64(std::string_view text);

}  // namespace base
