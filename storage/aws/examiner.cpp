#include "storage/aws/examiner.hpp"

namespace storage::aws {

namespace {

std::vector<std::string> planned(std::vector<std::string> const& steps) {
  std::vector<std::string> all{"credential", "token", "connection", "clock"};
  all.insert(all.end(), steps.begin(), steps.end());
  return all;
}

}  // namespace

Examiner::Examiner(Service& service, Actor actor, base::Clock& clock, std::vector<std::string> const& steps)
    : service_(service), actor_(std::move(actor)), clock_(clock), sheet_(planned(steps)) {
  auto const& endpoint = service.endpoint();
  sheet_.examined().address = endpoint.origin.to_string() + ' ' + endpoint.region + ' ' + endpoint.name;
}

boost::asio::awaitable<bool> Examiner::find_credential() {
  auto const credentials = co_await actor_.source.get();
  if (!credentials) {
    sheet_.failed("credential", credentials.error());
    sheet_.leave_rest("there is no credential");
    co_return false;
  }
  sheet_.ok("credential", actor_.source.name() +
                              (actor_.passed_over.empty() ? "" : "; passed over: " + actor_.passed_over));
  if (!credentials->expires_at) {
    sheet_.ok("token", credentials->session_token.empty()
                           ? "keys that last"
                           : "temporary keys that do not say how long they are valid");
    co_return true;
  }
  auto const left =
      std::chrono::duration_cast<std::chrono::seconds>(*credentials->expires_at - clock_.system());
  sheet_.ok("token", left.count() <= 0 ? "temporary keys that have expired by this machine's clock"
                                       : "temporary keys, valid for another " + span_text(left));
  co_return true;
}

boost::asio::awaitable<Reply> Examiner::ask(std::string_view action, std::string body) {
  Reply reply;
  auto response = co_await service_.ask(action, std::move(body));
  if (!response) {
    reply.error = response.error();
    co_return reply;
  }
  reply.error = failure(*response, service_.target(), action);
  reply.response = std::move(*response);
  co_return reply;
}

bool Examiner::reached(Reply const& reply) {
  if (!reply.response) {
    sheet_.failed("connection", *reply.error);
    sheet_.leave_rest("the service can't be reached");
    return false;
  }
  sheet_.judge_connection(service_.endpoint().origin);
  sheet_.judge_clock(*reply.response, clock_.system());
  if (!reply.error || reply.error->code != Errc::denied || reply.denied()) return true;
  sheet_.failed("credential", *reply.error);
  sheet_.leave_rest("the credential was refused");
  return false;
}

void Examiner::absent(Reply const& reply, bool made_when_absent, std::string const& action) {
  auto const& kind = service_.target().kind;
  if (made_when_absent)
    sheet_.set(kind, Verdict::untested, "does not exist yet: it is made when first needed",
               "making it takes a permission: " + statement({action}, resource_));
  else
    sheet_.failed(kind, *reply.error);
  sheet_.leave_rest("the " + kind + " does not exist");
}

void Examiner::missing(std::string_view step, Reply const& reply, std::vector<std::string> const& actions) {
  std::string names;
  for (auto const& action : actions) names += (names.empty() ? "" : " and ") + action;
  sheet_.set(step, Verdict::missing,
             key_denied(*reply.error) ? "the queue's key refuses it" : names + " is denied",
             denial_remedy(*reply.error, actions, resource_));
}

void Examiner::unclear(std::string_view step, Reply const& reply) {
  if (!reply.error) {
    sheet_.set(step, Verdict::untested, "the service gave an answer that tells nothing");
    return;
  }
  sheet_.set(step, reply.passing() ? Verdict::failed : Verdict::untested, describe(*reply.error),
             reply.passing() ? "run doctor again in a while" : "");
}

}  // namespace storage::aws
