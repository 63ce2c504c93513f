#include "auth/azure/token_proxy.hpp"

#include <algorithm>
#include <fstream>

#include "base/encoding.hpp"

namespace auth::azure {

namespace {

constexpr std::string_view proxy_variable = "AZURE_KUBERNETES_TOKEN_PROXY";
constexpr std::string_view name_variable = "AZURE_KUBERNETES_SNI_NAME";
constexpr std::string_view file_variable = "AZURE_KUBERNETES_CA_FILE";
constexpr std::string_view data_variable = "AZURE_KUBERNETES_CA_DATA";

Error wrong(std::string_view variable, std::string const& what) {
  return Error(Errc::denied, "workload identity can't use " + std::string(variable) + ": " + what);
}

bool is_host_name(std::string_view text) {
  return text.size() <= 253 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                  c == '.' || c == '_';
         });
}

}  // namespace

Result<std::optional<TokenProxy>> TokenProxy::read(base::Environment const& environment) {
  auto const text = environment.get(proxy_variable);
  if (!text) {
    for (auto const variable : {name_variable, file_variable, data_variable})
      if (environment.has(variable))
        return wrong(variable, "it belongs to " + std::string(proxy_variable) +
                                   ", which is not set; set that too, or unset this one");
    return std::optional<TokenProxy>();
  }
  auto const url = http::parse_url(*text);
  if (!url) return wrong(proxy_variable, url.error().message);
  if (!url->origin.secure()) return wrong(proxy_variable, "it must begin with https://");
  if (text->find('?') != std::string::npos) return wrong(proxy_variable, "it must not carry a query (?…)");
  if (environment.has(file_variable) && environment.has(data_variable))
    return wrong(file_variable, std::string(data_variable) + " is set too; unset one of the two");
  TokenProxy proxy;
  proxy.origin_ = url->origin;
  proxy.path_ = url->path;
  while (proxy.path_.ends_with('/')) proxy.path_.pop_back();
  proxy.name_ = environment.get(name_variable).value_or("");
  proxy.ca_file_ = environment.get(file_variable).value_or("");
  proxy.ca_data_ = environment.get(data_variable).value_or("");
  if (!is_host_name(proxy.name_)) return wrong(name_variable, "it is no host name");
  return std::optional<TokenProxy>(std::move(proxy));
}

Result<> TokenProxy::redirect(http::Request& request, std::string& authorities) const {
  if (!ca_file_.empty()) {
    constexpr std::size_t limit = std::size_t{1} << 20;
    std::ifstream file(ca_file_, std::ios::binary);
    std::string text(limit, '\0');
    if (!file || !(file.read(text.data(), static_cast<std::streamsize>(text.size())) || file.eof()))
      return wrong(file_variable, '"' + ca_file_ +
                                      "\" can't be read; check that the pod has the annotation "
                                      "azure.workload.identity/use-identity-binding: \"true\"");
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (!base::trim(text).empty()) authorities = std::move(text);
    if (authorities.empty()) {
      auto error = wrong(file_variable, '"' + ca_file_ + "\" is empty; the cluster fills it soon");
      error.code = Errc::transient;
      return error;
    }
  }
  request.origin = origin_;
  request.target.insert(0, path_);
  request.peer.emplace();
  request.peer->name = name_;
  request.peer->authorities = ca_file_.empty() ? ca_data_ : authorities;
  return {};
}

}  // namespace auth::azure
