#include "http/curl/client.hpp"

#include "http/curl/core.hpp"
#include "http/wire.hpp"

namespace http::curl {

namespace {

// However the coroutine ends, nothing must write into its frame afterwards.
class Guard {
 public:
  Guard(Core& core, Exchange& exchange) : core_(core), exchange_(exchange) {}
  ~Guard() {
    if (started && !exchange_.finished) core_.forget(exchange_);
  }
  Guard(Guard const&) = delete;
  Guard& operator=(Guard const&) = delete;

  bool started = false;

 private:
  Core& core_;
  Exchange& exchange_;
};

}  // namespace

Result<std::unique_ptr<Client>> Client::make(boost::asio::any_io_executor executor, Settings settings,
                                             base::Environment const& environment, base::Log& log) {
  auto trust = Trust::make(settings.ca_file, settings.ca_file_origin, environment, log);
  if (!trust) return trust.error();
  return std::unique_ptr<Client>(new Client(std::make_shared<Core>(
      std::move(executor), std::move(settings), std::move(*trust), Proxies(environment), log)));
}

Client::Client(std::shared_ptr<Core> core) : core_(std::move(core)) {}

Client::~Client() { core_->close(); }

Task<Response> Client::send(Request& request) {
  auto const core = core_;  // a send outlives a Client that is destroyed meanwhile
  if (request.stop.stop_requested())
    co_return Error(Errc::cancelled, "stopped before a request to " + request.origin.to_string());
  if (auto error = refuse(request)) co_return std::move(*error);
  Exchange exchange(core->executor(), request);
  Guard guard(*core, exchange);
  if (auto error = core->start(exchange)) co_return std::move(*error);
  guard.started = true;
  // The waiting coroutine is owned by the loop's timer queue, so a loop that is destroyed takes it along.
  while (!exchange.finished) co_await exchange.done.wait();
  if (exchange.error) co_return std::move(*exchange.error);
  co_return std::move(exchange.reply.response());
}

}  // namespace http::curl
