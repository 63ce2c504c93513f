#pragma once

#include <filesystem>
#include <memory>
#include <string>

typedef struct x509_st X509;
typedef struct evp_pkey_st EVP_PKEY;

namespace fakes {

// A directory that goes away with its owner.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(TempDir const&) = delete;
  TempDir& operator=(TempDir const&) = delete;
  std::string write(std::string const& name, std::string const& text) const;  // returns the file's path

 private:
  std::filesystem::path path_;
};

// A server's certificate with its private key, both PEM.
struct Certificate {
  std::string chain;
  std::string key;
};

// A certificate authority made for one test.
class Authority {
 public:
  Authority();
  ~Authority();
  Authority(Authority const&) = delete;
  Authority& operator=(Authority const&) = delete;

  std::string pem() const;
  // For a DNS name or an IPv4 address; valid from an hour before `until` at the latest, `until` in seconds
  // from now.
  Certificate issue(std::string const& host, long until = 3600) const;

 private:
  EVP_PKEY* key_;
  X509* certificate_;
};

}  // namespace fakes
