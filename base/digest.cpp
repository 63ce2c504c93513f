#include "base/digest.hpp"

#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <memory>
#include <stdexcept>

#include "base/encoding.hpp"
#include "base/secret.hpp"

namespace base {

namespace {

struct FreeMac {
  void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
  void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

void require(bool ok) {
  if (!ok) throw std::runtime_error("OpenSSL could not compute a digest");
}

}  // namespace

std::string sha256(std::string_view bytes) {
  thread_local std::unique_ptr<EVP_MD, FreeMac> const algorithm(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  thread_local std::unique_ptr<EVP_MD_CTX, FreeMac> const context(EVP_MD_CTX_new());
  require(algorithm != nullptr && context != nullptr);
  std::array<unsigned char, 32> out{};
  unsigned int size = 0;
  require(EVP_DigestInit_ex2(context.get(), algorithm.get(), nullptr) == 1 &&
          EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1 &&
          EVP_DigestFinal_ex(context.get(), out.data(), &size) == 1);
  return {reinterpret_cast<char const*>(out.data()), size};
}

std::string sha256_hex(std::string_view bytes) { return hex(sha256(bytes)); }

std::string sha1_hex(std::string_view bytes) {
  std::array<unsigned char, 20> out{};
  unsigned int size = 0;
  require(EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, EVP_sha1(), nullptr) == 1);
  return hex({reinterpret_cast<char const*>(out.data()), size});
}

namespace {

using Mac = std::unique_ptr<EVP_MAC_CTX, FreeMac>;

// A context that has taken in `key`. Setting a key fetches the digest and hashes two blocks, which costs more
// than a short text does, and a process signs with few keys: a thread keeps the last ones.
EVP_MAC_CTX* keyed(std::string_view key) {
  struct Kept {
    Secret key;
    Mac context;
  };
  thread_local std::array<Kept, 4> kept;
  thread_local std::size_t next = 0;
  for (auto const& one : kept) {
    if (!one.context || one.key.reveal() != key) continue;
    // Without a key and parameters: begin anew under the last ones.
    require(EVP_MAC_init(one.context.get(), nullptr, 0, nullptr) == 1);
    return one.context.get();
  }
  thread_local std::unique_ptr<EVP_MAC, FreeMac> const mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  require(mac != nullptr);
  Mac context(EVP_MAC_CTX_new(mac.get()));
  char digest[] = "SHA256";
  std::array<OSSL_PARAM, 2> const params{OSSL_PARAM_construct_utf8_string("digest", digest, 0),
                                         OSSL_PARAM_construct_end()};
  // An empty key is legal, but a null pointer would mean "keep the last key".
  static unsigned char const empty = 0;
  auto const* bytes = key.empty() ? &empty : reinterpret_cast<unsigned char const*>(key.data());
  require(context && EVP_MAC_init(context.get(), bytes, key.size(), params.data()) == 1);
  auto& place = kept[next++ % kept.size()];
  place.key = Secret(std::string(key));
  place.context = std::move(context);
  return place.context.get();
}

}  // namespace

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  auto* const context = keyed(key);
  std::array<unsigned char, 32> out{};
  std::size_t size = 0;
  require(EVP_MAC_update(context, reinterpret_cast<unsigned char const*>(bytes.data()), bytes.size()) == 1 &&
          EVP_MAC_final(context, out.data(), &size, out.size()) == 1);
  return {reinterpret_cast<char const*>(out.data()), size};
}

}  // namespace base
