#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/curl/client.hpp"
#include "http/curl/connection.hpp"
#include "http/curl/connector.hpp"
#include "http/curl/exchange.hpp"

namespace http::curl {

// HTTP/1.1 over connections: one request at a time on each, idle ones kept for the next.
// All sockets are in one epoll set, edge-triggered, of which Asio waits for the whole: a request then costs
// no registration. Use from one thread only.
class Core final : public std::enable_shared_from_this<Core>, private Connector::Listener {
 public:
  Core(boost::asio::any_io_executor executor, Settings settings, Trust trust, Proxies proxies,
       base::Log& log);
  ~Core() override;

  boost::asio::any_io_executor const& executor() const { return executor_; }
  // Begins the exchange; it must be kept until it is finished or forgotten. cancelled: already closed.
  std::optional<Error> start(Exchange& exchange);
  // Ends an exchange that nobody waits for any longer.
  void forget(Exchange& exchange) noexcept;
  // Ends all exchanges as cancelled and closes every connection.
  void close() noexcept;

 private:
  void connected(std::unique_ptr<Link> link) override;
  void failed(std::unique_ptr<Link> link, CURLcode code) override;

  Result<Route*> route(Origin const& origin);
  std::optional<Error> connect(Exchange& exchange);
  Result<Connector*> connector(Proxy const* proxy);
  static bool crowded(Route const& route);
  void queue(Exchange& exchange);
  void unqueue(Exchange& exchange) noexcept;
  void watch_queue();
  void go_through_queue(std::chrono::milliseconds wait);
  static void dialed(Exchange& exchange) noexcept;
  void serve(Connection& connection, Exchange& exchange);
  Result<std::shared_ptr<Tls>> tls(Request const& request);
  void shake_hands(Connection& connection);
  void stand(Connection& connection);
  Connection& adopt(std::unique_ptr<Link> link, Route& route);
  bool watched(Connection& connection);  // false: errno says why
  Connection* take_idle(Route& route);
  void keep(Connection& connection);
  void drop(Connection& connection) noexcept;
  void write(Connection& connection);
  void flush(Connection& connection);
  void read(Connection& connection);
  void look(Connection& connection);
  void conclude(Connection& connection, bool clean);
  void lose(Connection& connection, Failure::Kind kind, std::string detail);
  void part(Connection& connection) noexcept;
  void abandon(Exchange& exchange) noexcept;
  void fail(Exchange& exchange, Failure failure);
  void finish(Exchange& exchange);

  void wait();
  void turn();
  Connection* find(std::uint64_t mark) const;
  void watch(base::Steady deadline);
  void sweep();
  base::Steady deadline_of(Exchange const& exchange) const;

  boost::asio::any_io_executor executor_;
  Settings settings_;
  std::shared_ptr<Trust> trust_;
  std::shared_ptr<Tls> tls_;  // null until it's needed: reading the system's authorities takes its time
  Proxies proxies_;
  base::Log& log_;
  std::shared_ptr<Connector> direct_;
  std::shared_ptr<Connector> tunnels_;  // null until a proxy is needed
  std::vector<std::unique_ptr<Route>> routes_;
  std::vector<std::unique_ptr<Connection>> connections_;  // by file descriptor
  std::vector<Exchange*> under_way_;
  std::size_t idle_ = 0;
  std::uint32_t births_ = 0;
  std::string out_;             // where a request is put together
  std::unique_ptr<char[]> in_;  // where its answer is read
  boost::asio::posix::stream_descriptor poll_;
  boost::asio::steady_timer timer_;
  std::optional<base::Steady> armed_;  // when timer_ will wake us
  base::Steady now_{};                 // as of this turn
  boost::asio::steady_timer queue_timer_;
  bool queue_watched_ = false;
  bool waiting_ = false;
  bool closed_ = false;
};

}  // namespace http::curl
