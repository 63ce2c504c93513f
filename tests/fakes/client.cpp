#include "fakes/client.hpp"

namespace fakes {

base::Task<http::Response> Client::send(http::Request& request) {
  requests.push_back(request);
  if (replies_.empty())
    co_return base::Error(base::Errc::invalid,
                          "the test scripted no reply for " + request.method + ' ' + request.target);
  auto const answer = std::move(replies_.front());
  replies_.pop_front();
  co_return answer(request);
}

void Client::reply(int status, std::string body, http::Headers headers) {
  reply_with([status, body = std::move(body), headers = std::move(headers)](http::Request const&) {
    http::Response response;
    response.status = status;
    response.body = body;
    response.headers = headers;
    return base::Result<http::Response>(std::move(response));
  });
}

void Client::reply_with(std::function<base::Result<http::Response>(http::Request const&)> answer) {
  replies_.push_back(std::move(answer));
}

void Client::fail(base::Error error) {
  reply_with(
      [error = std::move(error)](http::Request const&) { return base::Result<http::Response>(error); });
}

}  // namespace fakes
