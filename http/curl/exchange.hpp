#pragma once

#include <optional>

#include "base/event.hpp"
#include "http/curl/failure.hpp"

namespace http::curl {

// One request under way: lives in the frame of the coroutine that waits for it.
struct Exchange {
  Exchange(boost::asio::any_io_executor const& executor, Request const& request_)
      : request(request_), done(executor) {}
  Exchange(Exchange const&) = delete;
  Exchange& operator=(Exchange const&) = delete;

  Request const& request;
  Response response;
  Failure failure;
  std::size_t header_bytes = 0;
  bool whole_head = false;  // libcurl takes an answer that ends within its head for a good one
  std::chrono::steady_clock::time_point moved{};  // when the last byte came or went
  curl_off_t bytes = 0;                           // of the bodies, both ways
  bool resent = false;  // libcurl put the request on a second connection, the first having died unanswered
  std::optional<Error> error;
  bool finished = false;
  base::Event done;  // notified after `finished`
};

// invalid: what could not stand on the wire, or would smuggle in a second header or request.
std::optional<Error> refuse(Request const& request);

}  // namespace http::curl
