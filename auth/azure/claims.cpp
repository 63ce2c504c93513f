#include "auth/azure/claims.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/encoding.hpp"

namespace auth::azure {

namespace {

// RFC 4648 section 5, without padding.
std::optional<std::string> base64url_decode(std::string text) {
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  text.append((4 - text.size() % 4) % 4, '=');
  return base::base64_decode(text);
}

std::string text_under(nlohmann::json const& object, char const* name) {
  auto const found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

std::optional<Principal> principal_of(AccessToken const& token) {
  auto const& text = token.token.reveal();
  auto const first = text.find('.');
  auto const second = first == std::string::npos ? first : text.find('.', first + 1);
  if (second == std::string::npos) return std::nullopt;
  auto const payload = base64url_decode(text.substr(first + 1, second - first - 1));
  auto const claims = payload ? nlohmann::json::parse(*payload, nullptr, false) : nlohmann::json();
  if (!claims.is_object()) return std::nullopt;
  Principal principal;
  principal.object_id = text_under(claims, "oid");
  // It ends in a command line that a person may paste.
  bool const plain =
      principal.object_id.size() <= 64 &&
      std::all_of(principal.object_id.begin(), principal.object_id.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
      });
  if (principal.object_id.empty() || !plain) return std::nullopt;
  auto const kind = text_under(claims, "idtyp");
  principal.person = kind.empty() ? !text_under(claims, "scp").empty() : kind == "user";
  return principal;
}

}  // namespace auth::azure
