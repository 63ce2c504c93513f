#include "stub/reply.hpp"

#include <openssl/evp.h>

#include <array>
#include <ctime>

namespace stub {

std::string http_date(std::chrono::system_clock::time_point moment) {
  std::time_t const seconds = std::chrono::system_clock::to_time_t(moment);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  auto const size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text.data(), size};
}

std::string_view http_date() {
  static std::string text;
  static std::time_t made = 0;
  auto const now = std::chrono::system_clock::now();
  auto const second = std::chrono::system_clock::to_time_t(now);
  if (second != made) {
    made = second;
    text = http_date(now);
  }
  return text;
}

std::int64_t unix_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

void append_hex(std::string& out, std::uint32_t value) {
  constexpr char digits[] = "0123456789abcdef";
  for (unsigned shift = 32; shift > 0; shift -= 4) out += digits[value >> (shift - 4) & 15U];
}

std::uint32_t hex(std::string_view digits) {
  std::uint32_t value = 0;
  for (char const c : digits)
    value = value * 16 + ((c >= '0' && c <= '9' ? static_cast<std::uint32_t>(c - '0')
                                                : static_cast<std::uint32_t>(c - 'a' + 10)) &
                          15U);
  return value;
}

void append_id(std::string& out, std::uint32_t place) {
  append_hex(out, place);
  out += "-1111-4111-8111-";
  out += "1111";
  append_hex(out, place);
}

std::string md5_hex(std::string_view text) {
  static EVP_MD* const md5 = EVP_MD_fetch(nullptr, "MD5", nullptr);
  static EVP_MD_CTX* const context = EVP_MD_CTX_new();
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_DigestInit_ex2(context, md5, nullptr);
  EVP_DigestUpdate(context, text.data(), text.size());
  EVP_DigestFinal_ex(context, digest.data(), &size);
  std::string out;
  constexpr char digits[] = "0123456789abcdef";
  for (unsigned i = 0; i < size; ++i) {
    out += digits[digest[i] >> 4];
    out += digits[digest[i] & 15U];
  }
  return out;
}

void append_reply(std::string& out, std::string_view status, std::string_view headers,
                  std::string_view body) {
  out.reserve(out.size() + body.size() + headers.size() + 256);
  out += "HTTP/1.1 ";
  out += status;
  out += "\r\nContent-Length: ";
  out += std::to_string(body.size());
  out += "\r\nDate: ";
  out += http_date();
  out += "\r\nServer: stub\r\n";
  out += headers;
  out += "\r\n";
  out += body;
}

}  // namespace stub
