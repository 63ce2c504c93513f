#include "producer/live.hpp"

#include "app/reading.hpp"
#include "app/summary.hpp"

namespace producer {

using app::Reading;
using app::Series;

std::vector<std::string> live_block(Headline const& headline, Series const& series) {
  if (!series.last()) return {};
  Reading const reading(series);
  std::string time = app::clock_of(reading.last("t"));
  if (headline.seconds) time += " of " + app::clock_of(*headline.seconds);
  std::string rate = reading.per_second("started") + "/s";
  if (reading.known("asked")) rate += " of " + app::rounded(reading.last("asked")) + "/s asked";
  std::string sent = reading.whole_total("sent");
  if (headline.count) sent += " of " + app::grouped(*headline.count);
  sent += "   in flight " + reading.whole("in_flight") + "   failed " + reading.whole_total("failed") +
          "   unknown " + reading.whole_total("unknown");
  if (reading.total("held_back") > 0) sent += "   held back " + reading.whole_total("held_back");
  std::vector<std::string> lines{
      "run " + headline.run + " → " + headline.queue + "   " + time,
      "rate     " + rate + "   " + reading.line("started"),
      "sent     " + sent,
      "latency  " + reading.quantiles("latency_ms") + "   " + reading.line("latency_ms.p99"),
  };
  if (reading.known("depth"))
    lines.push_back("depth    " + reading.whole("depth") + "   " + reading.line("depth"));
  if (auto const kinds = reading.errors(); !kinds.empty()) lines.push_back("errors   " + kinds);
  return lines;
}

std::string progress_line(Headline const& headline, Series const& series) {
  if (!series.last()) return "no message yet";
  Reading const reading(series);
  std::string text = "sent " + reading.whole_total("sent");
  if (headline.count) text += " of " + app::grouped(*headline.count);
  text += ", " + reading.per_second("started") + " a second, p99 ";
  text += reading.known("latency_ms.p99") ? app::rounded(reading.last("latency_ms.p99")) + " ms" : "none";
  if (reading.total("failed") > 0) text += ", failed " + reading.whole_total("failed");
  if (reading.total("unknown") > 0) text += ", unknown " + reading.whole_total("unknown");
  if (auto const kinds = reading.errors(); !kinds.empty()) text += " (" + kinds + ')';
  return text;
}

}  // namespace producer
