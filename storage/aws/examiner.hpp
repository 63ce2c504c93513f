#pragma once

#include <optional>
#include <string>
#include <vector>

#include "auth/aws/credentials.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "storage/aws/grants.hpp"
#include "storage/aws/service.hpp"

namespace storage::aws {

// Who acts, and what stood before it in the chain.
struct Actor {
  auth::aws::Source& source;
  std::string passed_over;
};

// What an action was answered.
struct Reply {
  std::optional<http::Response> response;  // nothing: none came
  std::optional<Error> error;              // what it means where it is no success

  bool good() const { return !error; }
  bool denied() const { return error && permission_denied(*error); }
  bool absent() const { return error && error->code == Errc::absent; }
  bool passing() const {
    return error && (error->code == Errc::transient || error->code == Errc::throttled || !response);
  }
};

// The steps that the examinations of a queue and of a table have in common.
class Examiner {
 public:
  Examiner(Service& service, Actor actor, base::Clock& clock, std::vector<std::string> const& steps);

  // The rows "credential" and "token"; false: there is none, and nothing else can be tried.
  boost::asio::awaitable<bool> find_credential();
  // `action` outlives the call.
  boost::asio::awaitable<Reply> ask(std::string_view action, std::string body);
  // The rows "connection" and "clock" from the first reply, and "credential" where it was refused; false:
  // nothing else can be tried.
  bool reached(Reply const& reply);
  // What is examined is not there: no failure where it is made when first needed, by `action`.
  void absent(Reply const& reply, bool made_when_absent, std::string const& action);

  void missing(std::string_view step, Reply const& reply, std::vector<std::string> const& actions);
  // A reply that says neither that it works nor that the permission is missing.
  void unclear(std::string_view step, Reply const& reply);

  void name_resource(std::string arn) { resource_ = std::move(arn); }
  Sheet& sheet() { return sheet_; }

 private:
  Service& service_;
  Actor actor_;
  base::Clock& clock_;
  Sheet sheet_;
  std::string resource_;  // ARN, as far as it is known
};

}  // namespace storage::aws
