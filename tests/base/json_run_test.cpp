#include "base/json_run.hpp"

#include <gtest/gtest.h>

#include <string>

namespace base {
namespace {

std::size_t run(std::string const& text) {
  return static_cast<std::size_t>(json_run(text.data(), text.data() + text.size()) - text.data());
}

TEST(JsonRun, EndsAtEachByteThatNeedsAnEscapeAndAtNoOther) {
  for (int value = 0; value < 256; ++value) {
    bool const special = value < 0x20 || value == '"' || value == '\\';
    for (std::size_t size = 1; size < 20; ++size)
      for (std::size_t at = 0; at < size; ++at) {
        std::string text(size, 'x');
        text[at] = static_cast<char>(value);
        ASSERT_EQ(run(text), special ? at : size) << value << " at " << at << " of " << size;
      }
  }
}

TEST(JsonRun, EndsAtTheFirstOfSeveral) {
  for (std::size_t size = 0; size < 20; ++size) {
    EXPECT_EQ(run(std::string(size, 'x') + "\"\x01\\\"! \x7f\x80\xff"), size);
    EXPECT_EQ(run(std::string(size, '\xff') + "\\\\]#\x1f"), size);
  }
  EXPECT_EQ(run(""), 0U);
}

}  // namespace
}  // namespace base
