#include "http/curl/client.hpp"

#include "http/curl/multi.hpp"

namespace http::curl {

namespace {

// Each make() takes one reference on libcurl's global state, thread-safe since 7.84.
struct Global {
  Global() { curl_global_init(CURL_GLOBAL_DEFAULT); }
  ~Global() { curl_global_cleanup(); }
  Global(Global const&) = delete;
  Global& operator=(Global const&) = delete;
};

// However the coroutine ends, libcurl must not write into its frame afterwards.
class Guard {
 public:
  Guard(Multi& multi, Exchange& exchange) : multi_(multi), exchange_(exchange) {}
  ~Guard() {
    if (!exchange_.finished) multi_.forget(exchange_);
  }
  Guard(Guard const&) = delete;
  Guard& operator=(Guard const&) = delete;

 private:
  Multi& multi_;
  Exchange& exchange_;
};

}  // namespace

class Client::Core {
 public:
  Core(boost::asio::any_io_executor executor, Settings settings, Trust trust,
       base::Environment const& environment, base::Log& log)
      : multi(std::make_shared<Multi>(std::move(executor), log, std::move(trust), Proxies(environment),
                                      std::move(settings.user_agent), settings.max_connections)) {}

  Global global;
  std::shared_ptr<Multi> multi;
};

Result<std::unique_ptr<Client>> Client::make(boost::asio::any_io_executor executor, Settings settings,
                                             base::Environment const& environment, base::Log& log) {
  auto trust = Trust::make(settings.ca_file, settings.ca_file_origin, environment, log);
  if (!trust) return trust.error();
  auto core =
      std::make_shared<Core>(std::move(executor), std::move(settings), std::move(*trust), environment, log);
  return std::unique_ptr<Client>(new Client(std::move(core)));
}

Client::Client(std::shared_ptr<Core> core) : core_(std::move(core)) {}

Client::~Client() { core_->multi->close(); }

Task<Response> Client::send(Request request) {
  auto const core = core_;  // a send outlives a Client that is destroyed meanwhile
  if (request.stop.stop_requested())
    co_return Error(Errc::cancelled, "stopped before a request to " + request.origin.to_string());
  if (auto error = refuse(request)) co_return std::move(*error);
  auto multi = core->multi;
  if (request.peer) {
    auto const own = multi->apart(*request.peer);
    if (!own) co_return own.error();
    multi = *own;
  }
  Exchange exchange(multi->executor(), request);
  Guard const guard(*multi, exchange);
  if (auto error = multi->start(exchange)) co_return std::move(*error);
  // The waiting coroutine is owned by the loop's timer queue, so a loop that is destroyed takes it along.
  while (!exchange.finished) co_await exchange.done.wait();
  if (exchange.error) co_return std::move(*exchange.error);
  co_return std::move(exchange.response);
}

}  // namespace http::curl
