#include "storage/core/uri.hpp"

#include <algorithm>

#include "base/encoding.hpp"

namespace storage {

using base::Errc;
using base::Error;

base::Result<Uri> Uri::parse(std::string_view text) {
  auto const quoted = '"' + std::string(text) + '"';
  Uri uri;
  uri.text = text;
  for (char const c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      return Error(Errc::invalid, "a URI must not contain control characters");
  // A connection string in place of a URI must not be repeated in an error.
  auto const lowered = base::lower(text);
  for (auto const* key : {"accountkey=", "sharedaccesssignature=", "sig=", "aws_secret"})
    if (lowered.find(key) != std::string::npos)
      return Error(Errc::invalid,
                   "that holds a key or a signature, which has no place in a URI: credentials come from the "
                   "environment, "
                   "e.g. AZURE_STORAGE_CONNECTION_STRING");
  auto const colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0)
    return Error(Errc::invalid,
                 quoted +
                     " is not a URI: write sqlite:PATH#NAME, azure://ACCOUNT/NAME, azure:NAME, "
                     "aws://REGION/NAME, aws:NAME or the service's https:// URL");
  uri.scheme = base::lower(text.substr(0, colon));
  std::string_view rest = text.substr(colon + 1);
  auto const hash = std::min(rest.find('#'), rest.size());
  if (hash < rest.size()) uri.fragment = rest.substr(hash + 1);
  rest = rest.substr(0, hash);
  auto const whole = rest;
  if (rest.starts_with("//")) {
    rest.remove_prefix(2);
    uri.has_authority = true;
    auto const slash = std::min(rest.find('/'), rest.size());
    uri.authority = rest.substr(0, slash);
    rest.remove_prefix(slash);
    if (uri.authority.find('@') != std::string::npos)
      return Error(
          Errc::invalid,
          "a URI must not carry a user name, password or key: credentials come from the environment");
  }
  if (uri.scheme != "sqlite" && whole.find('?') != std::string_view::npos)
    return Error(
        Errc::invalid,
        "a URI must not carry a query (?…), such as a SAS: put it into AZURE_STORAGE_CONNECTION_STRING");
  uri.path = rest;
  if (uri.path.empty() || uri.path == "/")
    return Error(Errc::invalid, quoted + " names no queue or table: add its name, e.g. " + uri.scheme +
                                    (uri.has_authority ? "://" + uri.authority + "/messages" : ":messages"));
  return uri;
}

}  // namespace storage
