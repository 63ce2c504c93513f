#include "producer/send_command.hpp"

#include "app/addresses.hpp"
#include "app/body.hpp"
#include "app/signals.hpp"
#include "base/time.hpp"
#include "producer/find_max.hpp"
#include "producer/lanes.hpp"
#include "producer/ledger.hpp"
#include "producer/load/choose.hpp"
#include "producer/load/profile.hpp"
#include "producer/load/search_text.hpp"
#include "producer/load/shared_arrivals.hpp"
#include "producer/payload_options.hpp"
#include "producer/run_id.hpp"
#include "producer/send_summary.hpp"
#include "producer/start.hpp"
#include "producer/watch.hpp"

namespace producer {

using base::Errc;
using base::Error;
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
      "sine:100±50/60s, each repeated by *N, joined by +; @FILE with lines of these; replay=FILE; or "
      "find-max:p99<50ms,backlog<1000/5s, which looks for the highest rate under these bounds, each rate "
      "kept for 5 s",
      [this](std::string_view text) -> Result<void> {
        options_.search.reset();
        options_.profile.reset();
        if (text.starts_with(search_word)) {
          auto const bounds = parse_search(text);
          if (!bounds) return bounds.error();
          options_.search = *bounds;
          return {};
        }
        auto chosen = choose_arrivals(std::string(text));
        if (!chosen) return chosen.error();
        options_.profile = std::move(*chosen);
        return {};
      });
  command.whole("concurrency", "N", options_.concurrency, 1, 65536, "messages in flight at most [64]");
  command.flag("strict-rate", options_.strict_rate,
               "exit 1 where less than 99.5 % of --rate or --profile was reached");
  command.heading("Messages");
  describe_payload(command, options_);
  command.duration("delay", "TIME", options_.delay, "each message stays invisible so long [0s]");
  command.duration("ttl", "TIME", ttl_, "each message expires after so long [never]");
  command.heading("Run");
  command.text("run", "ID", options_.run,
               "name of this run, [A-Za-z0-9._-]{1,64} [a unique one that sorts by time]");
  command.text("manifest", "FILE|none", options_.manifest,
               "where to keep account of each message [runs/ID.json]");
  command.flag("resume", options_.resume, "continue a run after its last message, up to --count in all");
  command.whole(
      "instances", "K", options_.instances, 1, most_instances,
      "one of K producers that send this run together: --count, --rate and --profile are those of all, "
      "and each sends every K-th message; --concurrency and --duration are each one's [1]");
  command.whole(
      "instance", "I", options_.instance, 0, most_instances,
      "which of them: 0 to K-1, or 1 to K. It sends the numbers that leave I when divided by K, and keeps "
      "runs/ID.I.json");
  command.add(
      "start-at", "TIME",
      "when to begin, the same for all instances: 2026-11-22T14:00:00Z, or seconds since 1970 [at once]",
      [this](std::string_view text) -> Result<void> {
        auto const moment = parse_moment(text);
        if (!moment) return moment.error();
        options_.start_at = *moment;
        return {};
      });
  options_.seeing.add_to(command, "rate, latency, depth and failures");
  endpoint_.add_to(command);
  common_.add_to(command);
  command.footer(
      "Examples:\n"
      "  producer --count 10000 --run a              10,000 messages into the embedded queue\n"
      "  producer --profile ramp:0..500/60s+constant:500/5m --queue aws://eu-west-1/messages\n"
      "  producer --profile 'find-max:p99<50ms' --queue aws://eu-west-1/messages\n"
      "  producer --rate 200 --duration 5m --queue azure://myaccount/messages\n"
      "  producer --count 500 --queue aws://eu-west-1/messages --create\n"
      "  producer --count 9000 --rate 3000 --run a --instances 3 --instance 1 --start-at "
      "2026-11-22T14:00:00Z\n"
      "OTEL_EXPORTER_OTLP_ENDPOINT=http://COLLECTOR:4318 gives each message a trace, and exports some "
      "(docs/tracing.md).\n"
      "Afterwards `producer audit --run ID` tells whether every message became a row.\n"
      "Exit code: 0 done, 1 some messages failed, 2 usage or configuration. Ctrl-C ends with the summary.\n");
  return command;
}

namespace {

std::string manifest_path(std::string const& run, SendOptions const& options) {
  return "runs/" + run + (options.instances > 1 ? '.' + std::to_string(options.instance) : std::string()) +
         ".json";
}

boost::asio::awaitable<void> wait_on(app::Loop& loop, base::System at, bool first,
                                     std::optional<base::Steady>& moment) {
  if (first) moment = co_await wait_for_start(loop.clock(), at, loop.stop());
}

// Waits for --start-at. When the schedule begins: the epoch for "now, once the first message went through";
// nothing where the run was stopped before.
std::optional<base::Steady> await_start(app::Loops& loops, Run const& run, base::Log& log) {
  auto const& at = run.options.start_at;
  auto& clock = loops.front()->clock();
  if (!at || (run.options.resume && *at <= clock.system())) return base::Steady();
  // The first message, which goes alone, is not sent long before it is due.
  auto const due = run.arrivals ? run.arrivals->due(0) : std::nullopt;
  auto const first = std::min<std::chrono::nanoseconds>(due.value_or(0ns), 1s);
  log.write(base::Level::info, "run " + run.id + " begins at " + base::stamp(*at) + " UTC");
  std::optional<base::Steady> moment;
  app::run_all(loops, [&](app::Loop& loop, std::size_t index) {
    return wait_on(loop, *at + first, index == 0, moment);
  });
  if (moment) *moment -= first;
  return moment;
}

}  // namespace

Result<int> SendCommand::run(app::Command const& command, base::Environment const& environment,
                             base::Log& under) {
  app::Screen log(under);
  if (command.given("count")) options_.count = count_;
  if (command.given("ttl")) options_.ttl = ttl_;
  auto const checked = check(command, options_);
  if (!checked) return checked.error();
  auto const where = app::addresses(command, common_.queue, common_.table, app::Need::queue, environment);
  if (!where) return where.error();

  auto const endpoint = app::Endpoint::open(command, endpoint_, {app::Role::producer, where->queue, {}});
  if (!endpoint) return endpoint.error();
  app::LoopSettings loop_settings{"producer", common_.ca_file, command.origin("ca-file"),
                                  options_.concurrency};
  loop_settings.timed = *endpoint != nullptr;
  auto loops = app::make_loops(common_.threads, loop_settings, environment, log);
  if (!loops) return loops.error();
  app::Loop& first = *loops->front();

  auto const tracing = app::tracing::Tracing::start("producer", environment,
                                                    {common_.ca_file, command.origin("ca-file")}, log);
  if (*endpoint && tracing) (*endpoint)->traced(tracing->spans());
  Run run;
  run.id = options_.run.empty() ? new_run_id(first.clock().system(), first.random()) : options_.run;
  run.encoding = common_.encoding;
  run.tracing = tracing.get();
  run.place = app::tracing::queue_place(where->queue);
  run.share = {options_.instances, options_.instance % options_.instances};
  run.end = run.share.number(options_.count.value_or(app::max_seq));
  if (options_.manifest.empty()) options_.manifest = manifest_path(run.id, options_);
  if (options_.start_at && !options_.resume)
    if (auto const right = check_start(*options_.start_at, first.clock().system()); !right)
      return Error(Errc::invalid, command.origin("start-at") + ' ' + right.error().message);

  app::Signals signals(log);
  std::vector<Lane> lanes(loops->size());
  if (*endpoint) measure(*loops, lanes, where->queue);
  auto const opened = open_lanes(*loops, lanes, *where, common_);
  if (!opened) return opened.error();
  auto const limits = lanes.front().queue->limits();
  auto const& size = options_.payload.size;
  BodySizes const sizes{
      json_size(size.least(), common_.encoding), json_size(size.most(), common_.encoding),
      Bodies(run.id, options_.payload, common_.encoding, limits.body).longest(run.share.seq(run.end))};
  auto const allowed = check(command, options_, limits, sizes);
  if (!allowed) return allowed.error();

  auto const& seeing = options_.seeing;
  bool const on_terminal = seeing.live && app::stderr_is_terminal(environment);
  std::optional<std::uint64_t> own_count;
  if (options_.count) own_count = run.end;
  View view{{run.id, where->queue, own_count, {}},
            app::Series(send_shape(), lanes.size()),
            log,
            on_terminal,
            on_terminal || !seeing.series.empty() || !seeing.report.empty()};
  if (options_.duration.count() > 0)
    view.headline.seconds = std::chrono::duration<double>(options_.duration).count();
  if (auto const reserved = seeing.reserve(command, "Run " + run.id, view.series); !reserved)
    return reserved.error();
  auto ledger = Ledger::open(options_.manifest == "none" ? "" : options_.manifest, run.id, where->queue,
                             options_.resume, run.end, run.share, options_.payload.poison);
  if (!ledger) return ledger.error();
  run.ledger = ledger->get();
  run.options = options_;
  run.arrivals = options_.profile;
  if (options_.rate > 0) run.arrivals = std::make_shared<Profile>(Profile::constant(options_.rate));
  if (!view.headline.seconds && run.arrivals)
    if (auto const length = run.arrivals->length())
      view.headline.seconds = std::chrono::duration<double>(*length).count();
  if (run.arrivals && options_.instances > 1)
    run.arrivals = std::make_shared<SharedArrivals>(run.arrivals, run.share);
  bool const fresh = (*ledger)->snapshot().last == 0;
  make_senders(*loops, lanes, run);

  signals.drain_by([&loops, &log, &endpoint] {
    if (*endpoint) (*endpoint)->draining();
    log.write(base::Level::info,
              "stopping: waiting for what is in flight; press Ctrl-C again to end at once");
    for (auto const& loop : *loops) loop->request_stop();
  });
  if (*endpoint) (*endpoint)->working(tell_of(*loops, lanes));
  auto const start = await_start(*loops, run, log);
  if (!start) {  // stopped before the start
    if (fresh)
      (*ledger)->discard();
    else if (auto const ended = (*ledger)->finish(); !ended)
      return ended.error();
    Outcomes none;
    none.queue = where->queue;
    print_summary(common_, run, none);
    return app::exit_done;
  }
  auto const begun = first.clock().steady();
  // One message alone: a queue that takes none is one sentence, not a thousand failures.
  auto const probed = probe(*loops, lanes);
  if (!probed && probed.error().code != Errc::throttled) {
    if (fresh && !probed.error().maybe_applied)
      (*ledger)->discard();
    else if (auto const ended = (*ledger)->finish(); !ended)
      return ended.error();
    return probed.error();
  }

  log.write(base::Level::info, "sending run " + run.id + " to " + where->queue);
  run.start = run.origin = *start != base::Steady() ? *start : first.clock().steady();
  run.deadline = options_.duration.count() > 0 ? run.start + options_.duration : base::Steady::max();
  Outcomes outcomes;
  outcomes.queue = where->queue;
  RunAll const run_all = [&loops](auto const& work) { app::run_all(*loops, work); };
  if (auto const& bounds = options_.search) {
    outcomes.counts = lanes.front().sender->counts();  // what the probe was
    auto found = find_max(*loops, run_all, lanes, run, view, *bounds, outcomes.counts);
    log.clear();
    if (!found) {
      if (auto const ended = (*ledger)->finish(); !ended) return ended.error();
      return found.error();
    }
    outcomes.found = std::move(*found);
    run.arrivals = nullptr;  // each step had its own
  } else {
    LaneWork const work = [](app::Loop&, Lane& lane, std::size_t) { return lane.sender->run(); };
    work_all(run_all, lanes, run, view, work);
    log.clear();
    for (auto const& lane : lanes) outcomes.counts.merge(lane.sender->counts());
    static_cast<Pace&>(outcomes) = measure_pace(run, lanes, outcomes.counts.started);
  }
  outcomes.seconds = std::chrono::duration<double>(first.clock().steady() - begun).count();
  auto failure = (*ledger)->failure();
  auto const ended = (*ledger)->finish();
  if (!failure && !ended) failure = ended.error().message;
  print_summary(common_, run, outcomes);
  if (failure) log.write(base::Level::error, "stopped early: " + *failure);
  bool const stopped = first.stop().stop_requested();
  if (!stopped && !outcomes.kept_pace()) log.write(base::Level::warning, pace_complaint(run, outcomes));
  bool const shown = seeing.write(view.series, [&] { return send_page(run, outcomes, view.series); }, log);
  auto const& counts = outcomes.counts;
  bool const in_vain = outcomes.found && outcomes.found->rate == 0 && !stopped;
  bool const partly = failure || !shown || in_vain || counts.failed + counts.unknown > 0 ||
                      (options_.strict_rate && !stopped && !outcomes.kept_pace());
  return partly ? app::exit_partly : app::exit_done;
}

}  // namespace producer
