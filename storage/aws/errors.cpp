#include "storage/aws/errors.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "base/one_line.hpp"
#include "storage/aws/crc32.hpp"

namespace storage::aws {

namespace {

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

template <std::size_t N>
bool one_of(std::string_view code, std::string_view const (&codes)[N]) {
  return std::find(std::begin(codes), std::end(codes), code) != std::end(codes);
}

// "com.amazonaws.sqs#QueueDoesNotExist" and "AWS.SimpleQueueService.NonExistentQueue" without what stands
// before, and without the ":http://…" that some services append.
std::string bare(std::string_view code) {
  if (auto const hash = code.rfind('#'); hash != code.npos) code.remove_prefix(hash + 1);
  if (auto const colon = code.find(':'); colon != code.npos) code = code.substr(0, colon);
  if (auto const dot = code.rfind('.'); dot != code.npos) code.remove_prefix(dot + 1);
  return base::one_line(code, 100);
}

std::string between(std::string_view text, std::string_view begin, std::string_view end) {
  auto const from = text.find(begin);
  if (from == text.npos) return {};
  auto const to = text.find(end, from + begin.size());
  if (to == text.npos) return {};
  return std::string(text.substr(from + begin.size(), to - from - begin.size()));
}

bool begins_like_json(std::string_view body) { return base::trim(body).starts_with('{'); }

// Cheap, since it is asked of every reply: an object that was not cut off.
bool looks_whole(std::string_view body) {
  auto const text = base::trim(body);
  return text.starts_with('{') && text.ends_with('}');
}

std::string request_id(http::Response const& response) {
  for (auto const* name : {"x-amzn-requestid", "x-amz-request-id"})
    if (auto const value = response.headers.find(name)) return base::one_line(*value, 100);
  return {};
}

// SendMessageBatch is allowed by sqs:SendMessage.
std::string permission(Target const& target, std::string_view action) {
  if (target.service == "SQS" && action.ends_with("Batch")) action.remove_suffix(5);
  return target.iam + std::string(action);
}

std::string named(Target const& target) { return "the " + target.kind + " \"" + target.name + '"'; }

std::string said(Fault const& fault) {
  auto const words = base::one_line(fault.message);
  return words.empty() ? "" : ": " + words;
}

std::string denied_sentence(Fault const& fault, Target const& target, std::string_view action) {
  bool const of_environment = contains(target.credential, "AWS_ACCESS_KEY_ID");
  if (one_of(fault.code, {"SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature",
                          "IncompleteSignatureException"}))
    // Not the service's own words: they repeat the request, with its session token.
    return target.service + " refused " + target.credential +
           ": the signature does not match, so the secret key belongs to another key id or is mistyped: "
           "check " +
           (of_environment ? "AWS_SECRET_ACCESS_KEY" : "where it comes from");
  if (contains(fault.code, "ExpiredToken"))
    return target.service + " refused " + target.credential + ": " +
           (of_environment
                ? "they have expired: get new ones"
                : "what it gave has expired, also when asked again: check who issues it, and the clock");
  if (credentials_refused(fault))
    return target.service + " does not know " + target.credential + ": check " +
           (of_environment ? "AWS_ACCESS_KEY_ID, AWS_SESSION_TOKEN where the keys are temporary, and " : "") +
           "that they belong to this endpoint (" + target.endpoint + ')';
  return target.service + " denied " + target.credential + " the permission " + permission(target, action) +
         " on " + named(target) + ": grant it" + said(fault);
}

std::string sentence(Errc code, Fault const& fault, Target const& target, std::string_view action) {
  auto const what = std::string(action) + " on " + named(target);
  switch (code) {
    case Errc::denied:
      return denied_sentence(fault, target, action);
    case Errc::absent:
      return named(target) + " does not exist in " + target.region + " at " + target.endpoint +
             (target.kind == "queue" ? ", or these keys may not see it" : "") + ": --create makes it";
    case Errc::throttled:
      return target.service + " throttles " + what + said(fault);
    case Errc::transient:
      if (clock_refused(fault))
        return target.service +
               " refused the date of the request: this machine's clock is wrong by minutes: set it";
      return target.service + " could not do " + what + " now" + said(fault);
    case Errc::conflict:
      if (fault.code == "QueueDeletedRecently")
        return named(target) + " was deleted less than 60 seconds ago: wait a minute and try again";
      if (target.kind == "queue" && (action == "DeleteMessageBatch" || action.starts_with("Change")))
        return "the lease of the message is lost" + said(fault);
      return target.service + " refused " + what + said(fault);
    case Errc::too_large:
      return target.service + " refused " + what + " as too large" + said(fault);
    case Errc::invalid:
    case Errc::cancelled:
      break;
  }
  return target.service + " refused " + what + said(fault);
}

Error made(int status, Fault const& fault, Target const& target, std::string_view action) {
  Errc const code = classify(status, fault);
  Error error(code, sentence(code, fault, target, action));
  error.http_status = status;
  error.service_code = fault.code;
  return error;
}

}  // namespace

std::optional<Fault> parse_fault(http::Response const& response) {
  Fault fault;
  auto const json = begins_like_json(response.body) ? nlohmann::json::parse(response.body, nullptr, false)
                                                    : nlohmann::json();
  if (json.is_object()) {
    auto const text = [&json](char const* key) {
      auto const found = json.find(key);
      return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    fault.code = bare(text("__type"));
    if (fault.code.empty()) fault.code = bare(text("code"));
    fault.message = text("message");
    if (fault.message.empty()) fault.message = text("Message");
  } else {
    fault.code = bare(between(response.body, "<Code>", "</Code>"));
    fault.message = between(response.body, "<Message>", "</Message>");
  }
  if (fault.code.empty())
    if (auto const query = response.headers.find("x-amzn-query-error"))
      fault.code = bare(std::string_view(*query).substr(0, query->find(';')));
  if (fault.code.empty())
    if (auto const type = response.headers.find("x-amzn-errortype")) fault.code = bare(*type);
  if (fault.code.empty() && !json.is_object()) return std::nullopt;
  return fault;
}

bool clock_refused(Fault const& fault) {
  if (one_of(fault.code, {"RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"})) return true;
  return one_of(fault.code, {"InvalidSignatureException", "SignatureDoesNotMatch"}) &&
         (contains(fault.message, "Signature expired") ||
          contains(fault.message, "Signature not yet current"));
}

bool credentials_refused(Fault const& fault) {
  return contains(fault.code, "ExpiredToken") ||
         one_of(fault.code, {"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId",
                             "InvalidToken"});
}

Errc classify(int status, Fault const& fault) {
  std::string_view const code = fault.code;
  if (clock_refused(fault)) return Errc::transient;
  if (status == 429 || contains(code, "Throttl") || code.starts_with("ProvisionedThroughputExceeded") ||
      one_of(code, {"RequestLimitExceeded", "OverLimit", "TooManyRequests", "TooManyRequestsException",
                    "LimitExceededException", "SlowDown", "BandwidthLimitExceeded"}))
    return Errc::throttled;
  if (contains(code, "AccessDenied") || contains(code, "ExpiredToken") ||
      one_of(code, {"SignatureDoesNotMatch", "InvalidSignatureException", "InvalidClientTokenId",
                    "UnrecognizedClientException", "InvalidAccessKeyId", "InvalidToken",
                    "MissingAuthenticationToken", "MissingAuthenticationTokenException",
                    "IncompleteSignature", "IncompleteSignatureException", "UnauthorizedOperation",
                    "AuthFailure", "NotAuthorized", "OptInRequired", "InvalidSecurity"}))
    return Errc::denied;
  if (one_of(code, {"QueueDoesNotExist", "NonExistentQueue", "ResourceNotFoundException"}))
    return Errc::absent;
  if (one_of(code, {"ReceiptHandleIsInvalid", "MessageNotInflight", "QueueDeletedRecently", "QueueNameExists",
                    "QueueAlreadyExists", "ResourceInUseException", "ConditionalCheckFailedException"}))
    return Errc::conflict;
  if (status == 413 || one_of(code, {"BatchRequestTooLong", "ItemCollectionSizeLimitExceededException"}) ||
      contains(fault.message, "Item size has exceeded") || contains(fault.message, "must be shorter than"))
    return Errc::too_large;
  if (status >= 500 || status == 408 ||
      one_of(code, {"InternalError", "InternalFailure", "InternalServerError", "ServiceUnavailable",
                    "ServiceUnavailableException", "RequestTimeout", "RequestTimeoutException",
                    "PriorRequestNotComplete", "TransactionInProgressException",
                    "ReplicatedWriteConflictException"}))
    return Errc::transient;
  if (status == 401 || status == 403) return Errc::denied;
  return Errc::invalid;
}

std::optional<Error> failure(http::Response const& response, Target const& target, std::string_view action) {
  bool const unreadable = response.ok() && !looks_whole(response.body);
  if (response.ok() && !unreadable) {
    auto const announced = response.headers.find("x-amz-crc32");
    if (!announced || base::parse_u64(*announced) == crc32(response.body)) return std::nullopt;
    Error error(Errc::transient, target.service + "'s reply to " + std::string(action) +
                                     " was damaged on its way: its checksum differs");
    error.http_status = response.status;
    error.request_id = request_id(response);
    error.maybe_applied = true;
    return error;
  }
  auto const fault = unreadable ? std::nullopt : parse_fault(response);
  if (!fault) return senseless(response, target, action);
  Error error = made(response.status, *fault, target, action);
  error.request_id = request_id(response);
  error.maybe_applied = response.maybe_applied || response.status >= 500;
  return error;
}

Error entry_failure(Fault const& fault, bool sender_fault, Target const& target, std::string_view action) {
  Error error = made(0, fault, target, action);
  // The service's own judgement of whose fault it was rules where the code tells nothing.
  if (!sender_fault && error.code == Errc::invalid) {
    error.code = Errc::transient;
    error.message = sentence(error.code, fault, target, action);
  }
  error.maybe_applied = error.code == Errc::transient;
  return error;
}

Error senseless(http::Response const& response, Target const& target, std::string_view action) {
  Error error(Errc::transient, "the reply of " + target.endpoint + " to " + std::string(action) +
                                   " makes no sense: it does not look like " + target.service +
                                   ": check the URI, AWS_ENDPOINT_URL and any proxy in between");
  error.http_status = response.status;
  error.request_id = request_id(response);
  error.maybe_applied = response.ok() || response.status >= 500 || response.maybe_applied;
  return error;
}

}  // namespace storage::aws
