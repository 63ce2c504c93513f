#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/tally.hpp"

namespace app {

struct Answer {
  unsigned status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body;
};

// What one connection, and all of them together, may cost.
struct ServerLimits {
  std::size_t connections = 128;
  std::size_t header = 8192;                 // bytes; more is 431
  std::chrono::milliseconds request{5'000};  // for a request to arrive
  std::chrono::milliseconds answer{10'000};  // for its answer to leave
  std::chrono::milliseconds idle{90'000};    // between two requests
  std::chrono::milliseconds polite{250};     // nobody is sent away for another one sooner
  unsigned per_second = 2'000;               // requests answered; more wait their turn
};

enum class Refusal { too_large, malformed, timeout, crowded };

// A small HTTP/1.1 server on a thread of its own, which the machine serves last: for scrapers and probes,
// whatever they do. GET and HEAD only. A full house sends away whoever has been silent longest.
class Server {
 public:
  using Refusals = base::Tallies<Refusal, Refusal::crowded>;
  // Called on the server's thread for each request, with its path alone; and once a second.
  struct Work {
    std::function<Answer(std::string_view path)> answer;
    std::function<void()> tick = [] {};
  };

  // Listens at once. `address` empty: all of them. invalid: the sentence's end, e.g. "port 80 is taken …".
  static base::Result<std::unique_ptr<Server>> listen(std::string const& address, std::uint16_t port,
                                                      ServerLimits const& limits);
  ~Server();
  // Answers from now on; until then requests wait.
  void start(Work work);
  std::uint16_t port() const;
  Refusals const& refusals() const;

 private:
  class Core;
  explicit Server(std::unique_ptr<Core> core);
  std::unique_ptr<Core> core_;
};

}  // namespace app
