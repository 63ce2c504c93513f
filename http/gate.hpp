#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "http/origin.hpp"

namespace http {

// How fast requests to one service may go, for all loops of a process together. Open until the service
// throttles: then the pace is cut below what was last seen to pass, and grows with each second of success
// until it is twice that, and open again. Safe to use from several threads.
class Gate {
 public:
  static constexpr double least = 1;     // requests a second
  static constexpr double cut = 0.7;     // of the pace, for the throttles of one moment together
  static constexpr double growth = 0.1;  // of the pace at the last cut, each second
  static constexpr std::chrono::seconds longest_wait{10};  // a lease must be renewed in time, come what may

  // When the next request may go; its place is taken.
  base::Steady admit(base::Steady now);
  void throttled(base::Steady now, std::optional<std::chrono::milliseconds> hint);
  void succeeded(base::Steady now);
  // Requests a second; nothing while open.
  std::optional<double> pace() const;

 private:
  void count(base::Steady now);

  mutable std::mutex mutex_;
  std::optional<double> pace_;
  double at_cut_ = 0;         // the pace that was cut: from twice that on there is no need for a gate
  base::Steady next_{};       // the next free place
  base::Steady cut_until_{};  // throttles until then belong to the last cut
  base::Steady grown_{};
  base::Steady second_{};  // what was sent in it, and in the one before
  double sent_ = 0;
  double sent_before_ = 0;
};

// The gates of a process, by service: "https://account.queue.core.windows.net".
class Gates {
 public:
  std::shared_ptr<Gate> gate(Origin const& service);

 private:
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Gate>> gates_;
};

}  // namespace http
