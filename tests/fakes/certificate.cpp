#include "fakes/certificate.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>

#include "base/random.hpp"

namespace fakes {

namespace {

EVP_PKEY* new_key() { return EVP_EC_gen("P-256"); }

template <class Write>
std::string to_pem(Write write) {
  BIO* const memory = BIO_new(BIO_s_mem());
  write(memory);
  char* data = nullptr;
  long const size = BIO_get_mem_data(memory, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(memory);
  return text;
}

void extend(X509* certificate, X509* issuer, int kind, std::string const& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  if (extension == nullptr) throw std::runtime_error("a certificate extension was refused: " + value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

X509* begin(EVP_PKEY* key, std::string const& name, long serial, long until) {
  X509* const certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), std::min(-3600L, until - 3600));
  X509_gmtime_adj(X509_getm_notAfter(certificate), until);
  X509_set_pubkey(certificate, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<unsigned char const*>(name.c_str()), -1, -1, 0);
  return certificate;
}

}  // namespace

TempDir::TempDir() {
  std::string pattern = (std::filesystem::temp_directory_path() / "edw-test-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory: " + pattern);
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempDir::write(std::string const& name, std::string const& text) const {
  auto const file = path_ / name;
  std::ofstream(file) << text;
  return file.string();
}

Authority::Authority()
    : key_(new_key()), certificate_(begin(key_, "Test CA " + std::to_string(base::entropy()), 1, 3600)) {
  X509_set_issuer_name(certificate_, X509_get_subject_name(certificate_));
  extend(certificate_, certificate_, NID_basic_constraints, "critical,CA:TRUE");
  extend(certificate_, certificate_, NID_key_usage, "critical,keyCertSign,cRLSign");
  X509_sign(certificate_, key_, EVP_sha256());
}

Authority::~Authority() {
  X509_free(certificate_);
  EVP_PKEY_free(key_);
}

std::string Authority::pem() const {
  return to_pem([this](BIO* out) { PEM_write_bio_X509(out, certificate_); });
}

Certificate Authority::issue(std::string const& host, long until) const {
  EVP_PKEY* const key = new_key();
  X509* const certificate = begin(key, host, 2, until);
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate_));
  bool const address = host.find_first_not_of("0123456789.") == std::string::npos;
  extend(certificate, certificate_, NID_subject_alt_name, (address ? "IP:" : "DNS:") + host);
  X509_sign(certificate, key_, EVP_sha256());
  Certificate issued;
  issued.chain = to_pem([certificate](BIO* out) { PEM_write_bio_X509(out, certificate); });
  issued.key =
      to_pem([key](BIO* out) { PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr); });
  X509_free(certificate);
  EVP_PKEY_free(key);
  return issued;
}

}  // namespace fakes
