#include "app/endpoint/view.hpp"
#include "app/report/plot.hpp"
#include "app/summary.hpp"
#include "app/version.hpp"

namespace app {

namespace {

constexpr char const* style = R"(
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --ground: #ffffff; --good: #15803d; --bad: #b91c1c; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9198a1; --ground: #0d1117; --good: #56d364; --bad: #ff7b72; } }
body { margin: 0 auto; max-width: 44rem; padding: 1.5rem 1rem 3rem; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.35rem; font-weight: 600; margin: 0; } h2 { font-size: 1rem; font-weight: 600; margin: 1.5rem 0 .25rem; }
dl { display: grid; grid-template-columns: minmax(9rem, max-content) 1fr; gap: .15rem 1rem; margin: 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
#state { font-weight: 600; color: var(--bad); } #state.good { color: var(--good); } footer { color: var(--soft); margin-top: 2rem; }
)";

std::string lasting(double seconds) {
  if (seconds < 120) return rounded(seconds) + " s";
  if (seconds < 7200) return rounded(seconds / 60) + " min";
  return rounded(seconds / 3600) + " h";
}

class Facts {
 public:
  void heading(std::string const& text) {
    end();
    text_ += "<h2>" + escaped(text) + "</h2><dl>";
    open_ = true;
  }
  void fact(std::string const& name, std::string const& value) {
    text_ += "<dt>" + escaped(name) + "</dt><dd>" + escaped(value) + "</dd>";
  }
  void count(std::string const& name, double value) {
    fact(name, grouped(static_cast<std::uint64_t>(std::max(value, 0.0))));
  }
  std::string take() {
    end();
    return std::move(text_);
  }

 private:
  void end() {
    if (open_) text_ += "</dl>\n";
    open_ = false;
  }
  std::string text_;
  bool open_ = false;
};

void tell_queue(Facts& facts, View const& view) {
  facts.heading("Queue");
  facts.fact("address", view.setting.queue);
  auto const reached = view.reached_age();
  facts.fact("last reached", reached ? lasting(*reached) + " ago" : "never");
  if (auto const* queue = view.counted()) {
    auto text = grouped(static_cast<std::uint64_t>(std::max<std::int64_t>(queue->total.get(), 0)));
    if (queue->leased.get() >= 0)
      text += ", of which " + grouped(static_cast<std::uint64_t>(queue->leased.get())) + " are leased";
    facts.fact("messages", text);
  } else {
    facts.fact("messages", "not told");
  }
  if (view.setting.role != Role::consumer) return;
  facts.fact("oldest seen", lasting(view.oldest_age()) + " (estimated)");
  facts.fact("to drain", view.trend->known()
                             ? lasting(view.seconds_to_drain()) + " by this consumer alone (estimated)"
                             : "unknown: too little work was seen");
}

void tell_work(Facts& facts, View const& view, Sheet const& sheet) {
  bool const consumer = view.setting.role == Role::consumer;
  facts.heading("Work");
  if (consumer) facts.fact("rows go to", view.setting.table);
  facts.count("in flight", static_cast<double>(view.in_flight()));
  facts.count("finished", static_cast<double>(view.finished()));
  facts.fact("rate", rounded(view.trend->rate()) + " a second, in the last minute with work");
  if (consumer) {
    facts.count("handed back", sheet.total("edw_abandoned_messages_total"));
    facts.count("dead-lettered", sheet.total("edw_dead_lettered_messages_total"));
    facts.count("leases lost", sheet.total("edw_leases_lost_total"));
  }
  facts.heading("Services");
  facts.count("requests sent again", sheet.total("edw_retries_total"));
  facts.count("throttled", sheet.total("edw_throttles_total"));
  facts.count("token refreshes", sheet.total("edw_token_refreshes_total"));
  facts.fact("running for", lasting(std::chrono::duration<double>(view.now - view.started).count()));
}

}  // namespace

std::string status_page(View const& view, Sheet const& sheet) {
  std::string const program = view.setting.role == Role::producer ? "producer" : "consumer";
  auto const why = view.unready();
  Facts facts;
  tell_queue(facts, view);
  tell_work(facts, view, sheet);
  return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
         "<meta http-equiv=\"refresh\" content=\"5\"><title>" +
         program + (why ? ": not ready" : ": ready") + "</title><style>" + style +
         "</style></head><body><h1>" + program + ' ' + escaped(version()) + "</h1>\n<p id=\"state\"" +
         (why ? "" : " class=\"good\"") + '>' + (why ? "not ready: " + escaped(*why) : std::string("ready")) +
         "</p>\n" + facts.take() +
         "<footer>Renewed every five seconds. Programs read <code>/metrics</code>, <code>/healthz</code>, "
         "<code>/readyz</code> and <code>/scaling</code>.</footer></body></html>\n";
}

}  // namespace app
