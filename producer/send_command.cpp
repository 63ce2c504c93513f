#include "producer/send_command.hpp"

#include <boost/asio/co_spawn.hpp>
#include <mutex>
#include <nlohmann/json.hpp>

#include "app/addresses.hpp"
#include "app/body.hpp"
#include "app/signals.hpp"
#include "app/summary.hpp"
#include "producer/ledger.hpp"
#include "producer/load/choose.hpp"
#include "producer/load/profile.hpp"
#include "producer/run_id.hpp"
#include "producer/sender.hpp"

namespace producer {

namespace asio = boost::asio;
using base::Errc;
using base::Result;
using namespace std::chrono_literals;

app::Command SendCommand::describe() {
  app::Command command(
      "producer", "send",
      "Put messages on a queue, as fast or as steadily as you ask, and keep account of each.");
  command.heading("Load");
  command.whole("count", "N", count_, 1, app::max_seq,
                "how many messages; with neither --count nor --duration: until stopped");
  command.duration("duration", "TIME", options_.duration, "how long, as 90s or 5m");
  command.decimal(
      "rate", "R", options_.rate,
      "messages a second, by the clock whatever the service does (open loop); 0: as fast as possible [0]");
  command.add(
      "profile", "PROFILE",
      "a rate that changes: constant:200/60s, ramp:0..500/60s, step:100,200,400/30s, spike:50,1000@30s/5s, "
      "sine:100±50/60s, each repeated by *N, joined by +; @FILE with lines of these; replay=FILE",
      [this](std::string_view text) -> Result<void> {
        auto chosen = choose_arrivals(std::string(text));
        if (!chosen) return chosen.error();
        options_.profile = std::move(*chosen);
        return {};
      });
  command.whole("concurrency", "N", options_.concurrency, 1, 65536, "messages in flight at most [64]");
  command.heading("Messages");
  command.whole("size", "BYTES", options_.size, 1, std::uint64_t{1} << 30,
                "size of each encoded body [as it comes, about 200]");
  command.duration("delay", "TIME", options_.delay, "each message stays invisible so long [0s]");
  command.duration("ttl", "TIME", ttl_, "each message expires after so long [never]");
  command.text("group-id", "ID", options_.group_id,
               "message group on a FIFO queue [one of 16 by sequence number]");
  command.heading("Run");
  command.text("run", "ID", options_.run,
               "name of this run, [A-Za-z0-9._-]{1,64} [a unique one that sorts by time]");
  command.text("manifest", "FILE|none", options_.manifest,
               "where to keep account of each message [runs/ID.json]");
  command.flag("resume", options_.resume, "continue a run after its last message, up to --count in all");
  common_.add_to(command);
  command.footer(
      "Examples:\n"
      "  producer --count 10000 --run a              10,000 messages into the embedded queue\n"
      "  producer --profile ramp:0..500/60s+constant:500/5m --queue aws://eu-west-1/messages\n"
      "  producer --rate 200 --duration 5m --queue azure://myaccount/messages\n"
      "  producer --count 500 --queue aws://eu-west-1/messages --create\n"
      "Afterwards `producer audit --run ID` tells whether every message became a row.\n"
      "Exit code: 0 done, 1 some messages failed, 2 usage or configuration. Ctrl-C ends with the summary.\n");
  return command;
}

namespace {

// A run's pieces for each loop: its own handle on the queue and its own sender.
struct Lane {
  std::unique_ptr<storage::Queue> queue;
  std::unique_ptr<Sender> sender;
};

asio::awaitable<void> report_progress(app::Loop& loop, std::stop_token ended, Run const& run) {
  std::uint64_t before = run.ledger->snapshot().acknowledged.size();
  while (!ended.stop_requested()) {
    co_await loop.clock().sleep(5s, ended);
    if (ended.stop_requested()) co_return;
    auto const manifest = run.ledger->snapshot();
    auto const sent = manifest.acknowledged.size();
    std::string text = "sent " + app::grouped(sent);
    if (run.options.count) text += " of " + app::grouped(*run.options.count);
    text += ", " + app::rounded(static_cast<double>(sent - before) / 5) + " a second";
    if (!manifest.failed.empty()) text += ", failed " + app::grouped(manifest.failed.size());
    before = sent;
    loop.log().write(base::Level::info, text);
  }
}

asio::awaitable<void> open_lane(app::Loop& loop, app::Addresses const& where, app::Common const& common,
                                Lane& lane, Result<void>& result) {
  auto queue = loop.stores().queue(where.queue, common.encoding);
  if (!queue) {
    result = app::complaint(where.queue_origin, queue.error());
    co_return;
  }
  lane.queue = std::move(*queue);
  result = co_await lane.queue->open(common.create);
  if (!result) result = app::unopened(where, result.error());
}

asio::awaitable<void> probe(Lane& lane, bool first, Result<void>& result) {
  if (first) result = co_await lane.sender->probe();
}

asio::awaitable<void> send(app::Loop& loop, Lane& lane, bool first, Run const& run) {
  std::stop_source ended;
  if (first) asio::co_spawn(loop.io(), report_progress(loop, ended.get_token(), run), app::rethrow);
  co_await lane.sender->run();
  ended.request_stop();
}

// Opens the queue on every loop; the first error of any.
Result<void> open_all(app::Loops& loops, std::vector<Lane>& lanes, app::Addresses const& where,
                      app::Common const& common) {
  std::vector<Result<void>> results(loops.size());
  app::run_all(loops, [&](app::Loop& loop, std::size_t index) {
    return open_lane(loop, where, common, lanes[index], results[index]);
  });
  for (auto const& result : results)
    if (!result) return result.error();
  return {};
}

void print_summary(app::Common const& common, SendOptions const& options, std::string const& queue,
                   Run const& run, Counts const& counts, double seconds) {
  double const rate = seconds > 0 ? static_cast<double>(counts.sent) / seconds : 0;
  if (common.output == app::Output::json) {
    nlohmann::ordered_json json;
    json["run"] = run.id;
    json["queue"] = queue;
    json["sent"] = counts.sent;
    json["failed"] = counts.failed;
    json["unknown"] = counts.unknown;
    json["seconds"] = app::round_to(seconds, 3);
    json["rate"] = app::round_to(rate, 1);
    json["latency_ms"] = app::quantiles_json(counts.latency);
    json["service_ms"] = app::quantiles_json(counts.service);
    app::print(json.dump() + '\n');
    return;
  }
  std::string text = "sent      " + app::grouped(counts.sent) + " messages of run " + run.id + " to " +
                     queue + " in " + app::rounded(seconds) + " s, " + app::rounded(rate) + " a second\n";
  if (counts.failed + counts.unknown > 0)
    text += "failed    " + app::grouped(counts.failed) + ", unknown whether sent " +
            app::grouped(counts.unknown) + '\n';
  text += "latency   " + app::quantiles_text(counts.latency) + "  (from when a message was due)\n";
  text += "service   " + app::quantiles_text(counts.service) + "  (from when it was sent)\n";
  if (options.manifest != "none") text += "manifest  " + options.manifest + '\n';
  text += "next      consumer --drain, then producer audit --run " + run.id + '\n';
  app::print(text);
}

}  // namespace

Result<int> SendCommand::run(app::Command const& command, base::Environment const& environment,
                             base::Log& log) {
  if (command.given("count")) options_.count = count_;
  if (command.given("ttl")) options_.ttl = ttl_;
  auto const checked = check(command, options_);
  if (!checked) return checked.error();
  auto const where = app::addresses(command, common_.queue, common_.table, app::Need::queue, environment);
  if (!where) return where.error();

  auto loops = app::make_loops(common_.threads,
                               {"producer", common_.ca_file, command.origin("ca-file"), options_.concurrency},
                               environment, log);
  if (!loops) return loops.error();
  app::Loop& first = *loops->front();

  Run run;
  run.id = options_.run.empty() ? new_run_id(first.clock().system(), first.random()) : options_.run;
  run.encoding = common_.encoding;
  run.end = options_.count.value_or(app::max_seq);
  if (options_.manifest.empty()) options_.manifest = "runs/" + run.id + ".json";

  app::Signals signals(log);
  std::vector<Lane> lanes(loops->size());
  auto const opened = open_all(*loops, lanes, *where, common_);
  if (!opened) return opened.error();
  auto const longest = make_body(run.id, run.end, 0, first.clock().system()).size();
  auto const size = json_size(options_.size, common_.encoding);
  auto const allowed = check(command, options_, lanes.front().queue->limits(), size, longest);
  if (!allowed) return allowed.error();

  auto ledger = Ledger::open(options_.manifest == "none" ? "" : options_.manifest, run.id, where->queue,
                             options_.resume, run.end);
  if (!ledger) return ledger.error();
  run.ledger = ledger->get();
  run.options = options_;
  run.arrivals = options_.profile;
  if (options_.rate > 0) run.arrivals = std::make_shared<Profile>(Profile::constant(options_.rate));
  bool const fresh = (*ledger)->snapshot().last == 0;
  for (std::size_t i = 0; i < lanes.size(); ++i)
    lanes[i].sender = std::make_unique<Sender>(*(*loops)[i], *lanes[i].queue, run, i, lanes.size());

  signals.drain_by([&loops, &log] {
    log.write(base::Level::info,
              "stopping: waiting for what is in flight; press Ctrl-C again to end at once");
    for (auto const& loop : *loops) loop->request_stop();
  });
  auto const begun = first.clock().steady();
  // One message alone: a queue that takes none is one sentence, not a thousand failures.
  Result<void> probed;
  app::run_all(*loops,
               [&](app::Loop&, std::size_t index) { return probe(lanes[index], index == 0, probed); });
  if (!probed && probed.error().code != Errc::throttled) {
    if (fresh && !probed.error().maybe_applied)
      (*ledger)->discard();
    else if (auto const ended = (*ledger)->finish(); !ended)
      return ended.error();
    return probed.error();
  }

  log.write(base::Level::info, "sending run " + run.id + " to " + where->queue);
  run.start = first.clock().steady();
  run.deadline = options_.duration.count() > 0 ? run.start + options_.duration : base::Steady::max();
  app::run_all(*loops,
               [&](app::Loop& loop, std::size_t index) { return send(loop, lanes[index], index == 0, run); });
  double const seconds = std::chrono::duration<double>(first.clock().steady() - begun).count();

  Counts counts;
  for (auto const& lane : lanes) counts.merge(lane.sender->counts());
  auto const failure = (*ledger)->failure();
  auto const ended = (*ledger)->finish();
  print_summary(common_, options_, where->queue, run, counts, seconds);
  if (failure || !ended) {
    log.write(base::Level::error, "stopped early: " + (failure ? *failure : ended.error().message));
    return app::exit_partly;
  }
  return counts.failed + counts.unknown > 0 ? app::exit_partly : app::exit_done;
}

}  // namespace producer
