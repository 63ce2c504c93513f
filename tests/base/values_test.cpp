#include <gmock/gmock.h>

#include <new>
#include <set>
#include <sstream>

#include "base/environment.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"

using namespace base;

TEST(Uuid, IsOfVersionFourAndItsOwnEachTime) {
  SeededRandom random(1);
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    auto const id = uuid(random);
    EXPECT_THAT(id,
                testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
    seen.insert(id);
  }
  EXPECT_EQ(seen.size(), 1000U);
}

TEST(Random, IsReplayedByItsSeed) {
  SeededRandom a(7), b(7), c(8);
  EXPECT_EQ(a.next(), b.next());
  EXPECT_NE(a.next(), c.next());
  for (int i = 0; i < 1000; ++i) {
    double const unit = a.unit();
    EXPECT_GE(unit, 0.0);
    EXPECT_LT(unit, 1.0);
    EXPECT_LT(a.below(10), 10U);
  }
  EXPECT_EQ(a.below(0), 0U);
  EXPECT_NE(entropy(), entropy());
}

TEST(Secret, PrintsAsStars) {
  std::ostringstream out;
  out << Secret("hunter2");
  EXPECT_EQ(out.str(), "***");
  EXPECT_EQ(Secret("a"), Secret("a"));
  EXPECT_NE(Secret("a"), Secret("b"));
  EXPECT_TRUE(Secret().empty());
}

TEST(Secret, IsWipedWhenItIsMovedOrReplaced) {
  for (std::string const& value : {std::string("short"), std::string(100, 'l')}) {
    Secret first{value};
    Secret second(std::move(first));
    EXPECT_EQ(second.reveal(), value);
    EXPECT_EQ(first.reveal(), "");  // NOLINT(bugprone-use-after-move): that it is empty is the point
    Secret third{"old"};
    third = std::move(second);
    EXPECT_EQ(third.reveal(), value);
    EXPECT_EQ(second.reveal(), "");  // NOLINT(bugprone-use-after-move)
    Secret const copy = third;
    EXPECT_EQ(copy.reveal(), third.reveal());
  }
}

TEST(Secret, IsWipedWhenItDies) {
  // A short value lies within the object itself, whose storage is ours to look at.
  alignas(Secret) std::array<unsigned char, sizeof(Secret)> storage{};
  auto* const secret = new (storage.data()) Secret("hunter2");
  auto const holds = [&storage] {
    return std::string_view(reinterpret_cast<char const*>(storage.data()), storage.size()).find("unter") !=
           std::string_view::npos;
  };
  EXPECT_TRUE(holds());
  secret->~Secret();
  EXPECT_FALSE(holds());
}

TEST(Environment, CountsAnEmptyVariableAsUnset) {
  Environment const environment({{"A", "1"}, {"B", ""}, {"EDW_X", "x"}, {"EDW_Y", "y"}, {"F", ""}});
  EXPECT_EQ(environment.get("A"), "1");
  EXPECT_FALSE(environment.has("B"));
  EXPECT_FALSE(environment.has("C"));
  EXPECT_THAT(environment.names("EDW_"), testing::ElementsAre("EDW_X", "EDW_Y"));
}

TEST(Environment, IsTakenFromTheProcessOnce) {
  ::setenv("EDW_TEST_VARIABLE", "a=b", 1);
  auto const environment = Environment::of_process();
  ::unsetenv("EDW_TEST_VARIABLE");
  EXPECT_EQ(environment.get("EDW_TEST_VARIABLE"), "a=b");
}

TEST(Error, IsDescribedWithWhatIsKnown) {
  Error error(Errc::denied, "the key was refused");
  EXPECT_EQ(describe(error), "the key was refused");
  error.http_status = 403;
  EXPECT_EQ(describe(error), "the key was refused (HTTP 403)");
  error.service_code = "AuthenticationFailed";
  error.request_id = "abc";
  EXPECT_EQ(describe(error), "the key was refused (HTTP 403, AuthenticationFailed, request id abc)");
}

TEST(Result, ThrowsItsSentenceWhenAnErrorIsTakenForAValue) {
  Result<int> const failed = Error(Errc::absent, "there is no such queue");
  try {
    static_cast<void>(failed.value());
    FAIL() << "an error has no value";
  } catch (std::runtime_error const& thrown) {
    EXPECT_STREQ(thrown.what(), "there is no such queue");
  }
}
