#pragma once

#include <openssl/x509_vfy.h>

#include <memory>
#include <string>
#include <vector>

namespace http::curl {

// The certificates of a file in PEM form, parsed only when a store asks for their subject: OpenSSL takes a
// quarter of a millisecond for each, a system trusts some 150, and a connection needs one or two.
class Bundle {
 public:
  Bundle();
  // False: the file can't be read or holds no certificate.
  bool read(std::string const& path);
  // Has the store look here for what it doesn't hold. The bundle must outlive it.
  bool serve(X509_STORE* store);

 private:
  struct Entry {
    unsigned long subject;  // hashed
    std::string der;
  };
  struct Free {
    void operator()(X509_LOOKUP_METHOD* method) const;
  };
  static int on_subject(X509_LOOKUP* lookup, X509_LOOKUP_TYPE type, X509_NAME const* name,
                        X509_OBJECT* into) noexcept;

  std::vector<Entry> entries_;
  std::unique_ptr<X509_LOOKUP_METHOD, Free> method_;
};

}  // namespace http::curl
