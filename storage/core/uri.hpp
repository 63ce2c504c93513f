#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace storage {

// A queue's or table's address as users write it, split but not yet understood: which cloud claims it, and
// what its parts mean there, is that cloud's business.
//
//   sqlite:PATH#NAME      scheme "sqlite", path "PATH", fragment "NAME"
//   azure:NAME            scheme "azure", path "NAME"
//   azure://ACCOUNT/NAME  scheme "azure", authority "ACCOUNT", path "/NAME"
//   https://HOST/PATH     scheme "https", authority "HOST", path "/PATH"
struct Uri {
  std::string text;  // as written
  std::string scheme;
  std::string authority;
  bool has_authority = false;
  std::string path;
  std::string fragment;

  // invalid: no scheme, a password or query inside, control characters, an empty path.
  static base::Result<Uri> parse(std::string_view text);
};

}  // namespace storage
