#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "http/client.hpp"
#include "storage/core/rejected.hpp"

// What `doctor` learns of a queue or a table without harm to it: each cloud knows how to try its own
// permissions.
namespace storage {

enum class Verdict {
  ok,        // seen to work
  missing,   // refused for want of a permission; the remedy names what grants it
  untested,  // can't be tried without harm, or what it needs has failed
  failed,    // does not work for another reason
};

std::string_view to_string(Verdict verdict);

// One step and what came of it.
struct Finding {
  std::string step;  // "credential", "send", …
  Verdict verdict = Verdict::untested;
  std::string detail;  // what was seen
  std::string remedy;  // what to do next, on one line; may be empty
};

struct Examined {
  std::string address;  // the same for all URIs of one queue or table
  std::vector<Finding> findings;
  std::vector<std::string> warnings;  // what works and yet makes trouble; sentences
  std::string redrives_to;            // where the service itself moves poison messages to; empty: it does not
};

// What the programs would do with a queue.
struct QueueUse {
  bool send = false;
  bool receive = false;            // and acknowledge, extend, hand back
  bool made_when_absent = false;   // its absence is no failure
  bool probe = false;              // try with real messages what can't be tried otherwise
  std::uint64_t max_receives = 5;  // as for `consumer run`
  std::chrono::seconds lease{60};
};

// What the programs would do with a table.
struct TableUse {
  bool write = false;
  bool read = false;
  bool made_when_absent = false;
  bool probe = false;
};

// Tries the steps in their order. Never fails: all that happens is a finding. Run once.
class Examination {
 public:
  virtual ~Examination() = default;
  virtual boost::asio::awaitable<Examined> run() = 0;
};

// The findings of an examination as they come, a row for each planned step.
class Sheet {
 public:
  explicit Sheet(std::vector<std::string> steps);
  // A step that was not planned gets a row of its own at the end; a later verdict replaces an earlier one.
  void set(std::string_view step, Verdict verdict, std::string detail, std::string remedy = {});
  void ok(std::string_view step, std::string detail) { set(step, Verdict::ok, std::move(detail)); }
  void failed(std::string_view step, Error const& error) { set(step, Verdict::failed, describe(error)); }
  // Every step without a verdict is untested, for this reason.
  void leave_rest(std::string const& reason);
  void warn(std::string sentence) { examined_.warnings.push_back(std::move(sentence)); }
  Examined& examined() { return examined_; }

  // The rows "connection" and "clock", from the service's reply. A clock that is 5 minutes off fails, since
  // services refuse its dates; one that is a minute off is a warning.
  void judge_connection(http::Origin const& origin);
  void judge_clock(http::Response const& response, base::System now);

 private:
  Examined examined_;
  std::vector<bool> judged_;
};

// "1 message", "5 messages".
std::string counted(std::uint64_t number, std::string const& noun);
// "59 minutes": for lifetimes and differences of clocks.
std::string span_text(std::chrono::seconds span);

}  // namespace storage
