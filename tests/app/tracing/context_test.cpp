#include "app/tracing/context.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace {

using namespace app::tracing;

constexpr std::string_view theirs = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(TraceContext, ComesBackAsItWas) {
  auto const context = parse_traceparent(theirs);
  ASSERT_TRUE(context.has_value());
  EXPECT_TRUE(context->sampled);
  EXPECT_EQ(trace_hex(context->trace), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(span_hex(context->span), "b7ad6b7169203331");
  EXPECT_EQ(to_string(*context), theirs);
  EXPECT_EQ(to_string(*context).size(), traceparent_size);
}

TEST(TraceContext, KnowsOnlyTheSampledFlag) {
  auto const with_flags = [](std::string const& flags) {
    auto const context = parse_traceparent(std::string(theirs.substr(0, 53)) + flags);
    return context ? to_string(*context).substr(53) : "none";
  };
  EXPECT_EQ(with_flags("00"), "00");
  EXPECT_EQ(with_flags("03"), "01");
  EXPECT_EQ(with_flags("fe"), "00");
}

TEST(TraceContext, TakesALaterVersionByItsFirstFields) {
  EXPECT_TRUE(parse_traceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-comes-later"));
  EXPECT_TRUE(parse_traceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
  EXPECT_FALSE(parse_traceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.what"));
}

TEST(TraceContext, TakesNothingElse) {
  for (auto const* text : {"", "00", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
                           "00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01",
                           "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                           "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                           "00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01",
                           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
                           "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
                           "0x-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"})
    EXPECT_FALSE(parse_traceparent(text).has_value()) << text;
}

class Scripted final : public base::Random {
 public:
  explicit Scripted(std::deque<std::uint64_t> numbers) : numbers_(std::move(numbers)) {}
  std::uint64_t next() override {
    auto const number = numbers_.front();
    numbers_.pop_front();
    return number;
  }

 private:
  std::deque<std::uint64_t> numbers_;
};

TEST(TraceContext, NeverDrawsTheIdThatMeansNone) {
  Scripted random({0, 0, 1});
  EXPECT_EQ(span_hex(new_span_id(random)), "0100000000000000");
}

}  // namespace
