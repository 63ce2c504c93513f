#pragma once

#include <openssl/ossl_typ.h>

#include <memory>
#include <string>
#include <vector>

#include "base/environment.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "http/curl/bundle.hpp"

namespace http::curl {

// The certificate authorities that a client believes: the system's, and beside them those of our own files.
// One OpenSSL store serves all connections. Use from one thread only.
class Trust {
 public:
  // Reads the files named by `ca_file`, SSL_CERT_FILE and CURL_CA_BUNDLE, those that are set. invalid: one
  // can't be read or holds no certificate; the sentence names which.
  static base::Result<Trust> make(std::string const& ca_file, std::string const& ca_file_origin,
                                  base::Environment const& environment, base::Log& log);
  // These certificates (PEM) and no others. invalid: there is none, or one is broken.
  static base::Result<Trust> only(std::string const& authorities, base::Log& log);
  // Makes a TLS context believe this store. The system's bundle is read at the first call.
  void apply(SSL_CTX* context);
  // Must outlive every context that believes the store.
  std::shared_ptr<Bundle> const& bundle() const { return bundle_; }

 private:
  struct Free {
    void operator()(X509_STORE* store) const;
  };
  explicit Trust(base::Log& log);
  base::Result<void> add(std::string const& path, std::string const& named_by);
  base::Result<void> add(BIO* pem, std::string const& called);
  void add_system();

  base::Log* log_;
  std::string system_path_;
  bool system_added_ = false;
  std::shared_ptr<Bundle> bundle_;  // the system's
  std::unique_ptr<X509_STORE, Free> store_;
};

}  // namespace http::curl
