#include "consumer/processor.hpp"

#include "app/parse.hpp"
#include "consumer/words.hpp"

namespace consumer {

using base::Errc;
using base::Error;

base::Result<Process> parse_process(std::string_view text) {
  if (text == "none") return Process{};
  auto const equals = text.find('=');
  auto const kind = text.substr(0, equals);
  if (equals != std::string_view::npos && kind == "exec") {
    auto words = split_words(text.substr(equals + 1));
    if (!words) return words.error();
    return Process{Process::Kind::exec, {}, std::move(*words)};
  }
  if (equals == std::string_view::npos || (kind != "sleep" && kind != "cpu"))
    return Error(Errc::invalid, "is none of none, sleep=TIME, cpu=TIME and exec=CMD, as in sleep=50ms");
  auto const time = app::parse_duration(text.substr(equals + 1));
  if (!time) return time.error();
  return Process{kind == "sleep" ? Process::Kind::sleep : Process::Kind::cpu, *time, {}};
}

boost::asio::awaitable<base::Result<void>> carry_out(Process process, base::Clock& clock,
                                                     std::stop_token stop) {
  auto const until = clock.steady() + process.time;
  if (process.kind == Process::Kind::sleep) {
    co_await clock.sleep_until(until, stop);
    if (stop.stop_requested() && clock.steady() < until)
      co_return Error(Errc::cancelled, "the work was interrupted");
  }
  if (process.kind == Process::Kind::cpu) {
    while (clock.steady() < until) {
    }
  }
  co_return base::Result<void>();
}

}  // namespace consumer
