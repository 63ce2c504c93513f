#pragma once

#include <string_view>

#include "base/error.hpp"
#include "base/random.hpp"

namespace producer {

// How long bodies are, in bytes on the wire: as they come, always the same, or drawn for each message.
class Sizes {
 public:
  Sizes() = default;
  Sizes(std::uint64_t bytes)
      : kind_(bytes == 0 ? Kind::natural : Kind::exact), a_(static_cast<double>(bytes)), b_(a_) {}
  // "600", "uniform:200..4000", "normal:MEAN,DEVIATION", "lognormal:MEDIAN,SIGMA" (of the logarithm),
  // "exp:MEAN". Sizes are 1 byte to 1 GiB. invalid: the end of a sentence that points at the character.
  static base::Result<Sizes> parse(std::string_view text);

  bool natural() const { return kind_ == Kind::natural; }
  // Whether what is drawn may lie anywhere: it is then kept within what a run and its queue can take.
  bool unbounded() const { return kind_ > Kind::uniform; }
  std::uint64_t draw(base::Random& random) const;
  // The least and the most that will be drawn; of an unbounded distribution both are its middle. 0: natural.
  std::uint64_t least() const { return static_cast<std::uint64_t>(a_); }
  std::uint64_t most() const { return static_cast<std::uint64_t>(kind_ == Kind::uniform ? b_ : a_); }

 private:
  enum class Kind { natural, exact, uniform, normal, lognormal, exponential };
  Sizes(Kind kind, double a, double b) : kind_(kind), a_(a), b_(b) {}

  Kind kind_ = Kind::natural;
  double a_ = 0;  // the least, or the middle
  double b_ = 0;  // the most, or how wide
};

}  // namespace producer
