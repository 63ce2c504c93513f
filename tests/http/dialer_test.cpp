#include "http/curl/dialer.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace {

using http::curl::Address;
using http::curl::Dialer;
using http::curl::Found;
using http::curl::Link;
using namespace std::chrono_literals;

Address loopback(int last, int family = AF_INET) {
  Address made;
  if (family == AF_INET) {
    auto& address = reinterpret_cast<sockaddr_in&>(made.bytes);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(0x7F000000U + static_cast<unsigned>(last));
    made.length = sizeof address;
  } else {
    auto& address = reinterpret_cast<sockaddr_in6&>(made.bytes);
    address.sin6_family = AF_INET6;
    address.sin6_addr.s6_addr[15] = static_cast<unsigned char>(last);
    made.length = sizeof address;
  }
  return made;
}

// Listens on one address, on the port of another where that is given.
class Listening {
 public:
  explicit Listening(int last, std::uint16_t port = 0, int backlog = 16)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    auto address = loopback(last);
    address.set_port(port);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr const*>(&address.bytes), address.length), 0);
    EXPECT_EQ(::listen(socket_, backlog), 0);
  }
  ~Listening() {
    for (int const each : fillers_) ::close(each);
    ::close(socket_);
  }
  Listening(Listening const&) = delete;
  Listening& operator=(Listening const&) = delete;

  sockaddr_in name() const {
    sockaddr_in bound{};
    socklen_t length = sizeof bound;
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&bound), &length);
    return bound;
  }
  std::uint16_t port() const { return ntohs(name().sin_port); }
  // Whoever comes next waits, for the kernel answers nobody beyond those who wait already.
  void fill() {
    auto const to = name();
    for (int i = 0; i < 4; ++i) {
      fillers_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      static_cast<void>(::connect(fillers_.back(), reinterpret_cast<sockaddr const*>(&to), sizeof to));
    }
  }
  bool taken() const { return ::accept(socket_, nullptr, nullptr) >= 0; }

 private:
  int socket_;
  std::vector<int> fillers_;
};

class Given final : public http::curl::Resolver {
 public:
  Given(boost::asio::io_context& loop, Found found)
      : Resolver(loop.get_executor()), loop_(loop), found_(std::move(found)) {}
  void find(std::string const&, Done done) override {
    boost::asio::post(loop_, [this, done] { done(found_); });
  }
  void forget(std::string const& host) override { forgotten.push_back(host); }

  std::vector<std::string> forgotten;

 private:
  boost::asio::io_context& loop_;
  Found found_;
};

class Dialing : public testing::Test, private http::curl::Connector::Listener {
 protected:
  Link& dial(Found found, std::uint16_t port, std::chrono::milliseconds timeout = 10s) {
    resolver = std::make_shared<Given>(loop, std::move(found));
    dialer = std::make_shared<Dialer>(loop.get_executor(), resolver, static_cast<Listener&>(*this));
    return *dialer->begin({{"http", "service.test", port}, nullptr, nullptr, timeout}).value();
  }
  // The last byte of the address that answered.
  int reached() const {
    sockaddr_in peer{};
    socklen_t length = sizeof peer;
    if (!standing || ::getpeername(standing->socket(), reinterpret_cast<sockaddr*>(&peer), &length) != 0)
      return -1;
    return static_cast<int>(ntohl(peer.sin_addr.s_addr) & 0xFFU);
  }

  boost::asio::io_context loop;
  std::shared_ptr<Given> resolver;
  std::shared_ptr<Dialer> dialer;
  std::unique_ptr<Link> standing;
  std::unique_ptr<Link> fallen;
  CURLcode code = CURLE_OK;

 private:
  void connected(std::unique_ptr<Link> link) override { standing = std::move(link); }
  void failed(std::unique_ptr<Link> link, CURLcode why) override {
    fallen = std::move(link);
    code = why;
  }
};

TEST_F(Dialing, GoesOnToTheNextAddressWhereOneRefuses) {
  Listening const second(3);
  dial({{loopback(2), loopback(1, AF_INET6), loopback(3)}, ""}, second.port());
  loop.run();
  EXPECT_EQ(reached(), 3);
  EXPECT_TRUE(resolver->forgotten.empty());
}

TEST_F(Dialing, TriesTheNextAddressBesideOneThatDoesNotAnswer) {
  Listening silent(2, 0, 0);
  silent.fill();
  Listening const second(3, silent.port());
  dial({{loopback(2), loopback(3)}, ""}, second.port());
  loop.run();
  EXPECT_EQ(reached(), 3);
}

TEST_F(Dialing, TakesTheFirstThatAnswers) {
  Listening const first(2);
  Listening const second(3, first.port());
  dial({{loopback(2), loopback(3)}, ""}, first.port());
  loop.run();
  EXPECT_EQ(reached(), 2);
  EXPECT_FALSE(second.taken());
}

TEST_F(Dialing, SaysWhyNoAddressAnswers) {
  auto const port = Listening(4).port();
  dial({{loopback(2), loopback(3)}, ""}, port);
  loop.run();
  EXPECT_EQ(code, CURLE_COULDNT_CONNECT);
  EXPECT_EQ(fallen->detail(), "Connection refused");
  EXPECT_THAT(resolver->forgotten, testing::ElementsAre("service.test"));
}

TEST_F(Dialing, SaysWhyANameHasNoAddress) {
  dial({{}, "Name or service not known"}, 80);
  loop.run();
  EXPECT_EQ(code, CURLE_COULDNT_RESOLVE_HOST);
  EXPECT_EQ(fallen->detail(), "Name or service not known");
}

TEST_F(Dialing, GivesUpWhereNobodyAnswersInTime) {
  Listening silent(2, 0, 0);
  silent.fill();
  dial({{loopback(2)}, ""}, silent.port(), 100ms);
  loop.run();
  EXPECT_EQ(code, CURLE_OPERATION_TIMEDOUT);
}

TEST_F(Dialing, TellsNothingOfWhatWasDropped) {
  Listening const there(2);
  auto& asking = dial({{loopback(2)}, ""}, there.port());
  dialer->drop(asking);
  loop.run();
  EXPECT_EQ(standing, nullptr);
  EXPECT_EQ(fallen, nullptr);
  EXPECT_FALSE(there.taken());
}

TEST_F(Dialing, TellsNothingOnceClosed) {
  Listening silent(2, 0, 0);
  silent.fill();
  dial({{loopback(2)}, ""}, silent.port());
  loop.run_one();  // it has its address
  dialer->close();
  loop.run();  // and this ends
  EXPECT_EQ(standing, nullptr);
  EXPECT_EQ(fallen, nullptr);
}

// Resolving: nothing here asks a name server.

class Resolving : public testing::Test {
 protected:
  Found find(std::string const& host) {
    Found got;
    resolver->find(host, [&](Found const& found) { got = found; });
    loop.restart();
    loop.run();
    return got;
  }
  static std::string text(Address const& address) {
    std::array<char, INET6_ADDRSTRLEN> into{};
    void const* const raw =
        address.family() == AF_INET
            ? static_cast<void const*>(&reinterpret_cast<sockaddr_in const&>(address.bytes).sin_addr)
            : &reinterpret_cast<sockaddr_in6 const&>(address.bytes).sin6_addr;
    return ::inet_ntop(address.family(), raw, into.data(), into.size());
  }
  static std::vector<std::string> texts(Found const& found) {
    std::vector<std::string> all;
    for (auto const& each : found.addresses) all.push_back(text(each));
    return all;
  }

  boost::asio::io_context loop;
  std::shared_ptr<http::curl::Resolver> resolver =
      std::make_shared<http::curl::Resolver>(loop.get_executor());
};

TEST_F(Resolving, TakesAnAddressForItself) {
  EXPECT_THAT(texts(find("127.0.0.9")), testing::ElementsAre("127.0.0.9"));
  EXPECT_THAT(texts(find("[2001:db8::1]")), testing::ElementsAre("2001:db8::1"));
  auto const scoped = find("[fe80::1%251]");
  ASSERT_EQ(scoped.addresses.size(), 1U);
  EXPECT_EQ(reinterpret_cast<sockaddr_in6 const&>(scoped.addresses[0].bytes).sin6_scope_id, 1U);
}

TEST_F(Resolving, KnowsLocalhostAndAllBelowIt) {
  for (char const* name : {"localhost", "account.queue.localhost"})
    EXPECT_THAT(texts(find(name)), testing::ElementsAre("::1", "127.0.0.1")) << name;
}

// A short form of an address: the system's resolver takes it, without a name server.
TEST_F(Resolving, AsksTheSystemOnceForAllWhoAskAtATime) {
  std::vector<std::vector<std::string>> all;
  for (int i = 0; i < 3; ++i)
    resolver->find("127.9", [&](Found const& found) { all.push_back(texts(found)); });
  loop.run();
  EXPECT_THAT(all, testing::Each(testing::ElementsAre("127.0.0.9")));
  EXPECT_EQ(all.size(), 3U);
  EXPECT_THAT(texts(find("127.9")), testing::ElementsAre("127.0.0.9"));  // as found before
  resolver->forget("127.9");
  EXPECT_THAT(texts(find("127.9")), testing::ElementsAre("127.0.0.9"));
}

TEST_F(Resolving, SaysWhyThereIsNone) {
  auto const found = find(std::string(300, 'a'));  // longer than any name
  EXPECT_TRUE(found.addresses.empty());
  EXPECT_NE(found.why, "");
}

TEST_F(Resolving, WaitsForNothingOnceClosed) {
  bool told = false;
  resolver->find("127.9", [&](Found const&) { told = true; });
  resolver->close();
  loop.run();
  EXPECT_FALSE(told);
}

TEST(FamiliesInTurn, BeginsWithTheFirstAndLosesNone) {
  std::vector<int> order;
  for (auto const& each : http::curl::families_in_turn(
           {loopback(1, AF_INET6), loopback(2, AF_INET6), loopback(3, AF_INET6), loopback(4), loopback(5)}))
    order.push_back(each.family());
  EXPECT_THAT(order, testing::ElementsAre(AF_INET6, AF_INET, AF_INET6, AF_INET, AF_INET6));
}

}  // namespace
