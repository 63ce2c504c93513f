#include "http/reply.hpp"

#include <gtest/gtest.h>

using http::Reply;
using State = http::Reply::State;

namespace {

constexpr std::size_t cap = 1000;

Reply of(std::string_view text, bool to_head = false) {
  Reply reply(to_head, cap);
  reply.take(text);
  return reply;
}

}  // namespace

TEST(Reply, ReadsWhatItsLengthSays) {
  Reply reply(false, cap);
  std::string_view const text = "HTTP/1.1 207 Multi\r\nX-One:  a b \r\nContent-Length: 5\r\n\r\nhellomore";
  EXPECT_EQ(reply.take(text), text.size() - 4);
  EXPECT_EQ(reply.state(), State::whole);
  EXPECT_TRUE(reply.lasting());
  EXPECT_EQ(reply.response().status, 207);
  EXPECT_EQ(reply.response().body, "hello");
  EXPECT_EQ(*reply.response().headers.find("x-one"), "a b");
}

TEST(Reply, IsTheSameHoweverItIsCut) {
  std::string const text =
      "HTTP/1.1 100 Continue\r\nX-Interim: 1\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"
      "a;name=\"value\"\r\n0123456789\r\n3 \r\nabc\r\n0\r\nX-Trailer: 1\r\n\r\n";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    Reply reply(false, cap);
    std::size_t used = 0;
    while (used < text.size()) {
      ASSERT_FALSE(reply.over()) << "pieces of " << piece;
      used += reply.take(std::string_view(text).substr(used, piece));
    }
    EXPECT_EQ(reply.state(), State::whole) << "pieces of " << piece << ": " << reply.fault();
    EXPECT_TRUE(reply.lasting());
    EXPECT_EQ(reply.response().body, "0123456789abc");
    EXPECT_FALSE(reply.response().headers.find("X-Interim"));
    EXPECT_FALSE(reply.response().headers.find("X-Trailer"));
  }
}

TEST(Reply, HasNoBodyWhereNoneCanBe) {
  for (auto const* text : {"HTTP/1.1 204 X\r\nContent-Length: 5\r\n\r\n", "HTTP/1.1 304 X\r\n\r\n",
                           "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"})
    EXPECT_TRUE(of(text).lasting()) << text;
  EXPECT_TRUE(of("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true).lasting());
  EXPECT_TRUE(of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", true).lasting());
}

TEST(Reply, GoesOnToTheEndOfTheConnectionWhereNothingElseEndsIt) {
  for (auto const* version : {"HTTP/1.0", "HTTP/1.1"}) {
    auto reply = of(version + std::string(" 200 OK\n\nall of it"));
    EXPECT_EQ(reply.state(), State::body);
    reply.end();
    EXPECT_EQ(reply.state(), State::whole);
    EXPECT_FALSE(reply.lasting());
    EXPECT_EQ(reply.response().body, "all of it");
  }
}

TEST(Reply, IsNotWholeWhereTheConnectionEndsBeforeIt) {
  for (auto const* text : {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 100 Continue\r\n\r\n",
                           "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
                           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
                           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"}) {
    auto reply = of(text);
    reply.end();
    EXPECT_FALSE(reply.over()) << text;
    EXPECT_EQ(reply.begun(), *text != '\0');
  }
}

TEST(Reply, SaysWhetherTheConnectionMayServeAgain) {
  struct Case {
    char const* text;
    bool lasting;
  };
  for (auto const& [text, lasting] : {
           Case{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n", true},
           Case{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: Close\r\n\r\n", false},
           Case{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: upgrade, close\r\n\r\n", false},
           Case{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: closed\r\n\r\n", true},
           Case{"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", false},
           Case{"HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n", true},
           Case{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", false},
           Case{"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                false},
       }) {
    auto const reply = of(text);
    EXPECT_EQ(reply.state(), State::whole) << text;
    EXPECT_EQ(reply.lasting(), lasting) << text;
  }
}

TEST(Reply, IsBrokenWhereItCouldBeReadInTwoWays) {
  std::string const ok = "HTTP/1.1 200 OK\r\n";
  for (auto const& text : {std::string("SSH-2.0"),
                           std::string("HTTP/2 200\r\n\r\n"),
                           std::string("HTTP/1.1 20 OK\r\n\r\n"),
                           std::string("HTTP/1.1 2000 OK\r\n\r\n"),
                           std::string("HTTP/1.1 abc\r\n\r\n"),
                           std::string("\r\n\r\n"),
                           std::string("HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n"),
                           ok + "no header\r\n\r\n",
                           ok + "X A: b\r\n\r\n",
                           ok + "X-A : b\r\n\r\n",
                           ok + ": b\r\n\r\n",
                           ok + "X-A: b\r\n folded\r\n\r\n",
                           ok + "X-A: b\rX-B: c\r\n\r\n",
                           ok + "X-A: " + std::string("b\0c", 3) + "\r\n\r\n",
                           ok + "Content-Length: -5\r\n\r\n",
                           ok + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
                           ok + "Content-Length: 5, 6\r\n\r\n",
                           ok + "Content-Length: 99999999999999999999\r\n\r\n",
                           ok + "Content-Length:\r\n\r\n",
                           ok + "Transfer-Encoding: gzip, chunked\r\n\r\n",
                           ok + "Transfer-Encoding: identity\r\n\r\n",
                           ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
                           ok + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
                           ok + "Transfer-Encoding: chunked\r\n\r\n\r\n",
                           ok + "Transfer-Encoding: chunked\r\n\r\n-1\r\n",
                           ok + "Transfer-Encoding: chunked\r\n\r\n0x1\r\n",
                           ok + "Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
                           ok + "Transfer-Encoding: chunked\r\n\r\n11111111111111111\r\n"}) {
    auto const reply = of(text);
    EXPECT_EQ(reply.state(), State::broken) << text;
    EXPECT_NE(std::string(reply.fault()), "") << text;
    EXPECT_FALSE(reply.lasting()) << text;
  }
}

TEST(Reply, BelievesALengthThatIsSaidTwice) {
  EXPECT_EQ(of("HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\nContent-Length: 2\r\n\r\nab").response().body,
            "ab");
}

TEST(Reply, TakesNoMoreThanItIsAllowed) {
  for (std::string const text : {"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n",
                                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n",
                                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"})
    EXPECT_EQ(of(text).state(), State::too_large) << text;
  EXPECT_EQ(of("HTTP/1.1 200 OK\r\n\r\n" + std::string(1001, 'x')).state(), State::too_large);
  EXPECT_EQ(of("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'x')).state(),
            State::whole);
}

TEST(Reply, TakesNoEndlessHead) {
  std::string const filler = "X-Filler: " + std::string(1000, 'x') + "\r\n";
  for (std::string const begin :
       {"HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"}) {
    Reply reply(false, cap);
    reply.take(begin);
    std::size_t taken = 0;
    while (!reply.over() && taken < 2 * Reply::max_head) taken += reply.take(filler);
    EXPECT_EQ(reply.state(), State::broken) << begin;
    EXPECT_LE(taken, Reply::max_head + filler.size()) << begin;
  }
  Reply chattering(false, cap);
  std::string const interim = "HTTP/1.1 102 Processing\r\n\r\n";
  std::size_t taken = 0;
  while (!chattering.over() && taken < 2 * Reply::max_head) taken += chattering.take(interim);
  EXPECT_EQ(chattering.state(), State::broken);
}
