#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "fakes/certificate.hpp"
#include "http/headers.hpp"
#include "http/origin.hpp"

namespace fakes {

// A request as it came over the wire.
struct Received {
  std::string method;
  std::string target;
  http::Headers headers;
  std::string body;
  std::string head;         // the raw text up to the empty line
  std::string server_name;  // that the TLS client asked for (SNI); empty for none
  bool resumed = false;     // by TLS, without a look at the certificate
};

// One thing that a scripted connection does.
struct Step {
  enum class Kind { read, read_some, write, drip, tunnel, part, close, reset, stall };
  Kind kind = Kind::close;
  std::string text;
  std::chrono::milliseconds every{0};
  unsigned short port = 0;
};

Step read();                                                   // one whole request
Step read_some();                                              // at least one byte
Step write(std::string text);                                  // raw bytes
Step drip(std::string text, std::chrono::milliseconds every);  // one byte at a time, again and again
Step tunnel(unsigned short port);  // relays to that port of this host until either side closes
Step part();                       // by TLS: says that nothing more comes, and waits for the same
Step close();                      // orderly, though not by TLS; also what follows the last step
Step reset();                      // RST
Step stall();                      // keeps the connection open and says nothing more

// "HTTP/1.1 STATUS X" with a Content-Length and the body.
std::string response(int status, std::string const& body = {}, std::string const& headers = {});

// An HTTP/1.1 server on loopback, on the loop of the test itself. Each connection follows the next script;
// with none left it answers every request with `reply`, keeping the connection alive.
class Server {
 public:
  explicit Server(boost::asio::io_context& loop);
  Server(boost::asio::io_context& loop, Certificate const& certificate);  // https
  ~Server();
  Server(Server const&) = delete;
  Server& operator=(Server const&) = delete;

  // Shows this certificate from the next connection on.
  void use(Certificate const& certificate);
  http::Origin origin(std::string host = "127.0.0.1") const;
  unsigned short port() const;
  void script(std::vector<Step> steps);
  void reply(std::function<std::string(Received const&)> answer);

  int connections() const;
  std::vector<Received> const& requests() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace fakes
