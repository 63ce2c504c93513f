#include "storage/azure/settings.hpp"

#include <array>
#include <utility>

#include "base/encoding.hpp"

namespace storage::azure {

std::string suffix_of_authority(std::string_view authority_host) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> sovereign{{
      {"login.chinacloudapi.cn", "core.chinacloudapi.cn"},
      {"login.partner.microsoftonline.cn", "core.chinacloudapi.cn"},
      {"login.microsoftonline.us", "core.usgovcloudapi.net"},
      {"login.microsoftonline.de", "core.cloudapi.de"},
  }};
  auto const host = base::lower(authority_host);
  for (auto const& [authority, suffix] : sovereign)
    if (host.find(authority) != std::string::npos) return std::string(suffix);
  return "core.windows.net";
}

base::Result<Settings> read_settings(base::Environment const& environment) {
  Settings settings;
  settings.account = environment.get("AZURE_STORAGE_ACCOUNT_NAME").value_or("");
  settings.suffix = suffix_of_authority(environment.get("AZURE_AUTHORITY_HOST").value_or(""));
  if (auto const text = environment.get("AZURE_STORAGE_CONNECTION_STRING")) {
    auto parsed = auth::azure::parse_connection_string(*text);
    if (!parsed) return parsed.error();
    settings.connection = std::move(*parsed);
  }
  return settings;
}

}  // namespace storage::azure
