#pragma once

#include <optional>
#include <string>

#include "auth/azure/connection_string.hpp"
#include "base/environment.hpp"

namespace storage::azure {

// What the environment says about Azure storage.
struct Settings {
  std::optional<auth::azure::ConnectionString> connection;  // AZURE_STORAGE_CONNECTION_STRING
  std::string account;                                      // AZURE_STORAGE_ACCOUNT_NAME
  std::string suffix;  // of the cloud named by AZURE_AUTHORITY_HOST; the public cloud's otherwise
};

// invalid: a connection string that can't be read.
base::Result<Settings> read_settings(base::Environment const& environment);

// The domain of storage accounts in the cloud whose identities `authority_host` issues, e.g.
// "core.chinacloudapi.cn"; the public cloud's for any other host.
std::string suffix_of_authority(std::string_view authority_host);

}  // namespace storage::azure
