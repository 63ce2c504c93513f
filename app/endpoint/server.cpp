#include "app/endpoint/server.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/ip/v6_only.hpp>
#include <thread>

#include "app/endpoint/house.hpp"
#include "app/endpoint/session.hpp"

namespace app {

namespace asio = boost::asio;
using asio::ip::tcp;
using base::Errc;
using base::Error;
using boost::system::error_code;

namespace {

void close_on_exec(int descriptor) { fcntl(descriptor, F_SETFD, FD_CLOEXEC); }

error_code open_at(tcp::acceptor& acceptor, tcp::endpoint const& at) {
  error_code error;
  acceptor.open(at.protocol(), error);
  if (error) return error;
  close_on_exec(acceptor.native_handle());
  acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (at.address().is_v6() && at.address().is_unspecified())
    acceptor.set_option(asio::ip::v6_only(false), error);
  acceptor.bind(at, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    error_code ignored;
    acceptor.close(ignored);
  }
  return error;
}

std::string reason(error_code error, std::string const& where, std::uint16_t port) {
  auto const number = std::to_string(port);
  if (error == asio::error::address_in_use)
    return "port " + number + " is taken by another program: end that one, or choose another port";
  if (error == asio::error::access_denied)
    return "port " + number + " is not allowed to this user: choose one above 1023";
  return "can't listen on port " + number + (where.empty() ? "" : " of " + where) + ": " + error.message();
}

}  // namespace

class Server::Core {
 public:
  explicit Core(ServerLimits const& limits)
      : house_(std::make_shared<House>(io_, limits, work_)), acceptor_(io_), again_(io_), ticking_(io_) {}
  ~Core() {
    io_.stop();
    if (thread_.joinable()) thread_.join();
    house_->close();
  }

  base::Result<void> listen(std::string const& address, std::uint16_t port) {
    error_code error;
    if (address.empty()) {
      error = open_at(acceptor_, {tcp::v6(), port});
      bool const no_v6 = error == asio::error::address_family_not_supported ||
                         error == error_code(EADDRNOTAVAIL, boost::system::system_category());
      if (no_v6) error = open_at(acceptor_, {tcp::v4(), port});
    } else {
      auto const parsed = asio::ip::make_address(address, error);
      if (error) return Error(Errc::invalid, '"' + address + "\" is no IP address");
      error = open_at(acceptor_, {parsed, port});
    }
    if (error) return Error(Errc::invalid, reason(error, address, port));
    return {};
  }

  void start(Work work) {
    work_ = std::move(work);
    accept();
    tick();
    thread_ = std::thread([this] {
      // Messages come first where the processor is short; failing that, it is only less polite.
      setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), 10);
      io_.run();
    });
  }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  Refusals const& refusals() const { return house_->refusals(); }

 private:
  void accept() {
    acceptor_.async_accept([this](error_code error, tcp::socket socket) {
      if (!error) {
        close_on_exec(socket.native_handle());
        error_code ignored;  // answers are small: none waits for more
        socket.set_option(tcp::no_delay(true), ignored);
        std::make_shared<Session>(std::move(socket), house_)->start();
        house_->when_room([this] { accept(); });
        return;
      }
      // No descriptors left: what is open now will be closed.
      again_.expires_after(std::chrono::milliseconds(100));
      again_.async_wait([this](error_code cancelled) {
        if (!cancelled) accept();
      });
    });
  }

  void tick() {
    work_.tick();
    ticking_.expires_after(std::chrono::seconds(1));
    ticking_.async_wait([this](error_code cancelled) {
      if (!cancelled) tick();
    });
  }

  Work work_;
  asio::io_context io_{1};
  std::shared_ptr<House> house_;
  tcp::acceptor acceptor_;
  asio::steady_timer again_;
  asio::steady_timer ticking_;
  std::thread thread_;
};

base::Result<std::unique_ptr<Server>> Server::listen(std::string const& address, std::uint16_t port,
                                                     ServerLimits const& limits) {
  auto core = std::make_unique<Core>(limits);
  auto const listening = core->listen(address, port);
  if (!listening) return listening.error();
  return std::unique_ptr<Server>(new Server(std::move(core)));
}

Server::Server(std::unique_ptr<Core> core) : core_(std::move(core)) {}
Server::~Server() = default;
void Server::start(Work work) { core_->start(std::move(work)); }
std::uint16_t Server::port() const { return core_->port(); }
Server::Refusals const& Server::refusals() const { return core_->refusals(); }

}  // namespace app
