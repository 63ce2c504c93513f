#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/azure/claims.hpp"
#include "storage/azure/channel.hpp"
#include "storage/core/examination.hpp"
#include "storage/core/queue.hpp"

namespace storage::azure {

// What lets a credential do something: a role of an identity, or a letter of a SAS.
struct Grant {
  std::string_view role;  // "Storage Queue Data Contributor"
  char sas = 'r';
  std::string_view sas_word;  // "read"
};

// What a request was answered.
struct Reply {
  std::optional<http::Response> response;  // nothing: none came
  Error error;                             // where there is no response, or not a good one

  bool good() const { return response && response->ok(); }
  bool is(std::string_view code) const { return !good() && error.service_code == code; }
  bool not_there() const { return is("QueueNotFound") || is("TableNotFound"); }
  // The credential is believed and lacks the permission.
  bool lacks_permission() const;
};

// The steps that the examinations of a queue and of a table have in common.
class Examiner {
 public:
  Examiner(Channel& channel, std::vector<std::string> const& steps);

  // The rows "credential" and "token"; false: there is none, and nothing else can be tried.
  asio::awaitable<bool> find_credential();
  asio::awaitable<Reply> ask(http::Request& request);
  // The rows "connection" and "clock" from the first reply, and "credential" where it was refused; false:
  // nothing else can be tried.
  bool reached(Reply const& reply);
  // What is examined is not there: no failure where it is made when first needed.
  void absent(Reply const& reply, bool made_when_absent, Grant const& grant);

  void missing(std::string_view step, std::string detail, Grant const& grant);
  // A reply that says neither that it works nor that the permission is missing.
  void unclear(std::string_view step, Reply const& reply);

  Sheet& sheet() { return sheet_; }
  bool by_sas() const { return channel_.credential().sas; }
  bool by_key() const { return !by_sas() && !channel_.credential().identity; }

 private:
  std::string remedy(Grant const& grant) const;

  Channel& channel_;
  Sheet sheet_;
  std::optional<auth::azure::Principal> principal_;
};

}  // namespace storage::azure
