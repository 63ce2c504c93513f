#include "auth/aws/replies.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>

#include "base/encoding.hpp"
#include "base/one_line.hpp"
#include "base/time.hpp"

namespace auth::aws {

namespace {

// Fit for a header as it stands.
bool printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

std::string text_of(nlohmann::json const& object, std::string_view key) {
  auto const found = object.find(std::string(key));
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<Credentials> made(std::string key_id, base::Secret secret, base::Secret token,
                                std::string_view expiration) {
  if (key_id.empty() || secret.empty()) return std::nullopt;
  if (!printable(key_id) || !printable(secret.reveal()) || !printable(token.reveal())) return std::nullopt;
  Credentials credentials;
  if (!expiration.empty()) {
    credentials.expires_at = base::parse_iso8601(expiration);
    if (!credentials.expires_at) return std::nullopt;
  }
  credentials.access_key_id = std::move(key_id);
  credentials.secret_access_key = std::move(secret);
  credentials.session_token = std::move(token);
  return credentials;
}

// The first element of that name, at any depth: STS wraps errors in one layer, others in two.
pugi::xml_node find(pugi::xml_document const& document, char const* name) {
  return document.find_node(
      [name](pugi::xml_node const& node) { return std::string_view(name) == node.name(); });
}

bool load(pugi::xml_document& document, std::string_view xml) {
  return bool(document.load_buffer(xml.data(), xml.size(), pugi::parse_default, pugi::encoding_utf8));
}

}  // namespace

std::optional<Credentials> decode_json(std::string_view text, std::string_view token_key) {
  auto const json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  auto const expiration = json.find("Expiration");
  bool const strange = expiration != json.end() && !expiration->is_string() && !expiration->is_null();
  if (strange) return std::nullopt;
  return made(text_of(json, "AccessKeyId"), base::Secret(text_of(json, "SecretAccessKey")),
              base::Secret(text_of(json, token_key)), text_of(json, "Expiration"));
}

std::optional<Credentials> decode_role_credentials(std::string_view text) {
  auto const json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  auto const found = json.find("roleCredentials");
  if (found == json.end() || !found->is_object()) return std::nullopt;
  auto const end = found->find("expiration");
  constexpr std::int64_t longest = 9'000'000'000'000;
  if (end == found->end() || !end->is_number_unsigned() || end->get<std::uint64_t>() > longest)
    return std::nullopt;
  auto credentials = made(text_of(*found, "accessKeyId"), base::Secret(text_of(*found, "secretAccessKey")),
                          base::Secret(text_of(*found, "sessionToken")), {});
  if (!credentials || credentials->session_token.empty()) return std::nullopt;
  credentials->expires_at = base::System(std::chrono::milliseconds(end->get<std::int64_t>()));
  return credentials;
}

std::optional<Credentials> decode_sts(std::string_view xml) {
  pugi::xml_document document;
  if (!load(document, xml)) return std::nullopt;
  auto const node = find(document, "Credentials");
  base::Secret token(node.child_value("SessionToken"));
  std::string_view const expiration = node.child_value("Expiration");
  if (token.empty() || expiration.empty()) return std::nullopt;  // STS gives only keys that expire
  return made(node.child_value("AccessKeyId"), base::Secret(node.child_value("SecretAccessKey")),
              std::move(token), expiration);
}

Refusal decode_refusal(std::string_view body) {
  Refusal refusal;
  auto const json = nlohmann::json::parse(body, nullptr, false);
  if (json.is_object()) {
    for (auto const* key : {"code", "Code"})
      if (refusal.code.empty()) refusal.code = text_of(json, key);
    for (auto const* key : {"message", "Message"})
      if (refusal.message.empty()) refusal.message = text_of(json, key);
  } else {
    pugi::xml_document document;
    if (load(document, body)) {
      auto const node = find(document, "Error");
      refusal.code = node.child_value("Code");
      refusal.message = node.child_value("Message");
    }
  }
  refusal.code = base::one_line(refusal.code, 100);
  refusal.message = base::one_line(refusal.message);
  return refusal;
}

http::RetryPolicy policy() {
  http::RetryPolicy policy;
  policy.classify = [](http::Response const& response) -> std::optional<Error> {
    if (response.ok()) return std::nullopt;
    auto code = Errc::invalid;
    auto const refusal = decode_refusal(response.body);
    if (response.status == 429 || refusal.code.find("Throttl") != std::string::npos)
      code = Errc::throttled;
    else if (response.status >= 500 || response.status == 408 || refusal.code == "IDPCommunicationError")
      code = Errc::transient;
    Error error(code, "the request for credentials failed");
    error.http_status = response.status;
    error.service_code = refusal.code;
    return error;
  };
  return policy;
}

}  // namespace auth::aws
