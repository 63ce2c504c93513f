#include "auth/core/cached.hpp"

#include <gtest/gtest.h>

#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "base/gather.hpp"
#include "base/secret.hpp"
#include "fakes/timeline.hpp"

using base::Errc;
using base::Error;
using namespace std::chrono_literals;

namespace {

struct Token {
  base::Secret text;
  std::optional<base::System> expires_at;
  friend bool operator==(Token const&, Token const&) = default;
};

class Lines final : public base::Log {
 public:
  using base::Log::write;
  bool wants(base::Level) const override { return true; }
  void write(base::Level, std::string_view text, std::span<base::Field const>) override {
    lines.emplace_back(text);
  }
  std::vector<std::string> lines;
};

// A service that hands out tokens 1, 2, 3 … of `life`, each after `takes`.
class Cached : public testing::Test {
 protected:
  base::Task<Token> fetch() {
    auto const number = ++fetches;
    co_await timeline.sleep(takes);
    if (refusal) co_return *refusal;
    Token token;
    token.text = base::Secret(std::to_string(number));
    if (life > 0s) token.expires_at = timeline.system() + life;
    co_return token;
  }

  template <class T>
  T run(boost::asio::awaitable<T> task) {
    std::optional<T> value;
    boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr thrown, T result) {
      if (thrown) std::rethrow_exception(thrown);
      value.emplace(std::move(result));
    });
    timeline.run(io, [&] { return value.has_value(); });
    return std::move(value).value();
  }
  std::string get() {
    auto const token = run(cached.get());
    return token ? token->text.reveal() : "error: " + token.error().message;
  }
  // Everything that runs beside the callers.
  void pass(std::chrono::nanoseconds time) {
    boost::asio::co_spawn(io, timeline.sleep(time), boost::asio::detached);
    auto const until = timeline.steady() + time;
    timeline.run(io, [&] { return timeline.steady() >= until; });
  }

  boost::asio::io_context io;
  fakes::Timeline timeline;
  base::SeededRandom random{1};
  Lines log;
  int fetches = 0;
  std::chrono::seconds life = 1h;
  std::chrono::milliseconds takes = 50ms;
  std::optional<Error> refusal;
  auth::Cached<Token> cached{[this] { return fetch(); }, "the token", timeline, random, log};
};

}  // namespace

TEST_F(Cached, FetchesOnceForAThousandCallersOnAColdStart) {
  int got = 0;
  std::function<boost::asio::awaitable<void>(std::size_t)> const one =
      [&](std::size_t) -> boost::asio::awaitable<void> {
    auto const token = co_await cached.get();
    if (token && token->text.reveal() == "1") ++got;
  };
  bool done = false;
  boost::asio::co_spawn(io, base::gather(1000, 1000, one), [&](std::exception_ptr) { done = true; });
  timeline.run(io, [&] { return done; });
  EXPECT_EQ(got, 1000);
  EXPECT_EQ(fetches, 1);
}

TEST_F(Cached, KeepsASecretThatDoesNotExpire) {
  life = 0s;
  EXPECT_EQ(get(), "1");
  pass(1000h);
  EXPECT_EQ(get(), "1");
}

TEST_F(Cached, RenewsAheadOfExpiryWhileCallersKeepTheOldOne) {
  EXPECT_EQ(get(), "1");
  pass(40min);
  EXPECT_EQ(get(), "1");
  EXPECT_EQ(fetches, 1);
  pass(12min);
  auto const before = timeline.steady();
  EXPECT_EQ(get(), "1");
  EXPECT_EQ(timeline.steady(), before) << "a caller waited though it had a valid secret";
  pass(1s);
  EXPECT_EQ(get(), "2");
  EXPECT_EQ(fetches, 2);
}

TEST_F(Cached, DoesNotRenewAllAtTheSameMoment) {
  auto const renewed_after = [this](std::uint64_t seed) {
    base::SeededRandom chance(seed);
    auth::Cached<Token> own([this] { return fetch(); }, "the token", timeline, chance, log);
    EXPECT_TRUE(run(own.get()));
    auto const from = timeline.steady();
    auto const count = fetches;
    while (fetches == count) {
      pass(5s);
      EXPECT_TRUE(run(own.get()));
      pass(1s);
    }
    return std::chrono::duration_cast<std::chrono::seconds>(timeline.steady() - from);
  };
  auto const one = renewed_after(1);
  auto const other = renewed_after(2);
  EXPECT_NE(one, other);
  EXPECT_GE(std::min(one, other), 44min);
  EXPECT_LE(std::max(one, other), 52min);
}

TEST_F(Cached, NeverFailsInARunTwentyTimesTheLifeOfASecret) {
  life = 3s;
  for (int tick = 0; tick < 600; ++tick) {
    ASSERT_EQ(get().find("error"), std::string::npos);
    pass(100ms);
  }
  EXPECT_GE(fetches, 20);
  EXPECT_LE(fetches, 30);
}

TEST_F(Cached, ServesTheOldOneWhileRenewalFailsAndSaysSo) {
  EXPECT_EQ(get(), "1");
  refusal = Error(Errc::transient, "the authority is down");
  pass(55min);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(get(), "1");
    pass(100ms);
  }
  EXPECT_EQ(fetches, 3) << "the hold-off was not kept";
  ASSERT_FALSE(log.lines.empty());
  EXPECT_EQ(log.lines[0],
            "the token could not be renewed and stays in use until it expires: the authority is down");
  pass(6min);
  EXPECT_EQ(get(), "error: the authority is down");
  refusal.reset();
  pass(2min);
  EXPECT_EQ(get().find("error"), std::string::npos);
}

TEST_F(Cached, HoldsOffAfterAFailureAndTellsTheCallerForHowLong) {
  refusal = Error(Errc::transient, "the authority is down");
  refusal->maybe_applied = true;
  auto const first = run(cached.get());
  ASSERT_FALSE(first);
  EXPECT_FALSE(first.error().maybe_applied) << "the caller's own request was never sent";
  pass(400ms);
  auto const second = run(cached.get());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().retry_after, 600ms);
  EXPECT_EQ(fetches, 1);
  refusal.reset();
  pass(600ms);
  EXPECT_EQ(get(), "2");
}

TEST_F(Cached, HoldsOffLongerFromFailureToFailure) {
  refusal = Error(Errc::denied, "no such tenant");
  for (int tick = 0; tick < 600; ++tick) {
    EXPECT_EQ(get(), "error: no such tenant");
    pass(100ms);
  }
  EXPECT_GE(fetches, 5);
  EXPECT_LE(fetches, 7);
}

TEST_F(Cached, DropsOnlyTheSecretThatWasRefused) {
  auto const old = run(cached.get()).value();
  EXPECT_TRUE(cached.invalidate(old));
  EXPECT_EQ(get(), "2");
  EXPECT_TRUE(cached.invalidate(old)) << "a newer one is at hand: sending again makes sense";
  EXPECT_EQ(get(), "2");
  EXPECT_EQ(fetches, 2);
}

TEST_F(Cached, DoesNotFetchInALoopWhereEverySecretIsRefused) {
  int resent = 0;
  for (int tick = 0; tick < 600; ++tick) {
    auto const token = run(cached.get()).value();
    if (cached.invalidate(token)) ++resent;
    pass(100ms);
  }
  EXPECT_GE(resent, 4);
  EXPECT_LE(resent, 8);
  EXPECT_LE(fetches, 9);
}

TEST_F(Cached, IsRefusedNowAndThenWithoutHoldingOff) {
  for (int hour = 0; hour < 10; ++hour) {
    auto const token = run(cached.get()).value();
    EXPECT_TRUE(cached.invalidate(token)) << hour;
    pass(10s);
  }
}

TEST_F(Cached, LetsACallerGoThatIsToldToStop) {
  takes = 1h;
  std::stop_source stop;
  std::optional<base::Result<Token>> result;
  boost::asio::co_spawn(io, cached.get(stop.get_token()),
                        [&](std::exception_ptr, base::Result<Token> got) { result = std::move(got); });
  pass(1s);
  EXPECT_FALSE(result.has_value());
  stop.request_stop();
  timeline.run(io, [&] { return result.has_value(); });
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->error().code, Errc::cancelled);
}

TEST_F(Cached, TurnsWhatAFetchThrowsIntoAnError) {
  auth::Cached<Token> throwing([]() -> base::Task<Token> { throw std::runtime_error("out of luck"); },
                               "the token", timeline, random, log);
  auto const token = run(throwing.get());
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().message, "the token could not be fetched: out of luck");
}

TEST_F(Cached, UsesASecretForAMomentThatHasExpiredByOurClock) {
  life = -5min;
  auth::Cached<Token> skewed(
      [this]() -> base::Task<Token> {
        ++fetches;
        Token token;
        token.expires_at = timeline.system() - 5min;
        co_return token;
      },
      "the token", timeline, random, log);
  EXPECT_TRUE(run(skewed.get()));
  EXPECT_TRUE(run(skewed.get()));
  EXPECT_EQ(fetches, 1);
  pass(2s);
  EXPECT_TRUE(run(skewed.get()));
  EXPECT_EQ(fetches, 2);
}

TEST_F(Cached, MayEndBeforeItsFetchDoes) {
  takes = 1h;
  {
    auth::Cached<Token> brief([this] { return fetch(); }, "the token", timeline, random, log);
    boost::asio::co_spawn(io, brief.get(), [](std::exception_ptr, base::Result<Token>) {});
    pass(1s);
  }
  pass(2h);
  EXPECT_EQ(fetches, 1);
}
