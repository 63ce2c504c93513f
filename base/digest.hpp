#pragma once

#include <string>
#include <string_view>

namespace base {

std::string sha256(std::string_view bytes);      // 32 raw bytes
std::string sha256_hex(std::string_view bytes);  // 64 lower-case digits

// 40 lower-case digits. For the names that others give their files, and nothing else: SHA-1 is broken.
std::string sha1_hex(std::string_view bytes);

// 32 raw bytes, RFC 2104. A thread keeps the last 4 keys with what was made of them, until it ends: making
// that anew costs more than the hash.
std::string hmac_sha256(std::string_view key, std::string_view bytes);

}  // namespace base
