#include "producer/load/search_text.hpp"

#include <set>
#include <string>

#include "app/parse.hpp"
#include "producer/load/marked.hpp"

namespace producer {

using base::Errc;
using base::Error;
using base::Result;

namespace {

constexpr double fastest = 1e7;  // messages a second, as in profiles

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text), at_(search_word.size()) {}

  Bounds all() {
    expect(":", "before the bounds, as in find-max:p99<50ms");
    do one();
    while (take(","));
    if (take("/")) bounds_.hold = time("how long to keep each rate");
    if (at_ < text_.size()) fail("',', '/' and a time, or the end was expected here");
    if (!bounds_.p99 && !bounds_.backlog) fail("a bound is missing, as p99<50ms or backlog<1000");
    if (bounds_.from > bounds_.to) fail("from is higher than to");
    if (bounds_.hold < std::chrono::seconds(1)) fail("less than a second is too short to tell");
    return bounds_;
  }

 private:
  [[noreturn]] void fail(std::string message) const { throw Complaint{at_, std::move(message)}; }
  bool take(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  void expect(std::string_view word, char const* meaning) {
    if (!take(word)) fail("'" + std::string(word) + "' was expected here, " + meaning);
  }
  void once(std::string_view name) {
    if (!seen_.insert(name).second) fail(std::string(name) + " stands here twice");
  }
  void one() {
    if (take("p99<")) {
      once("p99");
      bounds_.p99 = time("what p99 must stay under");
    } else if (take("backlog<")) {
      once("backlog");
      auto const text = word("0123456789");
      auto const value = app::parse_whole(text, 1, 1'000'000'000'000);
      if (!value) fail("a number of messages, as 1000, was expected here");
      bounds_.backlog = *value;
      at_ += text.size();
    } else if (take("from=")) {
      once("from");
      bounds_.from = rate();
    } else if (take("to=")) {
      once("to");
      bounds_.to = rate();
    } else {
      fail("p99<, backlog<, from= or to= was expected here");
    }
  }
  std::string_view word(char const* letters) const {
    auto const end = text_.find_first_not_of(letters, at_);
    return text_.substr(at_, end == text_.npos ? text_.npos : end - at_);
  }
  double rate() {
    auto const text = word("0123456789.");
    auto const value = app::parse_decimal(text);
    if (text.empty() || !value || *value < 1 || *value > fastest)
      fail("a rate from 1 to 10,000,000 messages a second was expected here");
    at_ += text.size();
    return *value;
  }
  std::chrono::microseconds time(char const* meaning) {
    auto const text = word("0123456789.abcdefghijklmnopqrstuvwxyz");
    auto const value = app::parse_duration(text);
    if (!value || value->count() <= 0)
      fail("a time greater than zero, as 50ms or 5s, was expected here, " + std::string(meaning));
    at_ += text.size();
    return *value;
  }

  std::string_view text_;
  std::size_t at_;
  Bounds bounds_;
  std::set<std::string_view> seen_;
};

}  // namespace

Result<Bounds> parse_search(std::string_view text) {
  try {
    return Reader(text).all();
  } catch (Complaint const& complaint) {
    return Error(Errc::invalid, "is not a search: " + marked(text, complaint));
  }
}

}  // namespace producer
