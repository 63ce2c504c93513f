#include "stub/socket.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>

namespace stub {

namespace {

constexpr std::size_t piece = std::size_t{64} << 10;

}  // namespace

TlsContext make_tls(std::string const& chain, std::string const& key) {
  TlsContext context(SSL_CTX_new(TLS_server_method()));
  BIO* const certificate_text = BIO_new_mem_buf(chain.data(), static_cast<int>(chain.size()));
  BIO* const key_text = BIO_new_mem_buf(key.data(), static_cast<int>(key.size()));
  X509* const certificate = PEM_read_bio_X509(certificate_text, nullptr, nullptr, nullptr);
  EVP_PKEY* const private_key = PEM_read_bio_PrivateKey(key_text, nullptr, nullptr, nullptr);
  bool const usable = SSL_CTX_use_certificate(context.get(), certificate) == 1 &&
                      SSL_CTX_use_PrivateKey(context.get(), private_key) == 1;
  X509_free(certificate);
  EVP_PKEY_free(private_key);
  BIO_free(certificate_text);
  BIO_free(key_text);
  if (!usable) throw std::runtime_error("the certificate made for the stub can't be used");
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_read_ahead(context.get(), 1);
  return context;
}

Socket::~Socket() {
  tls.reset();
  close(fd);
}

bool Socket::fill() {
  if (taken > 0) {
    in.erase(0, taken);
    taken = 0;
  }
  while (true) {
    auto const before = in.size();
    in.resize(before + piece);
    long got = 0;
    bool again = false;
    if (tls) {
      ERR_clear_error();
      got = SSL_read(tls.get(), in.data() + before, static_cast<int>(piece));
      auto const why = got > 0 ? SSL_ERROR_NONE : SSL_get_error(tls.get(), static_cast<int>(got));
      again = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
    } else {
      got = recv(fd, in.data() + before, piece, 0);
      again = got < 0 && (errno == EAGAIN || errno == EINTR);
    }
    in.resize(before + static_cast<std::size_t>(std::max(got, 0L)));
    if (got <= 0) return again;
    // A plain read that leaves room took all there was; TLS may hold more than the socket shows.
    if (!tls && static_cast<std::size_t>(got) < piece) return true;
  }
}

bool Socket::flush() {
  while (written < out.size()) {
    auto const left = out.size() - written;
    long put = 0;
    bool again = false;
    if (tls) {
      ERR_clear_error();
      put = SSL_write(tls.get(), out.data() + written, static_cast<int>(left));
      auto const why = put > 0 ? SSL_ERROR_NONE : SSL_get_error(tls.get(), static_cast<int>(put));
      again = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
    } else {
      put = send(fd, out.data() + written, left, MSG_NOSIGNAL);
      again = put < 0 && (errno == EAGAIN || errno == EINTR);
    }
    if (put <= 0) return again;
    written += static_cast<std::size_t>(put);
  }
  out.clear();
  written = 0;
  return true;
}

}  // namespace stub
