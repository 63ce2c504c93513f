#include "consumer/words.hpp"

#include <gmock/gmock.h>

namespace {

using testing::ElementsAre;

TEST(Words, ArePartedByBlanks) {
  EXPECT_THAT(*consumer::split_words("  python3 worker.py\t-x\n"), ElementsAre("python3", "worker.py", "-x"));
}

TEST(Words, AreKeptTogetherByQuotes) {
  EXPECT_THAT(*consumer::split_words(R"(a 'b c' "d e" f\ g 'it'"'"'s' "")"),
              ElementsAre("a", "b c", "d e", "f g", "it's", ""));
  EXPECT_THAT(*consumer::split_words(R"('\n' "\n" "\"\\\$" \\)"), ElementsAre("\\n", "\\n", "\"\\$", "\\"));
}

TEST(Words, ExpandNothing) {
  EXPECT_THAT(*consumer::split_words("echo $HOME * ; ls | cat `x`"),
              ElementsAre("echo", "$HOME", "*", ";", "ls", "|", "cat", "`x`"));
}

TEST(Words, AreRefusedWhereTheyHaveNoEnd) {
  for (char const* text : {"", "  ", "a 'b", "a \"b", "a\\", "''"})
    EXPECT_EQ(consumer::split_words(text).error().code, base::Errc::invalid) << text;
}

}  // namespace
