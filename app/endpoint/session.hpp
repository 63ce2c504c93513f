#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>

#include "app/endpoint/house.hpp"

namespace app {

// One connection: a request, its answer, and again.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(boost::asio::ip::tcp::socket socket, std::shared_ptr<House> house);
  ~Session();
  void start();
  // Since when nothing was heard of it.
  House::Clock::time_point silent_since() const { return silent_since_; }
  void send_away();

 private:
  void next(bool first);
  void read(bool first);
  void got(boost::system::error_code error);
  void write(Answer answer, bool keep, bool head, unsigned version);
  void wrote(boost::system::error_code error);
  void close();
  void hear_out();

  std::shared_ptr<House> house_;
  boost::beast::tcp_stream stream_;
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::empty_body>> parser_;
  boost::beast::http::response<boost::beast::http::string_body> response_;
  boost::beast::http::response<boost::beast::http::empty_body> head_;
  bool keep_ = false;
  bool refused_ = false;
  std::size_t heard_ = 0;  // after its request was refused
  bool entered_ = false;
  House::Guests::iterator place_;
  House::Clock::time_point silent_since_{};
};

}  // namespace app
