#include "producer/load/profile_text.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "app/parse.hpp"
#include "producer/load/marked.hpp"

namespace producer {

using base::Errc;
using base::Error;
using base::Result;

namespace {

constexpr double endless = std::numeric_limits<double>::infinity();
constexpr double fastest = 1e7;  // messages a second: beyond what any machine sends

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::vector<Stretch> all() {
    std::vector<Stretch> stretches;
    for (;;) {
      skip_space(true);
      if (done() && !stretches.empty()) return stretches;
      if (!stretches.empty() && std::isinf(stretches.back().seconds))
        fail("the stretch before this one never ends; give it a length, as /60s");
      auto more = one();
      auto const times = repeats();
      for (std::uint64_t i = 0; i < times; ++i) stretches.insert(stretches.end(), more.begin(), more.end());
      if (stretches.size() > 100'000) fail("more than 100,000 stretches");
      skip_space(false);
      if (done()) return stretches;
      if (!take("+") && !at_line_end()) fail("'+' or the end was expected here");
    }
  }

 private:
  [[noreturn]] void fail(std::string message) const { throw Complaint{at_, std::move(message)}; }
  bool done() const { return at_ >= text_.size(); }
  bool at_line_end() const { return !done() && (text_[at_] == '\n' || text_[at_] == '#'); }
  bool take(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  void expect(std::string_view word, char const* meaning) {
    if (!take(word)) fail("'" + std::string(word) + "' was expected here, " + meaning);
  }
  void skip_space(bool lines) {
    while (!done()) {
      char const c = text_[at_];
      if (lines && c == '#')
        at_ = std::min(text_.find('\n', at_), text_.size());
      else if (c == ' ' || c == '\t' || c == '\r' || (lines && c == '\n'))
        ++at_;
      else
        return;
    }
  }

  double rate() {
    auto const end = text_.find_first_not_of("0123456789.", at_);
    auto digits = text_.substr(at_, end == text_.npos ? text_.npos : end - at_);
    // In 0..500 the dots stand between two numbers.
    if (auto const dots = digits.find(".."); dots != digits.npos) digits = digits.substr(0, dots);
    auto const value = app::parse_decimal(digits);
    if (digits.empty() || !value) fail("a rate, as 200 or 0.5, was expected here");
    if (*value > fastest) fail("more than 10,000,000 messages a second");
    at_ += digits.size();
    return *value;
  }
  double time(char const* meaning) {
    auto const end = text_.find_first_not_of("0123456789.abcdefghijklmnopqrstuvwxyz", at_);
    auto const word = text_.substr(at_, end == text_.npos ? text_.npos : end - at_);
    auto const value = app::parse_duration(word);
    if (!value || value->count() <= 0)
      fail("a time greater than zero, as 30s or 5m, was expected here, " + std::string(meaning));
    at_ += word.size();
    return std::chrono::duration<double>(*value).count();
  }
  std::uint64_t repeats() {
    if (!take("*")) return 1;
    auto const end = text_.find_first_not_of("0123456789", at_);
    auto const word = text_.substr(at_, end == text_.npos ? text_.npos : end - at_);
    auto const value = app::parse_whole(word, 1, 10'000);
    if (!value) fail("a number of times, 1 to 10,000, was expected here");
    at_ += word.size();
    return *value;
  }

  std::vector<Stretch> one() {
    if (take("constant:")) return constant();
    if (take("ramp:")) return ramp();
    if (take("step:")) return step();
    if (take("spike:")) return spike();
    if (take("sine:")) return sine();
    fail("constant:, ramp:, step:, spike: or sine: was expected here");
  }
  static Stretch flat(double rate, double seconds) { return {rate, rate, 0, 1, seconds}; }

  std::vector<Stretch> constant() {
    double const level = rate();
    if (take("/")) return {flat(level, time("how long it lasts"))};
    if (level == 0) fail("a rate of 0 for ever sends nothing; give it a length, as /10s, for a pause");
    return {flat(level, endless)};
  }
  std::vector<Stretch> ramp() {
    double const from = rate();
    expect("..", "between the first rate and the last");
    double const to = rate();
    expect("/", "before how long the ramp takes");
    return {{from, to, 0, 1, time("how long the ramp takes")}};
  }
  std::vector<Stretch> step() {
    std::vector<Stretch> steps{flat(rate(), 0)};
    while (take(",")) steps.push_back(flat(rate(), 0));
    expect("/", "before how long each step lasts");
    double const seconds = time("how long each step lasts");
    for (auto& each : steps) each.seconds = seconds;
    return steps;
  }
  std::vector<Stretch> spike() {
    double const base = rate();
    expect(",", "between the usual rate and the spike's");
    double const peak = rate();
    expect("@", "before when the spike comes");
    double const before = time("when the spike comes");
    expect("/", "before how long the spike lasts");
    return {flat(base, before), flat(peak, time("how long the spike lasts")), flat(base, before)};
  }
  std::vector<Stretch> sine() {
    double const middle = rate();
    if (!take("±") && !take("+-")) fail("'±' or '+-' was expected here, between the middle and the swing");
    auto const at = at_;
    double const swing = rate();
    if (swing > middle) {
      at_ = at;
      fail("the swing is greater than the middle: the rate would be negative");
    }
    expect("/", "before the length of a period");
    double const period = time("the length of a period");
    return {{middle, middle, swing, period, period}};
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Result<Profile> parse_profile(std::string_view text) {
  try {
    Profile profile(Reader(text).all());
    if (auto const length = profile.length(); length && profile.due_by(*length) == 0)
      return Error(Errc::invalid, "is a profile without a message: every rate in it is 0");
    return profile;
  } catch (Complaint const& complaint) {
    return Error(Errc::invalid, "is not a profile: " + marked(text, complaint));
  }
}

}  // namespace producer
