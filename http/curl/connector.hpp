#pragma once

#include <curl/curl.h>

#include <memory>

#include "base/error.hpp"
#include "http/curl/link.hpp"

namespace http::curl {

// Makes connections without blocking the loop. Use from one thread only.
class Connector {
 public:
  // Told how an attempt ended, from the loop and never from inside begin().
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void connected(std::unique_ptr<Link> link) = 0;
    // The link's detail() says why, where that is known.
    virtual void failed(std::unique_ptr<Link> link, CURLcode code) = 0;
  };

  virtual ~Connector() = default;
  // Begins to connect. The link lives here until that has ended.
  virtual base::Result<Link*> begin(Destination const& destination) = 0;
  // Ends an attempt, of which nothing is told any more.
  virtual void drop(Link& link) noexcept = 0;
  // Nothing more is told.
  virtual void close() noexcept = 0;
};

}  // namespace http::curl
