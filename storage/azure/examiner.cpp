#include "storage/azure/examiner.hpp"

#include <algorithm>

namespace storage::azure {

namespace {

std::vector<std::string> planned(Channel const& channel, std::vector<std::string> const& steps) {
  std::vector<std::string> all{"credential"};
  if (channel.credential().identity) all.emplace_back("token");
  for (auto const* step : {"connection", "clock"}) all.emplace_back(step);
  all.insert(all.end(), steps.begin(), steps.end());
  return all;
}

std::string what(Channel const& channel) { return std::string(to_string(channel.endpoint().service)); }

std::string lifetime(std::optional<base::System> end, base::System now) {
  if (!end) return "it does not say how long it is valid";
  auto const left = std::chrono::duration_cast<std::chrono::seconds>(*end - now);
  return left.count() <= 0 ? "it has expired by this machine's clock"
                           : "valid for another " + span_text(left);
}

}  // namespace

bool Reply::lacks_permission() const {
  if (good() || !response) return false;
  constexpr std::string_view codes[] = {"AuthorizationPermissionMismatch", "AuthorizationServiceMismatch",
                                        "AuthorizationResourceTypeMismatch",
                                        "InsufficientAccountPermissions"};
  return std::find(std::begin(codes), std::end(codes), error.service_code) != std::end(codes);
}

Examiner::Examiner(Channel& channel, std::vector<std::string> const& steps)
    : channel_(channel), sheet_(planned(channel, steps)) {
  auto const& endpoint = channel.endpoint();
  sheet_.examined().address = endpoint.origin.to_string() + channel.path();
}

asio::awaitable<bool> Examiner::find_credential() {
  auto const& credential = channel_.credential();
  if (!credential.identity) {
    sheet_.ok("credential",
              credential.description() +
                  (credential.sas ? ", " + lifetime(credential.sas_expiry, channel_.clock().system())
                                  : std::string()));
    co_return true;
  }
  auto const token = co_await credential.identity->token({});
  if (!token) {
    sheet_.failed("credential", token.error());
    sheet_.leave_rest("there is no credential");
    co_return false;
  }
  auto const passed_over = credential.identity->passed_over();
  sheet_.ok("credential",
            credential.description() + (passed_over.empty() ? "" : "; passed over: " + passed_over));
  sheet_.ok("token", lifetime(token->expires_at, channel_.clock().system()));
  principal_ = auth::azure::principal_of(*token);
  co_return true;
}

asio::awaitable<Reply> Examiner::ask(http::Request& request) {
  Reply reply;
  auto response = co_await channel_.ask(request);
  if (!response) {
    reply.error = response.error();
    co_return reply;
  }
  if (!response->ok()) reply.error = channel_.error(*response);
  reply.response = std::move(*response);
  co_return reply;
}

bool Examiner::reached(Reply const& reply) {
  if (!reply.response) {
    sheet_.failed("connection", reply.error);
    sheet_.leave_rest("the service can't be reached");
    return false;
  }
  sheet_.judge_connection(channel_.endpoint().origin);
  sheet_.judge_clock(*reply.response, channel_.clock().system());
  if (reply.good() || reply.error.code != Errc::denied || reply.lacks_permission()) return true;
  bool const shut_out = reply.is("AuthorizationFailure") || reply.is("AuthorizationSourceIPMismatch") ||
                        reply.is("AuthorizationProtocolMismatch");
  sheet_.failed(shut_out ? "connection" : "credential", reply.error);
  sheet_.leave_rest(shut_out ? "the service does not admit this machine" : "the credential was refused");
  return false;
}

void Examiner::absent(Reply const& reply, bool made_when_absent, Grant const& grant) {
  if (made_when_absent)
    sheet_.set(what(channel_), Verdict::untested, "does not exist yet: it is made when first needed",
               by_key() ? "" : "making it takes a permission: " + remedy(grant));
  else
    sheet_.failed(what(channel_), reply.error);
  sheet_.leave_rest("the " + what(channel_) + " does not exist");
}

void Examiner::missing(std::string_view step, std::string detail, Grant const& grant) {
  sheet_.set(step, Verdict::missing, std::move(detail), remedy(grant));
}

void Examiner::unclear(std::string_view step, Reply const& reply) {
  if (reply.good()) {
    sheet_.set(
        step, Verdict::untested,
        "the service gave an answer that tells nothing: HTTP " + std::to_string(reply.response->status));
    return;
  }
  bool const passing =
      !reply.response || reply.error.code == Errc::transient || reply.error.code == Errc::throttled;
  sheet_.set(step, passing ? Verdict::failed : Verdict::untested, describe(reply.error),
             passing ? "run doctor again in a while" : "");
}

// https://learn.microsoft.com/azure/storage/queues/assign-azure-role-data-access
// https://learn.microsoft.com/azure/storage/tables/assign-azure-role-data-access
std::string Examiner::remedy(Grant const& grant) const {
  auto const& endpoint = channel_.endpoint();
  if (by_key()) return "give the connection string the key of the account itself";
  if (by_sas())
    return "make a SAS that grants \"" + std::string(1, grant.sas) + "\" (" + std::string(grant.sas_word) +
           ") on the " + what(channel_);
  std::string assignee = "--assignee THE-CLIENT-ID-OF-THE-IDENTITY";
  if (principal_)
    assignee = "--assignee-object-id " + principal_->object_id + " --assignee-principal-type " +
               (principal_->person ? "User" : "ServicePrincipal");
  std::string const part = endpoint.service == Service::queue ? "/queueServices/default/queues/"
                                                              : "/tableServices/default/tables/";
  std::string const role = '"' + std::string(grant.role) + '"';
  return "az role assignment create --role " + role + ' ' + assignee +
         " --scope \"$(az storage account show --name " + endpoint.account + " --query id --output tsv)" +
         part + endpoint.name + "\" (known everywhere after up to ten minutes)";
}

}  // namespace storage::azure
