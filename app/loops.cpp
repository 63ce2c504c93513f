#include "app/loops.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <mutex>
#include <thread>

#include "app/version.hpp"
#include "http/curl/client.hpp"

namespace app {

Loop::Loop(std::unique_ptr<base::Clock> clock, std::unique_ptr<base::Random> random, base::Log& log)
    : clock_(std::move(clock)), random_(std::move(random)), log_(log) {}

Loop::~Loop() = default;

base::Result<std::unique_ptr<Loop>> Loop::make(LoopSettings const& settings,
                                               base::Environment const& environment, base::Log& log) {
  auto loop =
      std::make_unique<Loop>(std::make_unique<base::RealClock>(), std::make_unique<base::QuickRandom>(), log);
  http::curl::Settings http;
  http.ca_file = settings.ca_file;
  http.ca_file_origin = settings.ca_file_origin;
  http.max_connections = settings.connections;
  http.user_agent = settings.program + '/' + version();
  auto transport = http::curl::Client::make(loop->io_.get_executor(), http, environment, log);
  if (!transport) return transport.error();
  if (settings.timed)
    loop->timing_ = std::make_unique<http::Timing>(**transport, *loop->clock_, loop->traffic_->attempts);
  http::Client& client = loop->timing_ ? *loop->timing_ : **transport;
  storage::Context const context{
      loop->io_.get_executor(), client, *loop->clock_, *loop->random_, environment, log, settings.gates.get(),
      loop->traffic_.get()};
  auto stores = std::make_unique<storage::Stores>(context);
  loop->gates_ = settings.gates;
  loop->use(std::move(*transport), std::move(stores));
  return loop;
}

void Loop::use(std::unique_ptr<http::Client> transport, std::unique_ptr<storage::Stores> stores) {
  stores_ = std::move(stores);
  transport_ = std::move(transport);
}

void Loop::request_stop() {
  boost::asio::post(io_, [this] { stop_.request_stop(); });
}

base::Result<Loops> make_loops(std::size_t count, LoopSettings const& settings,
                               base::Environment const& environment, base::Log& log) {
  Loops loops;
  loops.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    auto loop = Loop::make(settings, environment, log);
    if (!loop) return loop.error();
    loops.push_back(std::move(*loop));
  }
  return loops;
}

void run_all(Loops& loops, std::function<boost::asio::awaitable<void>(Loop&, std::size_t)> const& work) {
  std::mutex mutex;
  std::exception_ptr failure;
  auto const run_one = [&](std::size_t index) {
    Loop& loop = *loops[index];
    try {
      boost::asio::co_spawn(loop.io(), work(loop, index), [&loop](std::exception_ptr const& thrown) {
        loop.io().stop();  // kept-alive connections still wait on it
        rethrow(thrown);
      });
      loop.io().restart();
      loop.io().run();
    } catch (...) {
      std::scoped_lock const lock(mutex);
      if (!failure) failure = std::current_exception();
      for (auto& other : loops) other->request_stop();
    }
  };
  std::vector<std::jthread> threads;
  for (std::size_t i = 1; i < loops.size(); ++i) threads.emplace_back(run_one, i);
  run_one(0);
  threads.clear();  // joins
  if (failure) std::rethrow_exception(failure);
}

}  // namespace app
