// The values of options: numbers, durations, switches, what is done with a message.
#include <cmath>

#include "app/parse.hpp"
#include "consumer/processor.hpp"
#include "fuzz/must.hpp"
#include "fuzz/targets.hpp"

namespace {

template <class T>
void must_end_a_sentence(base::Result<T> const& value) {
  if (!value) fuzz::must(fuzz::is_sentence(value.error().message), "an error is one printable line");
}

}  // namespace

void fuzz::option_values(std::string_view input) {
  auto const whole = app::parse_whole(input, 3, 1'000);
  must_end_a_sentence(whole);
  if (whole) must(*whole >= 3 && *whole <= 1'000, "a number lies within its bounds");
  auto const decimal = app::parse_decimal(input);
  must_end_a_sentence(decimal);
  if (decimal) must(std::isfinite(*decimal) && *decimal >= 0, "a decimal is a number, and not negative");
  auto const duration = app::parse_duration(input);
  must_end_a_sentence(duration);
  if (duration)
    must(duration->count() >= 0 && *duration <= std::chrono::hours(24) * 36'500, "a duration is bounded");
  must_end_a_sentence(app::parse_flag(input));
  auto const process = consumer::parse_process(input);
  must_end_a_sentence(process);
  if (process) must(process->time.count() >= 0, "work takes time");
}
