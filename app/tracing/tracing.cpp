#include "app/tracing/tracing.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <thread>

#include "app/tracing/exporter.hpp"
#include "app/version.hpp"
#include "http/curl/client.hpp"

namespace app::tracing {

class Tracing::Thread {
 public:
  Thread(Settings settings, base::Log& log)
      : settings_(std::move(settings)), log_(log), spans_(std::make_shared<Spans>(settings_.queue)) {}

  base::Result<void> begin(std::string const& program, Trust const& trust,
                           base::Environment const& environment) {
    http::curl::Settings http;
    http.ca_file = trust.ca_file;
    http.ca_file_origin = trust.origin;
    http.max_connections = 1;
    http.user_agent = program + '/' + version();
    auto client = http::curl::Client::make(io_.get_executor(), http, environment, log_);
    if (!client) return client.error();
    client_ = std::move(*client);
    exporter_ = std::make_unique<Exporter>(settings_, *spans_, *client_, clock_, random_, log_);
    spans_->notify_at(settings_.batch, [this] { boost::asio::post(io_, [this] { exporter_->hurry(); }); });
    boost::asio::co_spawn(io_, exporter_->run(ending_.get_token()), [this](std::exception_ptr const& thrown) {
      io_.stop();
      // Telemetry is lost, messages are not: their threads know nothing of this one.
      if (thrown)
        log_.write(base::Level::error, "the export of spans has ended by an error in the program itself");
    });
    thread_ = std::jthread([this] { io_.run(); });
    return {};
  }

  ~Thread() {
    boost::asio::post(io_, [this] { ending_.request_stop(); });
    thread_ = {};  // joins
  }

  Settings const& settings() const { return settings_; }
  std::shared_ptr<Spans> const& spans() const { return spans_; }

 private:
  Settings settings_;
  base::Log& log_;
  std::shared_ptr<Spans> spans_;
  base::RealClock clock_;
  base::QuickRandom random_;
  std::stop_source ending_;
  boost::asio::io_context io_{1};
  std::unique_ptr<http::Client> client_;
  std::unique_ptr<Exporter> exporter_;
  std::jthread thread_;
};

Tracing::Tracing(std::unique_ptr<Thread> thread) : thread_(std::move(thread)) {}
Tracing::~Tracing() = default;

std::unique_ptr<Tracing> Tracing::start(std::string const& program, base::Environment const& environment,
                                        Trust const& trust, base::Log& log) {
  auto read = read_settings(environment, program);
  for (auto const& warning : read.warnings) log.write(base::Level::warning, warning);
  if (!read.settings) return nullptr;
  auto const to = read.settings->endpoint.origin.to_string();
  auto thread = std::make_unique<Thread>(std::move(*read.settings), log);
  auto const begun = thread->begin(program, trust, environment);
  if (!begun) {
    log.write(base::Level::warning, "no spans are exported: " + begun.error().message);
    return nullptr;
  }
  log.write(base::Level::debug, "spans are exported to " + to);
  return std::unique_ptr<Tracing>(new Tracing(std::move(thread)));
}

std::shared_ptr<Spans const> Tracing::spans() const { return thread_->spans(); }

Tracer Tracing::tracer(base::Clock& clock, base::Random& random) {
  return {thread_->settings().sampler, *thread_->spans(), clock, random};
}

}  // namespace app::tracing
