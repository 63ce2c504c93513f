#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>

#include "http/headers.hpp"
#include "http/origin.hpp"

namespace http {

// How long the parts of one attempt may take. Zero is no limit.
struct Timeouts {
  std::chrono::milliseconds connect{5'000};
  std::chrono::milliseconds total{30'000};
  std::chrono::milliseconds idle{15'000};  // without a byte in either direction; seen to the second
};

// Whom to expect at the other end of a TLS connection, where that is not the origin's host, vouched for by
// the authorities that the client trusts.
struct Peer {
  std::string name;         // asked for (SNI) and expected in the certificate; empty: the origin's host
  std::string authorities;  // certificates in PEM form, the only ones believed; empty: the client's own
};

// One request, a value. Everything that changes between attempts (date, signature) is added below Retrying.
struct Request {
  std::string method = "GET";
  Origin origin;
  std::string target =
      "/";  // path and query, already percent-encoded, as it stands on the wire and is signed
  Headers headers;
  std::string body;

  std::string operation;  // for logs and metrics, e.g. "SendMessageBatch"; never holds data
  Timeouts timeouts;
  std::optional<Peer> peer;  // such a request has a connection of its own, which serves no other
  std::size_t max_response = std::size_t{32} << 20;  // bytes of body; more ends the attempt with an error
  bool repeatable = true;                            // safe to send again after it may have been applied
  // Waits at the service for work: backs off before it reports a failure even when no retry is left to pay
  // for, so that a loop of long polls never turns into a hot one.
  bool long_poll = false;
  // Once requested no further attempt begins and waits between attempts end; the attempt in flight is
  // finished, so that what the service did is known.
  std::stop_token stop;

  Request() = default;
  Request(std::string method_, Origin origin_, std::string target_, std::string body_ = {})
      : method(std::move(method_)),
        origin(std::move(origin_)),
        target(std::move(target_)),
        body(std::move(body_)) {}
};

// What a request is before layers put theirs on it: fields behind its own, parameters behind its target's.
class Mark {
 public:
  explicit Mark(Request const& request) : fields_(request.headers.size()), target_(request.target.size()) {}
  // Takes off what came since.
  void restore(Request& request) const {
    request.headers.truncate(fields_);
    request.target.resize(target_);
  }

 private:
  std::size_t fields_;
  std::size_t target_;
};

}  // namespace http
