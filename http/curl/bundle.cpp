#include "http/curl/bundle.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <new>
#include <optional>
#include <string_view>

namespace http::curl {

namespace {

using Bytes = unsigned char const*;

struct FreeOpenssl {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_NAME* name) const { X509_NAME_free(name); }
};
using Certificate = std::unique_ptr<X509, FreeOpenssl>;

// What PEM_read_bio hands out.
struct Block {
  ~Block() {
    OPENSSL_free(label);
    OPENSSL_free(header);
    OPENSSL_free(data);
  }
  bool certificate() const {
    std::string_view const text = label;
    return text == PEM_STRING_X509 || text == PEM_STRING_X509_OLD || text == PEM_STRING_X509_TRUSTED;
  }
  char* label = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
};

// The element of DER at `at`, which is then at its content; `end` is set to where that ends.
struct Element {
  int tag = 0;
  Bytes end = nullptr;
};
std::optional<Element> open(Bytes& at, Bytes end) {
  long length = 0;
  Element element;
  int kind = 0;
  int const form = ASN1_get_object(&at, &length, &element.tag, &kind, end - at);
  if ((form & 0x80) != 0 || (form & 1) != 0) return std::nullopt;  // broken, or of unknown length
  element.end = at + length;
  return element;
}

// RFC 5280 section 4.1: version (where it's told), serial number, signature, issuer and validity stand before
// the subject.
std::optional<unsigned long> subject_of(std::string_view der) {
  auto at = reinterpret_cast<Bytes>(der.data());
  auto const outer = open(at, at + der.size());
  if (!outer) return std::nullopt;
  auto const inner = open(at, outer->end);
  if (!inner) return std::nullopt;
  for (int left = 5; left > 0; --left) {
    auto const element = open(at, inner->end);
    if (!element) return std::nullopt;
    if (left == 5 && element->tag == 2) --left;  // a serial number: no version is told
    at = element->end;
  }
  std::unique_ptr<X509_NAME, FreeOpenssl> const name(d2i_X509_NAME(nullptr, &at, inner->end - at));
  if (!name) return std::nullopt;
  return X509_NAME_hash(name.get());
}

Certificate parse(std::string_view der) {
  auto at = reinterpret_cast<Bytes>(der.data());
  return Certificate(d2i_X509_AUX(nullptr, &at, static_cast<long>(der.size())));
}

}  // namespace

void Bundle::Free::operator()(X509_LOOKUP_METHOD* method) const { X509_LOOKUP_meth_free(method); }

Bundle::Bundle() : method_(X509_LOOKUP_meth_new("certificates parsed when they are asked for")) {
  if (!method_) throw std::bad_alloc();
  X509_LOOKUP_meth_set_get_by_subject(method_.get(), &Bundle::on_subject);
}

bool Bundle::read(std::string const& path) {
  std::unique_ptr<BIO, FreeOpenssl> const file(BIO_new_file(path.c_str(), "r"));
  while (file) {
    Block block;
    if (PEM_read_bio(file.get(), &block.label, &block.header, &block.data, &block.size) != 1) break;
    if (!block.certificate()) continue;
    std::string_view const der(reinterpret_cast<char const*>(block.data),
                               static_cast<std::size_t>(block.size));
    if (auto const subject = subject_of(der)) entries_.push_back({*subject, std::string(der)});
  }
  ERR_clear_error();
  return !entries_.empty();
}

bool Bundle::serve(X509_STORE* store) {
  X509_LOOKUP* const lookup = X509_STORE_add_lookup(store, method_.get());
  if (lookup == nullptr || X509_LOOKUP_set_method_data(lookup, this) != 1) return false;
  // A store asks only for a subject of which it has no certificate at all.
  std::vector<unsigned long> held;
  auto const* objects = X509_STORE_get0_objects(store);
  for (int i = 0; i < sk_X509_OBJECT_num(objects); ++i)
    if (auto* const certificate = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i)))
      held.push_back(X509_subject_name_hash(certificate));
  for (auto const& entry : entries_)
    if (std::find(held.begin(), held.end(), entry.subject) != held.end())
      if (auto const certificate = parse(entry.der)) X509_STORE_add_cert(store, certificate.get());
  ERR_clear_error();
  return true;
}

int Bundle::on_subject(X509_LOOKUP* lookup, X509_LOOKUP_TYPE type, X509_NAME const* name,
                       X509_OBJECT* into) noexcept {
  if (type != X509_LU_X509) return 0;
  auto const& self = *static_cast<Bundle const*>(X509_LOOKUP_get_method_data(lookup));
  auto const subject = X509_NAME_hash(name);
  bool found = false;
  for (auto const& entry : self.entries_) {
    if (entry.subject != subject) continue;
    auto const certificate = parse(entry.der);
    if (!certificate || X509_NAME_cmp(X509_get_subject_name(certificate.get()), name) != 0 ||
        X509_STORE_add_cert(X509_LOOKUP_get_store(lookup), certificate.get()) != 1 || found)
      continue;
    found = X509_OBJECT_set1_X509(into, certificate.get()) == 1;
    // Whoever asks takes another reference to what the store holds, and never returns this one.
    if (found) X509_free(certificate.get());
  }
  if (found) ERR_clear_error();
  return found ? 1 : 0;
}

}  // namespace http::curl
