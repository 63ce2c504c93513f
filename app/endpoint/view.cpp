#include "app/endpoint/view.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/summary.hpp"
#include "app/version.hpp"

namespace app {

namespace {

constexpr double longest = 86400;

double seconds(std::int64_t ns) { return static_cast<double>(ns) / 1e9; }
std::int64_t ns_of(base::Steady at) { return std::chrono::nanoseconds(at.time_since_epoch()).count(); }

std::string role_name(Role role) { return role == Role::producer ? "producer" : "consumer"; }

}  // namespace

std::optional<std::string> View::ailing() const {
  for (std::size_t i = 0; i < loops->size(); ++i) {
    auto const beat = (*loops)[i].pulse->beat_ns.get();
    if (beat == 0 || ns_of(now) - beat < std::chrono::nanoseconds(stuck).count()) continue;
    return "event loop " + std::to_string(i) + " has not turned for " + rounded(seconds(ns_of(now) - beat)) +
           " s";
  }
  return std::nullopt;
}

std::optional<std::string> View::unready() const {
  if (phase == Phase::draining) return "draining: it was asked to end";
  if (phase == Phase::starting) return "starting: queue and table are not open yet";
  if (auto sick = ailing()) return sick;
  // One loop that reaches the queue shows that it can be reached and that the identity works.
  bool fine = loops->empty();
  std::string why = "the queue was never reached";
  std::int64_t latest = 0;
  for (auto const& loop : *loops) {
    auto const reached = loop.queue->reached_ns.get();
    auto const failing = loop.queue->failing_ns.get();
    bool const recent = reached > 0 && ns_of(now) - reached < std::chrono::nanoseconds(lately).count();
    if (recent || (reached > 0 && failing == 0)) fine = true;
    if (failing > 0 && reached >= latest) {
      latest = reached;
      why = (reached > 0 ? "the queue was last reached " + rounded(seconds(ns_of(now) - reached)) + " s ago"
                         : std::string("the queue was never reached")) +
            "; since then: " + label_of(loop.queue->last_error.get());
    }
  }
  if (fine) return std::nullopt;
  return why;
}

std::uint64_t View::in_flight() const {
  std::int64_t sum = 0;
  for (auto const& loop : *loops) sum += loop.pulse->in_flight.get();
  return static_cast<std::uint64_t>(std::max<std::int64_t>(sum, 0));
}

std::uint64_t View::finished() const {
  std::uint64_t sum = 0;
  for (auto const& loop : *loops) sum += loop.finished();
  return sum;
}

QueueMeters const* View::counted() const {
  QueueMeters const* latest = nullptr;
  for (auto const& loop : *loops)
    if (loop.queue->counted_ns.get() > (latest ? latest->counted_ns.get() : 0)) latest = loop.queue.get();
  return latest;
}

std::optional<double> View::reached_age() const {
  std::int64_t latest = 0;
  for (auto const& loop : *loops) latest = std::max(latest, loop.queue->reached_ns.get());
  if (latest == 0) return std::nullopt;
  return std::max(0.0, seconds(ns_of(now) - latest));
}

double View::oldest_age() const {
  auto const* queue = counted();
  if (in_flight() == 0 && queue && queue->total.get() == 0) return 0;
  double oldest = 0;
  auto const now_ns = std::chrono::nanoseconds(today.time_since_epoch()).count();
  for (auto const& loop : *loops) {
    oldest = std::max(oldest, std::chrono::duration<double>(loop.queue->oldest_arrival(now)).count());
    if (auto const sent = loop.pulse->oldest_ns.get(); sent > 0)
      oldest = std::max(oldest, seconds(now_ns - sent));
  }
  return oldest;
}

double View::seconds_to_drain() const {
  auto const* queue = counted();
  if (!queue || queue->total.get() <= 0 || !trend->known()) return 0;
  auto const rate = trend->rate();
  if (rate <= 0) return longest;
  return std::min(longest, static_cast<double>(queue->total.get()) / rate);
}

void tell(Sheet& sheet, View const& view) {
  for (auto const& loop : *view.loops) {
    app::tell(sheet, *loop.traffic);
    using Use = QueueMeters::Use;
    loop.queue->tell(sheet, view.setting.role == Role::consumer ? Use::receiving : Use::sending);
    loop.queue->tell_depth(sheet);
    if (loop.dead_letters) loop.dead_letters->tell(sheet, Use::sending);
    if (loop.table) loop.table->tell(sheet);
    if (loop.more) loop.more(sheet);
    auto const& token = loop.traffic->renewals;
    if (token.fetched_ns.get() == 0 || &loop != &view.loops->front()) continue;
    sheet.add("edw_token_age_seconds", {}, seconds(ns_of(view.now) - token.fetched_ns.get()));
    auto const today = std::chrono::nanoseconds(view.today.time_since_epoch()).count();
    if (auto const end = token.expires_ns.get(); end > 0)
      sheet.add("edw_token_remaining_seconds", {}, seconds(end - today));
  }
  auto const system = view.loops->empty() ? std::string() : view.loops->front().queue->system;
  Labels const by_system{{"messaging_system", system}};
  if (!view.loops->empty())
    sheet.add("edw_in_flight_messages", by_system, static_cast<double>(view.in_flight()));
  if (auto const* queue = view.counted()) {
    auto const state = [&](char const* name, std::int64_t count) {
      if (count < 0) return;
      sheet.add("edw_queue_messages",
                {{"messaging_system", queue->system},
                 {"messaging_destination_name", queue->destination},
                 {"state", name}},
                static_cast<double>(count));
    };
    state("total", queue->total.get());
    state("visible", queue->visible.get());
    state("leased", queue->leased.get());
    state("delayed", queue->delayed.get());
    sheet.add("edw_queue_depth_age_seconds", by_system, seconds(ns_of(view.now) - queue->counted_ns.get()));
  }
  if (view.setting.role == Role::consumer && !view.loops->empty()) {
    sheet.add("edw_oldest_message_age_seconds", by_system, view.oldest_age());
    sheet.add("edw_seconds_to_drain", by_system, view.seconds_to_drain());
  }
  sheet.add("edw_ready", {}, view.unready() ? 0 : 1);
  sheet.add("edw_draining", {}, view.phase == Phase::draining ? 1 : 0);
  if (auto const age = view.reached_age()) sheet.add("edw_queue_reached_age_seconds", {}, *age);
  sheet.add("edw_build_info", {{"program", role_name(view.setting.role)}, {"version", version()}}, 1);
}

std::string scaling_json(View const& view) {
  nlohmann::ordered_json json;
  json["queue"] = view.setting.queue;
  json["seconds_to_drain"] = round_to(view.seconds_to_drain(), 3);
  json["oldest_age_seconds"] = round_to(view.oldest_age(), 3);
  json["rate"] = round_to(view.trend->rate(), 3);
  json["in_flight"] = view.in_flight();
  auto const* queue = view.counted();
  auto const told = [](std::int64_t count) { return count < 0 ? nlohmann::json() : nlohmann::json(count); };
  auto& messages = json["messages"];
  messages["total"] = queue ? told(queue->total.get()) : nullptr;
  messages["visible"] = queue ? told(queue->visible.get()) : nullptr;
  messages["leased"] = queue ? told(queue->leased.get()) : nullptr;
  messages["delayed"] = queue ? told(queue->delayed.get()) : nullptr;
  messages["age_seconds"] =
      queue ? nlohmann::json(round_to(seconds(ns_of(view.now) - queue->counted_ns.get()), 1)) : nullptr;
  json["estimated"] = {"seconds_to_drain", "oldest_age_seconds"};
  json["basis"]["seconds_to_drain"] =
      view.trend->known() ? "messages.total over this consumer's own rate in its last minute with work"
                          : "none yet: fewer than five seconds of work were seen";
  json["basis"]["oldest_age_seconds"] = "the oldest message held, or received in the last minute";
  return json.dump(2) + '\n';
}

}  // namespace app
