#include "http/curl/trust.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>

namespace http::curl {

using base::Errc;
using base::Error;
using base::Result;

namespace {

struct FreeOpenssl {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};

// Where Debian and those after it, Red Hat's and Alpine keep theirs; else where OpenSSL looks.
std::string system_bundle() {
  for (char const* path :
       {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"})
    if (::access(path, R_OK) == 0) return path;
  return X509_get_default_cert_file();
}

}  // namespace

void Trust::Free::operator()(X509_STORE* store) const { X509_STORE_free(store); }

Trust::Trust(base::Log& log) : log_(&log), system_path_(system_bundle()), store_(X509_STORE_new()) {
  if (!store_) throw std::bad_alloc();
  // A private certificate in a CA file is an anchor even where it isn't a root.
  X509_STORE_set_flags(store_.get(), X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
}

Result<Trust> Trust::make(std::string const& ca_file, std::string const& ca_file_origin,
                          base::Environment const& environment, base::Log& log) {
  Trust trust(log);
  if (!ca_file.empty())
    if (auto const added = trust.add(ca_file, ca_file_origin); !added) return added.error();
  for (char const* variable : {"SSL_CERT_FILE", "CURL_CA_BUNDLE"}) {
    auto const path = environment.get(variable);
    // The system's own bundle is read later, and only if TLS is used at all.
    if (!path || *path == trust.system_path_) continue;
    if (auto const added = trust.add(*path, variable); !added) return added.error();
  }
  return trust;
}

Result<Trust> Trust::only(std::string const& authorities, base::Log& log) {
  Trust trust(log);
  trust.system_added_ = true;
  std::unique_ptr<BIO, FreeOpenssl> const text(
      BIO_new_mem_buf(authorities.data(), static_cast<int>(authorities.size())));
  if (!text) throw std::bad_alloc();
  if (auto const added = trust.add(text.get(), "what should name a certificate authority"); !added)
    return added.error();
  return trust;
}

Result<void> Trust::add(std::string const& path, std::string const& named_by) {
  std::unique_ptr<BIO, FreeOpenssl> const file(BIO_new_file(path.c_str(), "r"));
  int const reason = errno;
  ERR_clear_error();
  if (!file)
    return Error(Errc::invalid, "the CA file \"" + path + "\" (" + named_by +
                                    ") can't be read: " + std::strerror(reason) +
                                    "; name a readable file with certificates in PEM form");
  return add(file.get(), "the CA file \"" + path + "\" (" + named_by + ')');
}

Result<void> Trust::add(BIO* pem, std::string const& called) {
  int count = 0;
  for (;; ++count) {
    std::unique_ptr<X509, FreeOpenssl> const certificate(
        PEM_read_bio_X509_AUX(pem, nullptr, nullptr, nullptr));
    if (!certificate) break;
    X509_STORE_add_cert(store_.get(), certificate.get());
  }
  bool const at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (count == 0 || !at_end)
    return Error(Errc::invalid, called + " holds " +
                                    (count == 0 ? "no certificate" : "a certificate that is broken") +
                                    "; it must hold certificates in PEM form (-----BEGIN CERTIFICATE-----)");
  return {};
}

void Trust::add_system() {
  system_added_ = true;
  bundle_ = std::make_shared<Bundle>();
  if (bundle_->read(system_path_) && bundle_->serve(store_.get()))
    log_->write(base::Level::debug, "read the system's CA certificates from " + system_path_);
  else
    log_->write(base::Level::warning,
                "the system's CA certificates could not be read from " + system_path_ +
                    ", so only those of --ca-file or SSL_CERT_FILE are trusted: install ca-certificates");
}

void Trust::apply(SSL_CTX* context) {
  if (!system_added_) add_system();
  SSL_CTX_set1_cert_store(context, store_.get());
}

}  // namespace http::curl
