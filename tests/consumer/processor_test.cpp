#include "consumer/processor.hpp"

#include <gtest/gtest.h>

namespace {

using consumer::Process;
using namespace std::chrono_literals;

TEST(ParseProcess, TakesEachKind) {
  EXPECT_EQ(consumer::parse_process("none")->kind, Process::Kind::none);
  EXPECT_EQ(consumer::parse_process("sleep=50ms")->kind, Process::Kind::sleep);
  EXPECT_EQ(consumer::parse_process("sleep=50ms")->time, 50ms);
  EXPECT_EQ(consumer::parse_process("cpu=5ms")->kind, Process::Kind::cpu);
}

TEST(ParseProcess, RefusesTheRest) {
  for (auto const* text : {"", "sleep", "sleep=", "sleep=x", "cpu=-1", "run=ls", "none=1"})
    EXPECT_TRUE(consumer::parse_process(text).has_error()) << text;
}

}  // namespace
