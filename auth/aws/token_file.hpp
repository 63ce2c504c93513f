#pragma once

#include <string>

#include "base/error.hpp"
#include "base/secret.hpp"

namespace auth::aws {

// The one token in a file, without surrounding white space. Kubernetes renews projected tokens in place, so
// it is read anew whenever it is needed; the file is small and local, so this does not leave the event loop.
// denied: it can't be read, is empty, over 64 KiB, or holds a space or control character inside. The sentence
// begins with `named_by` and the path, and never shows the content.
base::Result<base::Secret> read_token(std::string const& path, std::string const& named_by);

}  // namespace auth::aws
