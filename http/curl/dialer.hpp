#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>
#include <vector>

#include "http/curl/connector.hpp"
#include "http/curl/resolver.hpp"

namespace http::curl {

// Connections straight to an origin, by its addresses in turn: the next one is tried as soon as one fails,
// and after 250 ms beside those that have not answered (RFC 8305, "Happy Eyeballs"). Use from one thread
// only.
class Dialer final : public Connector, public std::enable_shared_from_this<Dialer> {
 public:
  Dialer(boost::asio::any_io_executor executor, std::shared_ptr<Resolver> resolver, Listener& listener);
  ~Dialer() override;
  Dialer(Dialer const&) = delete;
  Dialer& operator=(Dialer const&) = delete;

  base::Result<Link*> begin(Destination const& destination) override;
  void drop(Link& link) noexcept override;
  void close() noexcept override;

 private:
  struct Attempt;
  struct Trial;

  void found(std::shared_ptr<Attempt> const& attempt, Found const& found);
  void try_next(std::shared_ptr<Attempt> const& attempt);
  void await(std::shared_ptr<Attempt> const& attempt, std::shared_ptr<Trial> const& trial);
  void answered(std::shared_ptr<Attempt> const& attempt, std::shared_ptr<Trial> const& trial);
  void watch(std::shared_ptr<Attempt> const& attempt);
  void stand(std::shared_ptr<Attempt> const& attempt, int socket);
  void fail(std::shared_ptr<Attempt> const& attempt, CURLcode code, std::string why);
  std::unique_ptr<Link> take(Link& link) noexcept;

  boost::asio::any_io_executor executor_;
  Listener& listener_;
  std::shared_ptr<Resolver> resolver_;
  std::vector<std::shared_ptr<Attempt>> attempts_;
};

}  // namespace http::curl
