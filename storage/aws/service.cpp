#include "storage/aws/service.hpp"

namespace storage::aws {

http::Request Service::request(std::string_view action, std::string body) const {
  http::Request request("POST", endpoint_.origin, endpoint_.target, std::move(body));
  request.headers.set("Content-Type", "application/x-amz-json-1.0");
  request.headers.set("X-Amz-Target", prefix_ + std::string(action));
  request.operation = action;
  return request;
}

Task<http::Response> Service::ask(std::string_view action, std::string body) {
  auto request = this->request(action, std::move(body));
  co_return co_await client_.send(request);
}

Task<http::Response> Service::call(std::string_view action, std::string body, std::chrono::seconds wait,
                                   std::stop_token stop) {
  auto request = this->request(action, std::move(body));
  request.stop = std::move(stop);
  if (wait.count() > 0) {
    request.timeouts.total += wait;
    request.timeouts.idle += wait;
    request.long_poll = true;
  }
  auto response = co_await client_.send(request);
  if (!response) co_return response.error();
  if (auto error = failure(*response, target_, action)) co_return std::move(*error);
  co_return std::move(*response);
}

}  // namespace storage::aws
