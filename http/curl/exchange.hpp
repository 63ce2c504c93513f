#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/event.hpp"
#include "http/curl/failure.hpp"
#include "http/reply.hpp"

namespace http::curl {

class Link;
class Tls;
struct Connection;
struct Route;

// One request under way: lives in the frame of the coroutine that waits for it.
struct Exchange {
  Exchange(boost::asio::any_io_executor const& executor, Request const& request_)
      : request(request_), reply(request_.method == "HEAD", request_.max_response), done(executor) {}
  Exchange(Exchange const&) = delete;
  Exchange& operator=(Exchange const&) = delete;

  // Something of it went out on this connection or the one before.
  bool begun() const { return sent != 0 || resent; }

  Request const& request;
  Reply reply;
  Route* route = nullptr;
  std::shared_ptr<Tls> tls;          // for the connection to be made
  base::Steady connect_by{};         // when that must stand
  base::Steady queued{};             // since when it waits for any connection
  bool waiting = false;              // still does
  bool dialing = false;              // a connection is being made for it:
  Link* connecting = nullptr;        // waits for this link to stand,
  Connection* connection = nullptr;  // or uses this one
  std::string_view left;             // to be written before we wait for the answer,
  std::string_view then;             // and what follows it
  std::string kept;                  // what `left` shows once it could not be written at once
  std::size_t sent = 0;              // bytes that this connection took
  bool resent = false;      // goes out for the second time, the first connection having died unanswered
  base::Steady deadline{};  // of the whole
  base::Steady moved{};     // when the last byte came or went; set once the connection stands
  std::size_t place = 0;    // among those under way
  std::optional<Error> error;
  bool finished = false;
  base::Event done;  // notified after `finished`
};

}  // namespace http::curl
