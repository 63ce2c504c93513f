#pragma once

#include <openssl/ssl.h>

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "http/curl/link.hpp"
#include "http/curl/trust.hpp"

namespace http::curl {

// What an earlier connection to the same origin left, so that the next one need not look at the certificate
// again (RFC 8446 section 2.2, RFC 5077).
class Resumption {
 public:
  // nullptr: none, or the certificate was looked at too long ago.
  SSL_SESSION* find(base::Steady now) const;
  void keep(SSL_SESSION* session) { session_.reset(session); }  // becomes its owner
  void looked(base::Steady now) { looked_ = now; }              // at a certificate, and believed it
  void forget() { session_.reset(); }

 private:
  struct Free {
    void operator()(SSL_SESSION* session) const;
  };
  std::unique_ptr<SSL_SESSION, Free> session_;
  base::Steady looked_{};
};

// What all TLS connections that believe the same authorities share. TLS 1.2 or newer, HTTP/1.1, every
// certificate verified. Use from one thread only.
class Tls {
 public:
  explicit Tls(Trust& trust);

 private:
  friend class TlsStream;
  struct Free {
    void operator()(SSL_CTX* context) const;
    void operator()(BIO_METHOD* carrier) const;
  };
  std::shared_ptr<Bundle> bundle_;
  std::unique_ptr<BIO_METHOD, Free> carrier_;  // a link, as OpenSSL sees it
  std::unique_ptr<SSL_CTX, Free> context_;
};

// TLS on a link. Nothing here waits; CURLE_AGAIN: not before the link is ready again.
class TlsStream {
 public:
  // `name` is asked for and expected in the certificate: a host's name or address. What is given outlives the
  // stream; `resumption` may be null.
  TlsStream(std::shared_ptr<Tls> tls, Link& link, std::string_view name, Resumption* resumption,
            base::Steady now);
  ~TlsStream();
  TlsStream(TlsStream const&) = delete;
  TlsStream& operator=(TlsStream const&) = delete;

  // Before all else, until it's CURLE_OK. CURLE_PEER_FAILED_VERIFICATION: the certificate is not to be
  // believed.
  CURLcode shake_hands(base::Steady now);
  CURLcode send(std::string_view bytes, std::size_t& sent);
  // No bytes received: the other side has ended the connection in good order. CURLE_GOT_NOTHING: it ended,
  // but nobody vouches for that (RFC 8446 section 6.1).
  CURLcode receive(std::span<char> into, std::size_t& received);
  // What is to be received waits for the link to take bytes.
  bool stuck() const { return stuck_; }
  std::string const& detail() const { return detail_; }  // what was wrong, in words, at the last failure

 private:
  struct Free {
    void operator()(SSL* ssl) const;
  };
  static int on_write(BIO* bio, char const* bytes, int count) noexcept;
  static int on_read(BIO* bio, char* into, int size) noexcept;
  static int on_session(SSL* ssl, SSL_SESSION* session) noexcept;
  friend class Tls;

  CURLcode failed(CURLcode code);
  bool expect(std::string_view name);

  std::shared_ptr<Tls> tls_;
  Link& link_;
  Resumption* resumption_;
  std::unique_ptr<SSL, Free> ssl_;
  std::string detail_;
  bool named_ = false;   // it's known whose certificate to expect
  bool shaken_ = false;  // hands
  bool ended_ = false;   // the link's last word was that nothing more comes
  bool broken_ = false;
  bool stuck_ = false;
};

}  // namespace http::curl
