#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "stub/queue.hpp"
#include "stub/request.hpp"
#include "stub/table.hpp"

namespace stub {

// What is counted of all that came, so that a bench can check what its clients claim.
struct Counts {
  std::uint64_t connections = 0;
  std::uint64_t requests = 0;   // to the services; those to the control path are not counted
  std::uint64_t bytes_in = 0;   // of requests, heads included
  std::uint64_t bytes_out = 0;  // of replies
  std::uint64_t sent = 0;       // messages put on queues
  std::uint64_t received = 0;   // messages handed out
  std::uint64_t empty_receives = 0;
  std::uint64_t deleted = 0;  // messages that a delete found
  std::uint64_t renewed = 0;
  std::uint64_t rows = 0;  // written, those over an older one included
  std::uint64_t throttled = 0;
  std::int64_t first_request_ns = 0;                          // by the monotonic clock
  std::map<std::string, std::uint64_t, std::less<>> actions;  // requests by name
};

struct Settings {
  std::chrono::microseconds latency{0};
  double throttle = 0;  // messages sent, messages received and rows written a second, each; 0: no limit
  std::chrono::milliseconds stall_after{0};  // from the first request on
  std::chrono::milliseconds stall{0};        // how long nothing is answered then; 0: never
};

// Lets so many things pass a second, and a tenth of a second's worth at once.
class Bucket {
 public:
  bool take(double rate, double wanted, Time now);

 private:
  double tokens_ = 0;
  std::optional<Time> last_;
};

// The account of both clouds: queues, tables, counts. Whatever is named exists. Signatures are not checked.
class Cloud {
 public:
  explicit Cloud(Settings settings) : settings_(settings) {}

  // Appends the reply to `out`. Nothing where the request is a long poll that finds nothing yet: it is to be
  // asked again when `arrivals` has grown, and at the time given, then with `last` set.
  std::optional<Time> answer(Request const& request, std::string& out, Time now, bool last);
  // When a reply that is ready now may leave: latency and stalls.
  Time due(Time now);

  Counts counts;
  std::uint64_t arrivals = 0;  // messages that became visible by a send
  std::string counts_json() const;
  static bool is_control(Request const& request) { return request.path.starts_with("/_stub/"); }

 private:
  friend struct Azure;
  friend struct Aws;
  void control(Request const& request, std::string& out, Time now);
  void count(std::string_view action);
  bool admit(Bucket& bucket, std::size_t wanted, Time now);
  Queue& queue(std::string_view name);
  Table& table(std::string_view name);

  Settings settings_;
  std::optional<Time> begun_;
  Time stall_until_{};
  bool stalled_ = false;
  Bucket sends_, receives_, writes_;
  std::map<std::string, Queue, std::less<>> queues_;
  std::map<std::string, Table, std::less<>> tables_;
  std::vector<Queue::Receipt> receipts_;  // kept for its capacity
};

}  // namespace stub
