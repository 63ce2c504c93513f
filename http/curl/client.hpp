#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <memory>
#include <string>

#include "base/environment.hpp"
#include "base/log.hpp"
#include "http/client.hpp"

namespace http::curl {

struct Settings {
  std::size_t max_connections = 256;         // kept alive, all hosts together
  std::string ca_file;                       // trusted besides the system's; empty for none
  std::string ca_file_origin = "--ca-file";  // who named it, for the sentence when it can't be read
  std::string user_agent;
};

class Core;

// HTTP/1.1 on one Asio event loop: a pool of kept-alive connections, straight or, by libcurl, through proxies
// from the environment (https_proxy, http_proxy, all_proxy, no_proxy), TLS always verified, no redirects
// followed. Use from one thread only.
class Client final : public http::Client {
 public:
  // invalid: a CA file (ca_file, or SSL_CERT_FILE or CURL_CA_BUNDLE of the environment) that can't be read or
  // holds no certificate; the sentence names which.
  static Result<std::unique_ptr<Client>> make(boost::asio::any_io_executor executor, Settings settings,
                                              base::Environment const& environment, base::Log& log);
  ~Client() override;
  Task<Response> send(Request& request) override;

 private:
  explicit Client(std::shared_ptr<Core> core);
  std::shared_ptr<Core> core_;
};

}  // namespace http::curl
