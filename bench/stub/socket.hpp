#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string>

namespace stub {

struct FreeTls {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* tls) const { SSL_free(tls); }
};
using TlsContext = std::unique_ptr<SSL_CTX, FreeTls>;

// From a certificate and its key, both PEM. Throws where they don't fit together.
TlsContext make_tls(std::string const& chain, std::string const& key);

// One accepted connection: bytes in and out, with TLS where `tls` is set. Never blocks.
struct Socket {
  Socket(int descriptor, std::uint64_t number) : fd(descriptor), id(number) {}
  ~Socket();
  Socket(Socket const&) = delete;
  Socket& operator=(Socket const&) = delete;

  bool fill();   // reads what is there; false where the other side is gone
  bool flush();  // writes what it takes; false where the other side is gone

  int fd;
  std::uint64_t id;  // descriptors are used again, numbers never
  std::unique_ptr<SSL, FreeTls> tls;
  std::string in;
  std::size_t taken = 0;  // bytes at the front of `in` that are dealt with
  std::string out;
  std::size_t written = 0;
  bool held = false;    // a reply is due later
  bool parked = false;  // a long poll waits for messages
  bool told_to_continue = false;
  bool close_after = false;
  bool waits_to_write = false;  // epoll is asked to tell
};

}  // namespace stub
