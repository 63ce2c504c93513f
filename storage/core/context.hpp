#pragma once

#include <boost/asio/any_io_executor.hpp>

#include "base/clock.hpp"
#include "base/environment.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "http/client.hpp"
#include "http/gate.hpp"
#include "http/traffic.hpp"

namespace storage {

// What a backend needs from the world around it. Everything referred to outlives the backend.
struct Context {
  boost::asio::any_io_executor executor;
  http::Client&
      transport;  // the bare client: retrying, signing and logging are the backend's layers around it
  base::Clock& clock;
  base::Random& random;
  base::Environment const& environment;
  base::Log& log;
  http::Gates* gates = nullptr;      // shared by all loops of the process; nothing: each goes at its own pace
  http::Traffic* traffic = nullptr;  // counters of this event loop; nothing: nobody counts
};

}  // namespace storage
