#include "http/curl/dialer.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/clock.hpp"

namespace http::curl {
namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds between_trials{250};
constexpr int seconds_between_probes = 60;

// errno says why there is none.
int open_socket(int family) {
  int const made = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
  if (made < 0) return made;
  int const on = 1;
  // A request leaves in one write, and must not wait for the answer to the one before. And the other side may
  // be gone without a word.
  ::setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(made, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  for (int const option : {TCP_KEEPIDLE, TCP_KEEPINTVL})
    ::setsockopt(made, IPPROTO_TCP, option, &seconds_between_probes, sizeof seconds_between_probes);
  return made;
}

}  // namespace

// One address that has not answered yet.
struct Dialer::Trial {
  Trial(asio::any_io_executor const& executor, int socket) : descriptor(executor, socket) {}

  asio::posix::stream_descriptor descriptor;
};

struct Dialer::Attempt {
  explicit Attempt(asio::any_io_executor const& executor) : link(std::make_unique<Link>()), timer(executor) {}

  std::unique_ptr<Link> link;  // null once the attempt has ended
  std::string host;
  std::uint16_t port = 0;
  base::Steady deadline{};
  std::vector<Address> addresses;
  std::size_t next = 0;  // of the addresses
  std::vector<std::shared_ptr<Trial>> trials;
  std::string why;  // the last trial failed
  asio::steady_timer timer;
};

Dialer::Dialer(asio::any_io_executor executor, std::shared_ptr<Resolver> resolver, Listener& listener)
    : executor_(std::move(executor)), listener_(listener), resolver_(std::move(resolver)) {}

Dialer::~Dialer() { close(); }

base::Result<Link*> Dialer::begin(Destination const& destination) {
  auto const attempt = std::make_shared<Attempt>(executor_);
  attempt->host = destination.origin.host;
  attempt->port = destination.origin.port;
  attempt->deadline = destination.timeout.count() == 0
                          ? base::Steady::max()
                          : std::chrono::steady_clock::now() + destination.timeout;
  attempt->link->place = attempts_.size();
  attempts_.push_back(attempt);
  watch(attempt);
  resolver_->find(attempt->host, [weak = weak_from_this(), attempt](Found const& found) {
    if (auto const self = weak.lock(); self && attempt->link) self->found(attempt, found);
  });
  return attempt->link.get();
}

void Dialer::drop(Link& link) noexcept { take(link); }

void Dialer::close() noexcept {
  while (!attempts_.empty()) drop(*attempts_.back()->link);
  resolver_->close();
}

std::unique_ptr<Link> Dialer::take(Link& link) noexcept {
  auto const attempt = attempts_[link.place];
  attempts_.back()->link->place = link.place;
  std::swap(attempts_[link.place], attempts_.back());
  attempts_.pop_back();
  attempt->timer.cancel();
  boost::system::error_code ignored;
  for (auto const& trial : attempt->trials) trial->descriptor.close(ignored);
  attempt->trials.clear();
  return std::move(attempt->link);
}

void Dialer::found(std::shared_ptr<Attempt> const& attempt, Found const& found) {
  if (found.addresses.empty()) {
    fail(attempt, CURLE_COULDNT_RESOLVE_HOST, found.why);
    return;
  }
  attempt->addresses = found.addresses;
  try_next(attempt);
}

void Dialer::try_next(std::shared_ptr<Attempt> const& attempt) {
  while (attempt->next < attempt->addresses.size()) {
    Address address = attempt->addresses[attempt->next++];
    address.set_port(attempt->port);
    int const socket = open_socket(address.family());
    if (socket >= 0) {
      if (::connect(socket, reinterpret_cast<sockaddr const*>(&address.bytes), address.length) == 0) {
        stand(attempt, socket);
        return;
      }
      if (errno == EINPROGRESS) {
        await(attempt, attempt->trials.emplace_back(std::make_shared<Trial>(executor_, socket)));
        watch(attempt);
        return;
      }
    }
    attempt->why = std::strerror(errno);
    if (socket >= 0) ::close(socket);
  }
  if (!attempt->trials.empty()) {
    watch(attempt);
    return;
  }
  resolver_->forget(attempt->host);
  fail(attempt, CURLE_COULDNT_CONNECT, attempt->why);
}

void Dialer::await(std::shared_ptr<Attempt> const& attempt, std::shared_ptr<Trial> const& trial) {
  trial->descriptor.async_wait(asio::posix::descriptor_base::wait_write,
                               [weak = weak_from_this(), attempt, trial](boost::system::error_code error) {
                                 auto const self = weak.lock();
                                 if (self && !error && attempt->link) self->answered(attempt, trial);
                               });
}

void Dialer::answered(std::shared_ptr<Attempt> const& attempt, std::shared_ptr<Trial> const& trial) {
  int error = 0;
  socklen_t length = sizeof error;
  ::getsockopt(trial->descriptor.native_handle(), SOL_SOCKET, SO_ERROR, &error, &length);
  if (error == 0) {
    stand(attempt, trial->descriptor.release());
    return;
  }
  attempt->why = std::strerror(error);
  std::erase(attempt->trials, trial);
  try_next(attempt);
}

// For the next address, or the end.
void Dialer::watch(std::shared_ptr<Attempt> const& attempt) {
  auto wake = attempt->deadline;
  if (attempt->next != 0 && attempt->next < attempt->addresses.size())
    wake = std::min(wake, std::chrono::steady_clock::now() + between_trials);
  if (wake == base::Steady::max()) return;
  attempt->timer.expires_at(wake);
  attempt->timer.async_wait([weak = weak_from_this(), attempt](boost::system::error_code error) {
    auto const self = weak.lock();
    if (error || !self || !attempt->link) return;
    if (std::chrono::steady_clock::now() >= attempt->deadline)
      self->fail(attempt, CURLE_OPERATION_TIMEDOUT, "");
    else
      self->try_next(attempt);
  });
}

void Dialer::stand(std::shared_ptr<Attempt> const& attempt, int socket) {
  auto link = take(*attempt->link);
  link->stand(socket, true);
  listener_.connected(std::move(link));
}

void Dialer::fail(std::shared_ptr<Attempt> const& attempt, CURLcode code, std::string why) {
  auto link = take(*attempt->link);
  link->explain(std::move(why));
  listener_.failed(std::move(link), code);
}

}  // namespace http::curl
