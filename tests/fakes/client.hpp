#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "http/client.hpp"

namespace fakes {

// Records every request and answers with the next scripted reply; with none left, an error that says so.
class Client final : public http::Client {
 public:
  base::Task<http::Response> send(http::Request& request) override;

  void reply(int status, std::string body = {}, http::Headers headers = {});
  void reply_with(std::function<base::Result<http::Response>(http::Request const&)> answer);
  void fail(base::Error error);

  // Forgets the replies that were not asked for.
  void clear() { replies_.clear(); }

  std::vector<http::Request> requests;

 private:
  std::deque<std::function<base::Result<http::Response>(http::Request const&)>> replies_;
};

}  // namespace fakes
