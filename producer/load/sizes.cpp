#include "producer/load/sizes.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "app/parse.hpp"
#include "producer/load/marked.hpp"

namespace producer {

using base::Errc;
using base::Error;
using base::Result;

namespace {

constexpr std::uint64_t largest = std::uint64_t{1} << 30;

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  [[noreturn]] void fail(std::string message) const { throw Complaint{at_, std::move(message)}; }
  bool take(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  void expect(std::string_view word, char const* meaning) {
    if (!take(word)) fail("'" + std::string(word) + "' was expected here, " + meaning);
  }
  double bytes() {
    auto const value = app::parse_whole(word("0123456789_"), 1, largest);
    if (!value) fail("a number of bytes, 1 to 1,073,741,824, was expected here");
    at_ = next_;
    return static_cast<double>(*value);
  }
  double number(char const* meaning, double most) {
    auto const value = app::parse_decimal(word("0123456789."));
    if (!value || *value > most) fail(meaning);
    at_ = next_;
    return *value;
  }
  void end() const {
    if (at_ < text_.size()) fail("nothing more was expected here");
  }
  std::size_t at() const { return at_; }
  void back_to(std::size_t at) { at_ = at; }

 private:
  std::string_view word(char const* characters) {
    next_ = std::min(text_.find_first_not_of(characters, at_), text_.size());
    auto whole = text_.substr(at_, next_ - at_);
    if (auto const dots = whole.find(".."); dots != whole.npos) whole = whole.substr(0, dots);
    next_ = at_ + whole.size();
    return whole;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t next_ = 0;
};

}  // namespace

Result<Sizes> Sizes::parse(std::string_view text) {
  Reader reader(text);
  try {
    Sizes sizes;
    if (reader.take("uniform:")) {
      auto const least = reader.bytes();
      reader.expect("..", "between the least and the most");
      auto const at = reader.at();
      auto const most = reader.bytes();
      if (most < least) {
        reader.back_to(at);
        reader.fail("the most is less than the least");
      }
      sizes = Sizes(Kind::uniform, least, most);
    } else if (reader.take("normal:")) {
      auto const mean = reader.bytes();
      reader.expect(",", "between the mean and the deviation");
      sizes = Sizes(Kind::normal, mean,
                    reader.number("a deviation in bytes, as 200, was expected here", largest));
    } else if (reader.take("lognormal:")) {
      auto const median = reader.bytes();
      reader.expect(",", "between the median and sigma");
      sizes = Sizes(Kind::lognormal, median,
                    reader.number("sigma of the logarithm, 0 to 10, as 0.5, was expected here", 10));
    } else if (reader.take("exp:")) {
      sizes = Sizes(Kind::exponential, reader.bytes(), 0);
    } else if (!text.empty() && text.front() >= '0' && text.front() <= '9') {
      sizes = Sizes(static_cast<std::uint64_t>(reader.bytes()));
    } else {
      reader.fail("a number of bytes, uniform:, normal:, lognormal: or exp: was expected here");
    }
    reader.end();
    return sizes;
  } catch (Complaint const& complaint) {
    return Error(Errc::invalid, "is not a size: " + marked(text, complaint));
  }
}

std::uint64_t Sizes::draw(base::Random& random) const {
  auto const normal = [&random] {  // Box and Muller
    double const radius = std::sqrt(-2 * std::log(1 - random.unit()));
    return radius * std::cos(2 * std::numbers::pi * random.unit());
  };
  double size = a_;
  if (kind_ == Kind::uniform) return least() + random.below(most() - least() + 1);
  if (kind_ == Kind::normal) size = a_ + b_ * normal();
  if (kind_ == Kind::lognormal) size = a_ * std::exp(b_ * normal());
  if (kind_ == Kind::exponential) size = -a_ * std::log(1 - random.unit());
  if (natural()) return 0;
  return static_cast<std::uint64_t>(std::llround(std::clamp(size, 1.0, static_cast<double>(largest))));
}

}  // namespace producer
