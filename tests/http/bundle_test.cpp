#include "http/curl/bundle.hpp"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "fakes/certificate.hpp"

using http::curl::Bundle;

namespace {

template <auto free>
struct Free {
  template <class Thing>
  void operator()(Thing* thing) const {
    free(thing);
  }
};
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Store = std::unique_ptr<X509_STORE, Free<X509_STORE_free>>;
using Context = std::unique_ptr<X509_STORE_CTX, Free<X509_STORE_CTX_free>>;
using Bio = std::unique_ptr<BIO, Free<BIO_free>>;

Certificate parse(std::string const& pem) {
  Bio const bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return Certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}

// X509_V_OK, or what is wrong.
int verdict(X509_STORE* store, X509* certificate) {
  Context const context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store, certificate, nullptr);
  X509_verify_cert(context.get());
  return X509_STORE_CTX_get_error(context.get());
}
int verdict(X509_STORE* store, fakes::Authority const& by) {
  return verdict(store, parse(by.issue("service.test").chain).get());
}

// One that is like no other but has the name of all others that are made here.
Certificate namesake() {
  std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>> const key(EVP_EC_gen("P-256"));
  Certificate certificate(X509_new());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<unsigned char const*>("namesake"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 60);
  X509_set_pubkey(certificate.get(), key.get());
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  return certificate;
}

std::string to_pem(X509* certificate) {
  Bio const bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate);
  char* text = nullptr;
  auto const size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

// How many of the name `of` the store finds.
int namesakes(X509_STORE* store, X509* of) {
  Context const context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store, nullptr, nullptr);
  auto* const found = X509_STORE_CTX_get1_certs(context.get(), X509_get_subject_name(of));
  int const count = sk_X509_num(found);
  sk_X509_pop_free(found, X509_free);
  return count;
}

class Bundles : public testing::Test {
 protected:
  bool read(std::string const& text) { return bundle.read(dir.write("bundle.pem", text)); }

  fakes::TempDir dir;
  fakes::Authority first, second, third;
  Bundle bundle;
  Store store{X509_STORE_new()};
};

}  // namespace

TEST_F(Bundles, FindAnAuthorityAmongOthers) {
  ASSERT_TRUE(read("# comments, as bundles have them\n" + first.pem() + "more\n" + second.pem()));
  ASSERT_TRUE(bundle.serve(store.get()));
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(verdict(store.get(), first), X509_V_OK);
    EXPECT_EQ(verdict(store.get(), second), X509_V_OK);
    EXPECT_NE(verdict(store.get(), third), X509_V_OK);
  }
}

TEST_F(Bundles, FindAllOfOneName) {
  auto const one = namesake();
  ASSERT_TRUE(read(to_pem(one.get()) + first.pem() + to_pem(namesake().get())));
  ASSERT_TRUE(bundle.serve(store.get()));
  EXPECT_EQ(namesakes(store.get(), one.get()), 2);
}

TEST_F(Bundles, StandBesideWhatTheStoreHolds) {
  auto const own = namesake();
  X509_STORE_add_cert(store.get(), own.get());
  ASSERT_TRUE(read(first.pem() + to_pem(namesake().get())));
  ASSERT_TRUE(bundle.serve(store.get()));
  EXPECT_EQ(namesakes(store.get(), own.get()), 2) << "though the store had one of that name";
  EXPECT_EQ(verdict(store.get(), first), X509_V_OK);
}

TEST_F(Bundles, SkipWhatIsBroken) {
  std::string const broken = "-----BEGIN CERTIFICATE-----\nMIIBAAAA\n-----END CERTIFICATE-----\n";
  ASSERT_TRUE(
      read(broken + first.pem() + "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n" + second.pem()));
  ASSERT_TRUE(bundle.serve(store.get()));
  EXPECT_EQ(verdict(store.get(), second), X509_V_OK);
}

TEST_F(Bundles, NeedACertificate) {
  EXPECT_FALSE(read("nothing"));
  EXPECT_FALSE(read("-----BEGIN CERTIFICATE-----\nMIIBAAAA\n-----END CERTIFICATE-----\n"));
  EXPECT_FALSE(bundle.read("/no/such/file"));
}

TEST_F(Bundles, FindEveryCertificateOfTheSystem) {
  std::string const path = "/etc/ssl/certs/ca-certificates.crt";
  ASSERT_TRUE(bundle.read(path)) << "install ca-certificates";
  ASSERT_TRUE(bundle.serve(store.get()));
  Context const context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store.get(), nullptr, nullptr);
  Bio const file(BIO_new_file(path.c_str(), "r"));
  int count = 0;
  while (Certificate const each{PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr)}) {
    ++count;
    auto* const found = X509_STORE_CTX_get1_certs(context.get(), X509_get_subject_name(each.get()));
    bool same = false;
    for (int i = 0; i < sk_X509_num(found); ++i)
      same = same || X509_cmp(sk_X509_value(found, i), each.get()) == 0;
    sk_X509_pop_free(found, X509_free);
    EXPECT_TRUE(same) << "certificate " << count;
  }
  EXPECT_GT(count, 10);
}
