#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <string_view>

#include "storage/aws/endpoint.hpp"
#include "storage/aws/errors.hpp"

namespace storage::aws {

// Calls the actions of one service for one queue or table, by the AWS JSON 1.0 protocol
// (smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html).
class Service {
 public:
  // `prefix` stands before the action in X-Amz-Target, e.g. "AmazonSQS.".
  Service(http::Client& client, Endpoint endpoint, Target target, std::string prefix)
      : client_(client),
        endpoint_(std::move(endpoint)),
        target_(std::move(target)),
        prefix_(std::move(prefix)) {}

  // The reply of a call that succeeded; else the Error. `action` must outlive the call. `wait` is how long
  // the service may hold back its answer by order.
  Task<http::Response> call(std::string_view action, std::string body, std::chrono::seconds wait = {},
                            std::stop_token stop = {});
  // The reply of a call, whatever it says.
  Task<http::Response> ask(std::string_view action, std::string body);

  Endpoint const& endpoint() const { return endpoint_; }
  Target const& target() const { return target_; }

 private:
  http::Request request(std::string_view action, std::string body) const;
  http::Client& client_;
  Endpoint endpoint_;
  Target target_;
  std::string prefix_;
};

}  // namespace storage::aws
