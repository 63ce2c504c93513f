#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace stub {

// Now as HTTP writes it, made once a second.
std::string_view http_date();
// Any moment of the system clock as HTTP writes it.
std::string http_date(std::chrono::system_clock::time_point moment);
std::int64_t unix_ms();

void append_hex(std::string& out, std::uint32_t value);  // eight digits
std::uint32_t hex(std::string_view digits);
// A place in a queue as the UUID that is its message's id.
void append_id(std::string& out, std::uint32_t place);
std::string md5_hex(std::string_view text);

// A whole reply; `headers` are lines that end in CRLF.
void append_reply(std::string& out, std::string_view status, std::string_view headers, std::string_view body);

}  // namespace stub
