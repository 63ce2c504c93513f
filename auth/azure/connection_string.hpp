#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/secret.hpp"
#include "http/origin.hpp"

namespace auth::azure {

// What AZURE_STORAGE_CONNECTION_STRING says. Empty members were not named.
struct ConnectionString {
  std::string account;
  base::Secret key;  // AccountKey, decoded from base64
  base::Secret sas;  // SharedAccessSignature, without a leading '?'
  std::string protocol = "https";
  std::string suffix;  // EndpointSuffix, e.g. "core.windows.net"
  std::optional<http::Url> queue_endpoint;
  std::optional<http::Url> table_endpoint;
};

// Reads `Key=value;Key=value`, keys without regard to case, values as they stand ('=' included).
// invalid: an unknown or repeated key, a value that is not what its key demands, or keys that contradict each
// other. The sentence never repeats a value that could be a secret.
// https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string
base::Result<ConnectionString> parse_connection_string(std::string_view text);

}  // namespace auth::azure
