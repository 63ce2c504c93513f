#include "storage/azure/errors.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>

#include "base/encoding.hpp"
#include "base/one_line.hpp"
#include "base/planted.hpp"
#include "http/retry_after.hpp"

namespace storage::azure {

using base::Errc;
using base::Error;

namespace {

struct Detail {
  std::string code;
  std::string message;
};

// The first line: request id and time follow it.
std::string first_line(std::string_view text) { return base::one_line(text.substr(0, text.find('\n'))); }

Detail of_xml(std::string const& body) {
  pugi::xml_document document;
  if (!document.load_buffer(body.data(), body.size())) return {};
  auto const error = document.child("Error");
  return {error.child_value("Code"), first_line(error.child_value("Message"))};
}

// The text under `name`; never copies, for a copy of deeply nested rubbish recurses.
std::string text_under(nlohmann::json const& object, char const* name) {
  auto const found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Detail of_json(std::string const& body) {
  auto const document = nlohmann::json::parse(body, nullptr, false);
  if (!document.is_object()) return {};
  auto error = document.find("odata.error");
  if (error == document.end()) error = document.find("error");
  if (error == document.end() || !error->is_object()) return {};
  Detail detail;
  detail.code = text_under(*error, "code");
  auto const message = error->find("message");
  bool const nested = message != error->end() && message->is_object();
  detail.message = first_line(nested ? text_under(*message, "value") : text_under(*error, "message"));
  return detail;
}

Detail detail_of(http::Response const& response) {
  auto const begin = response.body.find_first_of("<{");
  Detail detail;
  if (begin != std::string::npos)
    detail = response.body[begin] == '<' ? of_xml(response.body) : of_json(response.body);
  if (auto const code = response.headers.find("x-ms-error-code"); code && !code->empty()) detail.code = *code;
  // A service code is a word; anything else is somebody else's page.
  bool const word =
      detail.code.size() <= 100 && std::all_of(detail.code.begin(), detail.code.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      });
  if (!word) detail.code.clear();
  return detail;
}

template <std::size_t size>
bool among(std::string_view code, std::array<std::string_view, size> const& codes) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

constexpr std::array<std::string_view, 8> too_large{
    "EntityTooLarge",  "RequestBodyTooLarge", "PropertyValueTooLarge", "KeyValueTooLarge",
    "MessageTooLarge", "TooManyProperties",   "RequestEntityTooLarge", "ContentLengthExceeded"};

std::string role(Place const& place) {
  return place.service == Service::queue
             ? "\"Storage Queue Data Contributor\" (to send only: \"Storage Queue Data Message Sender\")"
             : "\"Storage Table Data Contributor\"";
}

std::string refused(std::string const& code, Place const& place) {
  std::string const account =
      place.account.empty() ? place.host : "the storage account \"" + place.account + '"';
  if (code == "AuthorizationPermissionMismatch")
    return account + " lets " + place.credential + " do no such thing on " + place.what() +
           ": an identity needs the role " + role(place) + ", a SAS the permission";
  if (code == "AuthorizationFailure" || code == "AuthorizationSourceIPMismatch")
    return account + " does not admit this machine to " + place.what() +
           ": its network rules (or a SAS's address range) shut it out";
  return account + " refused " + place.credential + " for " + place.what() +
         ": check that it is the account's own and current, and that this machine's clock is right";
}

std::string said(Detail const& detail) {
  return detail.message.empty() ? std::string() : ": " + detail.message;
}

}  // namespace

std::string service_code(http::Response const& response) { return detail_of(response).code; }

Error not_understood(http::Response const& response, Place const& place, std::string_view detail) {
  Error error(Errc::transient, place.host + " does not look like Azure " +
                                   (place.service == Service::queue ? "Queue" : "Table") + " storage: " +
                                   std::string(detail) + "; check the endpoint and any proxy before it");
  error.http_status = response.status;
  error.maybe_applied = true;
  if (auto const id = response.headers.find("x-ms-request-id")) error.request_id = base::one_line(*id, 100);
  return error;
}

Error to_error(http::Response const& response, Place const& place, base::System now) {
  auto const detail = detail_of(response);
  auto const& code = detail.code;
  int const status = response.status;
  Error error;
  error.http_status = status;
  error.service_code = code;
  if (auto const id = response.headers.find("x-ms-request-id")) error.request_id = base::one_line(*id, 100);
  error.retry_after = http::retry_after(response.headers, now);
  error.maybe_applied = response.maybe_applied;
  auto const is = [&error](Errc errc, std::string message) {
    error.code = errc;
    error.message = std::move(message);
    return error;
  };

  if (status == 429 || code == "ServerBusy" || (status == 503 && code != "OperationTimedOut")) {
    // Only the service itself says that it did nothing; a gateway's 503 may come after it did.
    bool const before = error.maybe_applied && !base::planted(base::Planted::forget_earlier_attempts);
    error.maybe_applied = before || (status != 429 && code != "ServerBusy");
    return is(Errc::throttled, place.host + " asks to slow down" + said(detail));
  }
  if (status >= 500 || status == 408) {
    error.maybe_applied = true;  // a put can commit and still answer 500
    return is(Errc::transient, place.host + " failed for the moment" + said(detail));
  }
  if (code == "QueueNotFound" || code == "TableNotFound")
    return is(Errc::absent, place.what() + " does not exist in " +
                                (place.account.empty() ? place.host : place.account) + ": --create makes it");
  if (status == 401 || status == 403 || code == "InvalidAuthenticationInfo")
    return is(Errc::denied, refused(code, place));
  if (status == 407)
    return is(Errc::denied, "the proxy before " + place.host + " asks for a user name and password");
  if (status == 413 || among(code, too_large))
    return is(Errc::too_large, place.what() + " refuses this size" + said(detail));
  if (code.empty() || status < 400)
    return not_understood(response, place, "it answered HTTP " + std::to_string(status));
  if (code == "QueueBeingDeleted" || code == "TableBeingDeleted")
    return is(Errc::transient,
              place.what() + " is being deleted, which takes up to a minute: try again then");
  if (code == "PopReceiptMismatch" || code == "MessageNotFound")
    return is(Errc::conflict, "the lease on the message is lost: it is gone or another holds it");
  if (status == 404) return is(Errc::absent, place.what() + " has no such thing" + said(detail));
  if (status == 409 || status == 412)
    return is(Errc::conflict, place.what() + " is in another state than expected" + said(detail));
  return is(Errc::invalid, place.what() + " refused the request" + said(detail));
}

}  // namespace storage::azure
