#pragma once

#include <sys/socket.h>

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace http::curl {

// Where a socket can be connected to.
struct Address {
  sockaddr_storage bytes{};
  socklen_t length = 0;

  int family() const { return bytes.ss_family; }
  void set_port(std::uint16_t port);
};

// What a name came to: the addresses in the order they are to be tried, families in turn (RFC 8305 section
// 4), without a port; or none, and why.
struct Found {
  std::vector<Address> addresses;
  std::string why;
};

// Finds the addresses of hosts by the system's resolver, which blocks, in a thread for each name that is
// asked for; what it found holds for a minute. Use from one thread only.
// The first family's first, then the other's, and so on.
std::vector<Address> families_in_turn(std::vector<Address> const& addresses);

// Finds the addresses of hosts by the system's resolver, which blocks, in a thread for each name that is
// asked for; what it found holds for a minute. Use from one thread only.
class Resolver : public std::enable_shared_from_this<Resolver> {
 public:
  using Done = std::function<void(Found const&)>;

  explicit Resolver(boost::asio::any_io_executor executor);
  virtual ~Resolver();
  Resolver(Resolver const&) = delete;
  Resolver& operator=(Resolver const&) = delete;

  // `host` as an origin has it: a name, or an address, one of IPv6 in brackets. `done` is called from the
  // loop, never from inside; not at all once this is closed.
  virtual void find(std::string const& host, Done done);
  // What was found for it is of no use: ask again next time.
  virtual void forget(std::string const& host) { known_.erase(host); }
  // Does not wait for those that are being asked for.
  void close() noexcept;

 private:
  struct Known {
    Found found;
    base::Steady until;
  };
  struct Asked;

  void ask(std::string const& host, std::shared_ptr<Asked> const& asked);
  void answered(std::string const& host, Found const& found);

  boost::asio::any_io_executor executor_;
  std::map<std::string, Known> known_;
  std::map<std::string, std::shared_ptr<Asked>> asked_;
};

}  // namespace http::curl
