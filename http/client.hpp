#pragma once

#include "base/task.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace http {

using base::Errc;
using base::Error;
using base::Result;
using base::Task;

// The one function through which everything goes on the wire. Layers are Clients around a Client.
class Client {
 public:
  virtual ~Client() = default;
  // The response, whatever its status. An Error only where no whole response came: `transient` for the
  // network (maybe_applied once a byte of the request was sent), `invalid` for what no retry can mend (an
  // untrusted certificate, a bad proxy), `too_large` for a reply over the cap, `cancelled` for a requested
  // stop.
  // The request stays the caller's and must outlive the wait. What a layer puts on it for an attempt (a date,
  // a signature) stays on it: Mark takes it off again.
  virtual Task<Response> send(Request& request) = 0;
};

}  // namespace http
