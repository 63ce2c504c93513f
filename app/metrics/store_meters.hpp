#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "app/metrics/sheet.hpp"
#include "base/clock.hpp"
#include "http/traffic.hpp"

namespace app {

// How long one kind of operation took, when it went well and by the kind of its error.
class Outcomes {
 public:
  void record(std::optional<base::Errc> error, std::chrono::nanoseconds taken) {
    taken_[error ? static_cast<std::size_t>(*error) + 1 : 0].record(taken);
  }
  // `labels` and error_type; errors only where there were any.
  void tell(Sheet& sheet, std::string_view name, Labels const& labels) const;

 private:
  std::array<base::Timings, http::Errors::size + 1> taken_;
};

// What the calls of one queue came to, on one event loop.
struct QueueMeters {
  std::string system;       // messaging_system
  std::string destination;  // messaging_destination_name
  Outcomes send, receive, ack, nack, extend, depth;
  base::Tally sent;
  http::Errors unsent;
  base::Tally received;
  base::Tally extended;
  http::Errors unextended;

  // The last counts of the queue; -1: not told.
  base::Reading<std::int64_t> total{-1}, visible{-1}, leased{-1}, delayed{-1};
  base::Reading<std::int64_t> counted_ns{0};  // by the steady clock; 0: never
  base::Reading<std::int64_t> reached_ns{0};  // the last answer that was no error
  base::Reading<std::int64_t> failing_ns{0};  // the first error since; 0: none
  base::Reading<base::Errc> last_error{base::Errc::transient};

  // The oldest of the messages received lately: in each of six spans of ten seconds, its age on arrival.
  static constexpr std::size_t spans = 6;
  struct Span {
    base::Reading<std::int64_t> number{-1};  // of ten seconds by the steady clock
    base::Reading<std::int64_t> age_ns{0};
  };
  std::array<Span, spans> arrivals;
  void arrived(base::Steady now, std::chrono::nanoseconds age);
  std::chrono::nanoseconds oldest_arrival(base::Steady now) const;

  void answered(base::Steady now, std::optional<base::Errc> error);
  // What a queue is used for: the other calls are not told of.
  enum class Use { sending, receiving };
  // All but the counts of the queue, which are one loop's to tell.
  void tell(Sheet& sheet, Use use) const;
  void tell_depth(Sheet& sheet) const;
};

// What the calls of one table came to, on one event loop.
struct TableMeters {
  std::string system;      // db_system_name
  std::string collection;  // db_collection_name
  Outcomes upsert, get, scan;

  void tell(Sheet& sheet) const;
};

// What stands last in a URI: the name of the queue or table.
std::string name_in(std::string_view uri);

// The label of an error's kind; empty for none.
std::string label_of(std::optional<base::Errc> error);

// One sample for each kind of error, also those that never came.
void tell_errors(Sheet& sheet, std::string_view name, Labels const& labels, http::Errors const& errors);

// Retries, throttles, attempts and the token of one event loop.
void tell(Sheet& sheet, http::Traffic const& traffic);

}  // namespace app
