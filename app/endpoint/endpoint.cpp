#include "app/endpoint/endpoint.hpp"

#include <array>
#include <mutex>

#include "app/endpoint/view.hpp"
#include "app/metrics/process.hpp"

namespace app {

using base::Errc;
using base::Error;

namespace {

constexpr std::array<std::string_view, 6> paths{"/metrics", "/healthz", "/readyz",
                                                "/scaling", "/status",  "other"};

// However often it is asked for, a page is made anew only so often.
constexpr std::chrono::milliseconds fresh{200};

std::string_view word(Refusal why) {
  switch (why) {
    case Refusal::too_large:
      return "too_large";
    case Refusal::malformed:
      return "malformed";
    case Refusal::timeout:
      return "timeout";
    case Refusal::crowded:
      return "crowded";
  }
  return "other";
}

}  // namespace

void EndpointOptions::add_to(Command& command) {
  command.heading("What to see");
  command.whole("metrics-port", "N", port, 1, 65535,
                "serve /metrics for Prometheus, /healthz, /readyz, /scaling and /status there [off]");
  command.text("metrics-address", "ADDRESS", address,
               "listen on this address of the machine alone, e.g. 127.0.0.1 [all of them]");
}

class Endpoint::Core {
 public:
  Core(Setting setting, std::unique_ptr<Server> server)
      : families_(families_of(setting.role)), server_(std::move(server)) {
    view_.setting = std::move(setting);
    view_.loops = &loops_;
    view_.trend = &trend_;
    view_.started = clock_.steady();
    server_->start({[this](std::string_view path) { return answer(path); }, [this] { tick(); }});
  }
  ~Core() { server_.reset(); }

  void traced(std::shared_ptr<tracing::Spans const> spans) {
    std::scoped_lock const lock(mutex_);
    spans_ = std::move(spans);
  }
  void working(std::vector<Told> loops) {
    std::scoped_lock const lock(mutex_);
    loops_ = std::move(loops);
    if (view_.phase == Phase::starting) view_.phase = Phase::working;
    made_ = {};
  }
  void draining() {
    std::scoped_lock const lock(mutex_);
    view_.phase = Phase::draining;
    made_ = {};
  }
  std::uint16_t port() const { return server_->port(); }

 private:
  // A page, and when it was made.
  struct Made {
    base::Steady at{};
    std::string text;
  };

  void look() {
    view_.now = clock_.steady();
    view_.today = clock_.system();
  }

  void tick() {
    std::scoped_lock const lock(mutex_);
    trend_.sample(clock_.steady(), view_.finished(), view_.in_flight());
  }

  Answer answer(std::string_view path) {
    std::scoped_lock const lock(mutex_);
    look();
    std::size_t which = 0;
    while (which + 1 < paths.size() && paths[which] != path) ++which;
    ++answered_[which];
    if (path == "/healthz") return verdict(view_.ailing(), "alive\n");
    if (path == "/readyz") return verdict(view_.unready(), "ready\n");
    if (path == "/metrics") return {200, "text/plain; version=0.0.4; charset=utf-8", page(0)};
    if (path == "/scaling" && view_.setting.role == Role::consumer) return {200, "application/json", page(1)};
    if (path == "/status" || path == "/") return {200, "text/html; charset=utf-8", page(2)};
    Answer none;
    none.status = 404;
    none.body = "nothing here: ask for /metrics, /healthz, /readyz, /status or, of a consumer, /scaling\n";
    return none;
  }

  static Answer verdict(std::optional<std::string> const& why, char const* fine) {
    Answer answer;
    answer.status = why ? 503 : 200;
    answer.body = why ? *why + '\n' : std::string(fine);
    return answer;
  }

  std::string const& page(std::size_t which) {
    auto& made = made_[which];
    if (!made.text.empty() && view_.now - made.at < fresh) return made.text;
    made.at = view_.now;
    if (which == 1) {
      made.text = scaling_json(view_);
      return made.text;
    }
    Sheet sheet(families_);
    tell(sheet, view_);
    if (which == 2) {
      made.text = status_page(view_, sheet);
      return made.text;
    }
    tell_process(sheet);
    if (spans_) {
      sheet.add("edw_spans_exported_total", {}, static_cast<double>(spans_->exported()));
      sheet.add("edw_spans_dropped_total", {}, static_cast<double>(spans_->dropped()));
    }
    for (std::size_t i = 0; i < paths.size(); ++i)
      sheet.add("edw_endpoint_requests_total", {{"path", std::string(paths[i])}},
                static_cast<double>(answered_[i]));
    for (auto const why : {Refusal::too_large, Refusal::malformed, Refusal::timeout, Refusal::crowded})
      sheet.add("edw_endpoint_refused_total", {{"reason", std::string(word(why))}},
                static_cast<double>(server_->refusals()[why].value()));
    made.text = sheet.text();
    return made.text;
  }

  base::RealClock clock_;
  std::vector<Family> families_;
  std::mutex mutex_;
  std::vector<Told> loops_;
  std::shared_ptr<tracing::Spans const> spans_;  // null: nothing is traced
  Trend trend_;
  View view_;
  std::array<std::uint64_t, paths.size()> answered_{};
  std::array<Made, 3> made_;
  std::unique_ptr<Server> server_;
};

base::Result<std::unique_ptr<Endpoint>> Endpoint::open(Command const& command, EndpointOptions const& options,
                                                       Setting setting) {
  if (options.port == 0) {
    if (!command.given("metrics-address")) return std::unique_ptr<Endpoint>();
    return Error(Errc::invalid, command.origin("metrics-address") +
                                    " says where to listen, but --metrics-port does not say on which port");
  }
  auto server = Server::listen(options.address, static_cast<std::uint16_t>(options.port), ServerLimits{});
  if (!server) {
    bool const address = server.error().message.find("address") != std::string::npos;
    return Error(Errc::invalid, command.origin(address && command.given("metrics-address") ? "metrics-address"
                                                                                           : "metrics-port") +
                                    ": " + server.error().message);
  }
  auto core = std::make_unique<Core>(std::move(setting), std::move(*server));
  return std::unique_ptr<Endpoint>(new Endpoint(std::move(core)));
}

Endpoint::Endpoint(std::unique_ptr<Core> core) : core_(std::move(core)) {}
Endpoint::~Endpoint() = default;
void Endpoint::traced(std::shared_ptr<tracing::Spans const> spans) { core_->traced(std::move(spans)); }
void Endpoint::working(std::vector<Told> loops) { core_->working(std::move(loops)); }
void Endpoint::draining() { core_->draining(); }
std::uint16_t Endpoint::port() const { return core_->port(); }

}  // namespace app
