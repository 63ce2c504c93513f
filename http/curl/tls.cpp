#include "http/curl/tls.hpp"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <array>
#include <new>

namespace http::curl {

namespace {

// A resumed session brings a ticket for the next one, so that without a bound no certificate would ever be
// looked at again.
constexpr std::chrono::hours longest_belief{1};

// OpenSSL keeps a list of failures for each thread: what others left in it would be taken for ours.
void forget_failures() {
  if (ERR_peek_error() != 0) ERR_clear_error();
}

template <class Owner>
Owner made(Owner owner) {
  if (!owner) throw std::bad_alloc();
  return owner;
}

long on_control(BIO*, int command, long, void*) noexcept { return command == BIO_CTRL_FLUSH ? 1 : 0; }

int on_create(BIO* bio) noexcept {
  BIO_set_init(bio, 1);
  return 1;
}

}  // namespace

void Resumption::Free::operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }

SSL_SESSION* Resumption::find(base::Steady now) const {
  return now - looked_ < longest_belief ? session_.get() : nullptr;
}

// The context

void Tls::Free::operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
void Tls::Free::operator()(BIO_METHOD* carrier) const { BIO_meth_free(carrier); }

Tls::Tls(Trust& trust)
    : carrier_(made(std::unique_ptr<BIO_METHOD, Free>(BIO_meth_new(BIO_TYPE_SOURCE_SINK, "link")))),
      context_(made(std::unique_ptr<SSL_CTX, Free>(SSL_CTX_new(TLS_client_method())))) {
  BIO_meth_set_write(carrier_.get(), &TlsStream::on_write);
  BIO_meth_set_read(carrier_.get(), &TlsStream::on_read);
  BIO_meth_set_ctrl(carrier_.get(), &on_control);
  BIO_meth_set_create(carrier_.get(), &on_create);

  SSL_CTX* const context = context_.get();
  trust.apply(context);
  bundle_ = trust.bundle();
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  constexpr std::array<unsigned char, 9> http{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_CTX_set_alpn_protos(context, http.data(), http.size());
  // What could not be written is written again from another place; a record is read in one call, not in one
  // for its length and one for the rest; and a connection that only waits needs none of its 32 KiB of
  // buffers.
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, &TlsStream::on_session);
}

// The stream

void TlsStream::Free::operator()(SSL* ssl) const { SSL_free(ssl); }

TlsStream::TlsStream(std::shared_ptr<Tls> tls, Link& link, std::string_view name, Resumption* resumption,
                     base::Steady now)
    : tls_(std::move(tls)),
      link_(link),
      resumption_(resumption),
      ssl_(made(std::unique_ptr<SSL, Free>(SSL_new(tls_->context_.get())))) {
  BIO* const bio = made(BIO_new(tls_->carrier_.get()));
  BIO_set_data(bio, this);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_app_data(ssl_.get(), this);
  named_ = expect(name);
  if (resumption_ != nullptr)
    if (auto* const session = resumption_->find(now)) SSL_set_session(ssl_.get(), session);
  SSL_set_connect_state(ssl_.get());
}

TlsStream::~TlsStream() {
  if (shaken_ && !broken_) SSL_shutdown(ssl_.get());  // only our "close notify"
  ERR_clear_error();
}

// Never without a name: then any certificate would do.
bool TlsStream::expect(std::string_view name) {
  if (name.starts_with('[')) name = name.substr(1, name.find_first_of("%]") - 1);
  if (name.ends_with('.')) name.remove_suffix(1);
  std::string const expected(name);
  if (expected.empty()) return false;
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), expected.c_str()) == 1) return true;
  SSL_set_hostflags(ssl_.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set1_host(ssl_.get(), expected.c_str()) == 1 &&
         SSL_set_tlsext_host_name(ssl_.get(), expected.c_str()) == 1;
}

CURLcode TlsStream::shake_hands(base::Steady now) {
  if (!named_) {
    detail_ = "no certificate can be for this name";
    return CURLE_URL_MALFORMAT;
  }
  forget_failures();
  int const done = SSL_do_handshake(ssl_.get());
  if (done != 1) {
    int const why = SSL_get_error(ssl_.get(), done);
    if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) return CURLE_AGAIN;
    if (resumption_ != nullptr) resumption_->forget();
    auto const verdict = SSL_get_verify_result(ssl_.get());
    if (verdict == X509_V_OK) return failed(CURLE_SSL_CONNECT_ERROR);
    failed(CURLE_PEER_FAILED_VERIFICATION);
    bool const another = verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH;
    detail_ = another ? "it is for another host" : X509_verify_cert_error_string(verdict);
    return CURLE_PEER_FAILED_VERIFICATION;
  }
  shaken_ = true;
  if (resumption_ != nullptr && SSL_session_reused(ssl_.get()) == 0) resumption_->looked(now);
  return CURLE_OK;
}

CURLcode TlsStream::send(std::string_view bytes, std::size_t& sent) {
  forget_failures();
  if (SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &sent) == 1) return CURLE_OK;
  int const why = SSL_get_error(ssl_.get(), 0);
  return why == SSL_ERROR_WANT_WRITE ? CURLE_AGAIN : failed(CURLE_SEND_ERROR);
}

CURLcode TlsStream::receive(std::span<char> into, std::size_t& received) {
  forget_failures();
  stuck_ = false;
  if (SSL_read_ex(ssl_.get(), into.data(), into.size(), &received) == 1) return CURLE_OK;
  received = 0;
  switch (SSL_get_error(ssl_.get(), 0)) {
    case SSL_ERROR_WANT_WRITE:
      stuck_ = true;
      return CURLE_AGAIN;
    case SSL_ERROR_WANT_READ:
      return CURLE_AGAIN;
    case SSL_ERROR_ZERO_RETURN:
      return CURLE_OK;
    default:
      return failed(ended_ ? CURLE_GOT_NOTHING : CURLE_RECV_ERROR);
  }
}

CURLcode TlsStream::failed(CURLcode code) {
  if (!link_.detail().empty()) {
    detail_ = link_.detail();
  } else if (char const* const reason = ERR_reason_error_string(ERR_peek_last_error())) {
    detail_ = reason;
  } else {
    detail_ = "the connection ended";
  }
  ERR_clear_error();
  broken_ = true;
  return code;
}

// How OpenSSL uses the link

int TlsStream::on_write(BIO* bio, char const* bytes, int count) noexcept {
  auto& self = *static_cast<TlsStream*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  std::size_t sent = 0;
  auto const code = self.link_.send({bytes, static_cast<std::size_t>(count)}, sent);
  if (code == CURLE_OK) return static_cast<int>(sent);
  if (code == CURLE_AGAIN) BIO_set_retry_write(bio);
  return -1;
}

int TlsStream::on_read(BIO* bio, char* into, int size) noexcept {
  auto& self = *static_cast<TlsStream*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  std::size_t received = 0;
  auto const code = self.link_.receive({into, static_cast<std::size_t>(size)}, received);
  self.ended_ = code == CURLE_OK && received == 0;
  if (code == CURLE_OK) return static_cast<int>(received);
  if (code == CURLE_AGAIN) BIO_set_retry_read(bio);
  return -1;
}

int TlsStream::on_session(SSL* ssl, SSL_SESSION* session) noexcept {
  auto& self = *static_cast<TlsStream*>(SSL_get_app_data(ssl));
  if (self.resumption_ == nullptr) return 0;
  self.resumption_->keep(session);
  return 1;
}

}  // namespace http::curl
