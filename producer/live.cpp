#include "producer/live.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "app/summary.hpp"

namespace producer {

namespace {

using app::Series;

// Reads a series by the names of its columns.
class Reading {
 public:
  explicit Reading(Series const& series) : series_(series), last_(*series.last()) {}

  double last(std::string_view name) const { return last_.at(series_.column(name)); }
  double total(std::string_view name) const { return series_.total(name); }
  std::string line(std::string_view name) const { return sparkline(series_.recent(name, 30)); }
  std::vector<std::string> const& columns() const { return series_.columns(); }

 private:
  Series const& series_;
  Series::Row last_;
};

std::string whole(double number) { return app::grouped(static_cast<std::uint64_t>(std::llround(number))); }

std::string per_second(Reading const& reading, std::string_view name) {
  double const seconds = reading.last("seconds");
  return app::rounded(seconds > 0 ? reading.last(name) / seconds : 0);
}

std::string quantiles(Reading const& reading, std::string const& name) {
  if (std::isnan(reading.last(name + ".max"))) return "none in this second";
  std::string text;
  for (auto const* each : {"p50", "p90", "p99", "max"})
    text +=
        std::string(text.empty() ? "" : " · ") + each + ' ' + app::rounded(reading.last(name + '.' + each));
  return text + " ms";
}

std::string errors(Reading const& reading) {
  std::string text;
  for (auto const& name : reading.columns()) {
    if (!name.starts_with("errors.")) continue;
    if (double const count = reading.total(name); count > 0)
      text += (text.empty() ? "" : " · ") + name.substr(sizeof("errors.") - 1) + ' ' + whole(count);
  }
  return text;
}

std::string clock_of(double seconds) {
  auto const whole_seconds = static_cast<std::uint64_t>(std::max(seconds, 0.0) + 0.5);
  auto const two = [](std::uint64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return (whole_seconds >= 3600 ? std::to_string(whole_seconds / 3600) + ':' : "") +
         two(whole_seconds / 60 % 60) + ':' + two(whole_seconds % 60);
}

}  // namespace

std::string sparkline(std::vector<double> const& values) {
  static constexpr std::array<char const*, 8> bars{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  double most = 0;
  for (double const value : values)
    if (!std::isnan(value)) most = std::max(most, value);
  std::string text;
  for (double const value : values) {
    double const share = most > 0 ? std::max(value, 0.0) / most : 0;
    text += std::isnan(value) ? " " : bars[static_cast<std::size_t>(std::lround(share * 7))];
  }
  return text;
}

std::vector<std::string> live_block(Headline const& headline, Series const& series) {
  if (!series.last()) return {};
  Reading const reading(series);
  std::string time = clock_of(reading.last("t"));
  if (headline.seconds) time += " of " + clock_of(*headline.seconds);
  std::string rate = per_second(reading, "started") + "/s";
  if (!std::isnan(reading.last("asked"))) rate += " of " + app::rounded(reading.last("asked")) + "/s asked";
  std::string sent = whole(reading.total("sent"));
  if (headline.count) sent += " of " + app::grouped(*headline.count);
  sent += "   in flight " + whole(reading.last("in_flight")) + "   failed " + whole(reading.total("failed")) +
          "   unknown " + whole(reading.total("unknown"));
  if (double const held = reading.total("held_back"); held > 0) sent += "   held back " + whole(held);
  std::vector<std::string> lines{
      "run " + headline.run + " → " + headline.queue + "   " + time,
      "rate     " + rate + "   " + reading.line("started"),
      "sent     " + sent,
      "latency  " + quantiles(reading, "latency_ms") + "   " + reading.line("latency_ms.p99"),
  };
  if (!std::isnan(reading.last("depth")))
    lines.push_back("depth    " + whole(reading.last("depth")) + "   " + reading.line("depth"));
  if (auto const kinds = errors(reading); !kinds.empty()) lines.push_back("errors   " + kinds);
  return lines;
}

std::string progress_line(Headline const& headline, Series const& series) {
  if (!series.last()) return "no message yet";
  Reading const reading(series);
  std::string text = "sent " + whole(reading.total("sent"));
  if (headline.count) text += " of " + app::grouped(*headline.count);
  text += ", " + per_second(reading, "started") + " a second, p99 ";
  text += std::isnan(reading.last("latency_ms.p99")) ? "none"
                                                     : app::rounded(reading.last("latency_ms.p99")) + " ms";
  if (double const failed = reading.total("failed"); failed > 0) text += ", failed " + whole(failed);
  if (double const lost = reading.total("unknown"); lost > 0) text += ", unknown " + whole(lost);
  if (auto const kinds = errors(reading); !kinds.empty()) text += " (" + kinds + ')';
  return text;
}

}  // namespace producer
