#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"

namespace app {

// A log in which trouble that repeats is two lines and not thousands: the first is written at once, those
// like it within `window` as one more, the latest of them, with how many they were (`repeated`). Lines are
// alike that differ in numbers and ids alone. Information and, at level debug, everything passes. Safe to use
// from several threads.
class Folding final : public base::Log {
 public:
  using Now = std::function<base::Steady()>;
  static constexpr std::chrono::seconds window{30};
  static constexpr std::size_t most_kinds = 100;  // at a time; what is of no kind known then is one kind

  explicit Folding(
      std::unique_ptr<base::Log> inner, Now now = [] { return std::chrono::steady_clock::now(); });
  ~Folding() override;

  bool wants(base::Level level) const override { return inner_->wants(level); }
  void write(base::Level level, std::string_view text, std::span<base::Field const> fields) override;
  using base::Log::write;

  // Writes what has been folded for a whole window; a thread of its own calls it in time.
  void write_due();

 private:
  struct Kind {
    base::Steady until;
    std::uint64_t repeated = 0;
    base::Level level = base::Level::warning;
    std::string text;
    std::vector<std::pair<std::string, std::string>> fields;
  };
  void write_due(base::Steady now);
  void write_folded(Kind& kind);
  void keep_time(std::stop_token const& stop);

  std::unique_ptr<base::Log> inner_;
  Now now_;
  std::mutex mutex_;
  std::map<std::string, Kind, std::less<>> kinds_;
  std::condition_variable_any woken_;
  std::jthread timekeeper_;  // from the first repetition on
};

// What lines that are alike have in common: numbers and ids are left out.
std::string kind_of(std::string_view text);

}  // namespace app
