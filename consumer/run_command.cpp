#include "consumer/run_command.hpp"

#include <unistd.h>

#include <array>
#include <deque>
#include <nlohmann/json.hpp>
#include <thread>

#include "app/addresses.hpp"
#include "app/dead_letter.hpp"
#include "app/metrics/measured.hpp"
#include "app/screen.hpp"
#include "app/signals.hpp"
#include "app/summary.hpp"
#include "app/watch.hpp"
#include "base/process.hpp"
#include "consumer/lane.hpp"
#include "consumer/telling.hpp"
#include "consumer/view.hpp"
#include "consumer/worker_pool.hpp"

namespace consumer {

namespace asio = boost::asio;
using base::Errc;
using base::Error;
using base::Result;

app::Command RunCommand::describe() {
  app::Command command(
      "consumer", "run",
      "Take messages off a queue, process them, write each as one row, and only then remove it.");
  command.heading("Work");
  command.whole("concurrency", "N", settings_.concurrency, 1, 65536, "messages held at once at most [64]");
  command.add("process", "none|sleep=TIME|cpu=TIME|exec=CMD",
              "what to do with each message: nothing, wait, compute, or give it to a program that stays and "
              "answers each line of JSON with one (docs/workers.md) [none]",
              [this](std::string_view text) -> Result<void> {
                auto const process = parse_process(text);
                if (!process) return process.error();
                settings_.process = *process;
                return {};
              });
  command.whole("workers", "N", settings_.workers, 1, 4096,
                "processes that --process exec runs side by side [one a processor]");
  command.duration(
      "process-timeout", "TIME", settings_.process_timeout,
      "a worker that has not answered by then is killed, and its message failed [half of --lease]");
  command.texts("process-env", "NAME", settings_.process_env,
                "a variable that workers get although it may hold a secret; again for each [none]");
  command.whole("count", "N", count_, 1, UINT64_MAX, "end after so many messages");
  command.flag("drain", settings_.drain, "end when nothing is left: visible, leased or delayed");
  command.duration("grace", "SECONDS", settings_.grace,
                   "on SIGTERM: how long to finish or hand back what is held [25]");
  command.heading("Leases and failures");
  command.duration("lease", "SECONDS", lease_,
                   "how long a message is ours before it returns; renewed while work goes on [60]");
  command.whole("max-receives", "N", settings_.max_receives, 1, 1000,
                "a message that fails at its Nth delivery or later goes to the dead letters [5]");
  command.duration("retry-delay", "TIME", settings_.retry_delay,
                   "a failed message stays away up to this long, doubled at each delivery, at most 5m [1s]");
  command.text("dead-letter", "URI", settings_.dead_letter,
               "where poison messages go; made when first needed [the queue's name + -poison]");
  seeing_.add_to(command, "rates, latency, depth and failures");
  endpoint_.add_to(command);
  common_.add_to(command);
  command.footer(
      "Examples:\n"
      "  consumer --drain                            empty the embedded queue, then end\n"
      "  consumer --queue azure://myaccount/messages --table azure://myaccount/results\n"
      "  consumer --queue aws://eu-west-1/messages --table azure://myaccount/results --concurrency 256\n"
      "The reference samples' variables (AZURE_STORAGE_ACCOUNT_NAME, AZURE_QUEUE_NAME, AZURE_TABLE_NAME, or "
      "SQS_QUEUE_URL,\n"
      "DYNAMODB_TABLE, AWS_REGION) are understood where --queue and --table are not given.\n"
      "OTEL_EXPORTER_OTLP_ENDPOINT=http://COLLECTOR:4318 exports the traces that messages carry "
      "(docs/tracing.md).\n"
      "Exit code: 0 done, 1 some of the work failed, 2 usage or configuration. The first SIGTERM drains, a "
      "second ends at once.\n");
  return command;
}

namespace {

struct Opened {
  std::unique_ptr<storage::Queue> queue;
  std::unique_ptr<storage::Table> table;
};

base::Task<Opened> open_both(app::Loop& loop, app::Addresses const& where, app::Common const& common,
                             app::LoopMeters const& meters) {
  Opened opened;
  auto queue = loop.stores().queue(where.queue, common.encoding);
  if (!queue) co_return app::complaint(where.queue_origin, queue.error());
  auto table = loop.stores().table(where.table);
  if (!table) co_return app::complaint(where.table_origin, table.error());
  opened.queue = app::measured(std::move(*queue), meters.queue, loop.clock());
  opened.table = app::measured(std::move(*table), meters.table, loop.clock());
  auto const queue_open = co_await opened.queue->open(common.create);
  if (!queue_open) co_return app::unopened(where, queue_open.error());
  auto const table_open = co_await opened.table->open(common.create);
  if (!table_open) co_return app::unopened(where, table_open.error());
  co_return opened;
}

asio::awaitable<void> open(app::Loop& loop, app::Addresses const& where, app::Common const& common,
                           app::LoopMeters const& meters, Result<Opened>& result) {
  result = co_await open_both(loop, where, common, meters);
}

Result<void> check(app::Command const& command, Settings const& settings,
                   storage::QueueLimits const& limits) {
  auto const origin = command.given("lease") ? command.origin("lease") : std::string("--lease");
  auto const least = std::max(limits.min_lease, std::chrono::seconds(1));
  if (settings.lease < least || settings.lease > limits.max_lease)
    return Error(Errc::invalid, origin + ": " + std::to_string(settings.lease.count()) +
                                    " s is outside what this queue allows, " + std::to_string(least.count()) +
                                    " to " + std::to_string(limits.max_lease.count()) + " s");
  return {};
}

// Workers only where they are asked for, and only where there is such a program.
Result<void> check(app::Command const& command, Settings& settings, base::Environment const& environment) {
  for (auto const* option : {"workers", "process-timeout", "process-env"})
    if (command.given(option) && settings.process.kind != Process::Kind::exec)
      return Error(Errc::invalid,
                   command.origin(option) + " is for --process exec=CMD alone, which is not asked for");
  if (settings.process.kind != Process::Kind::exec) return {};
  if (!command.given("workers")) settings.workers = std::max(1U, std::thread::hardware_concurrency());
  if (!command.given("process-timeout")) settings.process_timeout = settings.lease / 2;
  if (settings.process_timeout.count() <= 0)
    return Error(Errc::invalid, command.origin("process-timeout") + " is nothing: give a worker some time");
  auto const& program = settings.process.words.front();
  auto const path = base::find_program(program, environment);
  if (!path || access(path->c_str(), X_OK) != 0)
    return Error(Errc::invalid, command.origin("process") + ": there is no program \"" + program +
                                    "\" that can be run" + (path ? std::string() : " in PATH") +
                                    ": check the name, or install it");
  return {};
}

// The workers of one lane: its share of the pool, at least one.
std::unique_ptr<Workers> make_workers(Settings const& settings, base::Environment const& environment,
                                      app::Loop& loop, std::size_t lane, std::size_t lanes) {
  WorkerSettings mine;
  mine.words = settings.process.words;
  mine.environment = worker_environment(environment, settings.process_env);
  mine.size = std::max<std::size_t>(settings.workers / lanes + (lane < settings.workers % lanes ? 1 : 0), 1);
  mine.limit = settings.process_timeout;
  return std::make_unique<WorkerPool>(loop.io().get_executor(), loop.clock(), loop.log(), std::move(mine));
}

std::string own_name(base::Environment const& environment) {
  if (auto const pod = environment.get("HOSTNAME")) return *pod;
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string("unknown");
}

void print_summary(app::Common const& common, app::Addresses const& where, Counts const& counts,
                   double seconds) {
  double const rate = seconds > 0 ? static_cast<double>(counts.acknowledged) / seconds : 0;
  if (common.output == app::Output::json) {
    nlohmann::ordered_json json;
    json["received"] = counts.received;
    json["processed"] = counts.processed;
    json["persisted"] = counts.persisted;
    json["acknowledged"] = counts.acknowledged;
    json["abandoned"] = counts.abandoned;
    json["dead_lettered"] = counts.dead_lettered;
    json["lease_lost"] = counts.lease_lost;
    json["seconds"] = app::round_to(seconds, 3);
    json["rate"] = app::round_to(rate, 1);
    json["end_to_end_ms"] = app::quantiles_json(counts.end_to_end);
    app::print(json.dump() + '\n');
    return;
  }
  std::string text = "done      " + app::grouped(counts.acknowledged) + " of " +
                     app::grouped(counts.received) + " messages received from " + where.queue +
                     " are rows in " + where.table + ", in " + app::rounded(seconds) + " s, " +
                     app::rounded(rate) + " a second\n";
  text += "handed back " + app::grouped(counts.abandoned) + ", dead-lettered " +
          app::grouped(counts.dead_lettered) + ", leases lost " + app::grouped(counts.lease_lost) + '\n';
  text += "end to end  " + app::quantiles_text(counts.end_to_end) +
          "  (from when produced to when its row was written)\n";
  app::print(text);
}

// How a run is watched, and shown on a terminal.
struct View {
  app::Addresses const& where;
  app::Series series;
  app::Screen& screen;
  bool live;
  bool watched;  // somebody looks at it: then the queue is asked for its depth
  base::Steady begun;
};

asio::awaitable<void> work(app::Loop& loop, Lane& lane, std::size_t index, View& view, bool& left_behind) {
  if (!view.watched) {
    co_await lane.run();
    co_return;
  }
  app::Watch how;
  how.lane = index;
  how.start = how.origin = view.begun;
  how.queue = &lane.queue();
  how.patience = std::chrono::seconds(1);
  how.part = [&lane, before = Counts()](base::Steady, double depth) mutable {
    auto part = part_of(lane.counts(), before, lane.still_held(), depth);
    before = lane.counts();
    return part;
  };
  app::Show const show{view.screen, view.live, [&view] { return live_block(view.where, view.series); },
                       nullptr};
  auto running = lane.run();
  auto whole = app::watched(loop, view.series, std::move(how), show, std::move(running));
  left_behind = !co_await std::move(whole);
}

}  // namespace

Result<int> RunCommand::run(app::Command const& command, base::Environment const& environment,
                            base::Log& under) {
  using namespace std::chrono_literals;
  app::Screen log(under);
  if (command.given("count")) settings_.count = count_;
  settings_.lease = std::chrono::ceil<std::chrono::seconds>(lease_);
  settings_.name = own_name(environment);
  auto const process_checked = check(command, settings_, environment);
  if (!process_checked) return process_checked.error();
  auto const where = app::addresses(command, common_.queue, common_.table, app::Need::both, environment);
  if (!where) return where.error();
  auto const dead_letter_origin =
      command.given("dead-letter") ? command.origin("dead-letter") : std::string("--dead-letter");
  if (settings_.dead_letter.empty()) settings_.dead_letter = app::dead_letter_uri(where->queue);
  if (settings_.dead_letter == where->queue)
    return Error(Errc::invalid,
                 dead_letter_origin + " is the queue itself: dead letters would go round for ever");

  auto const endpoint =
      app::Endpoint::open(command, endpoint_, {app::Role::consumer, where->queue, where->table});
  if (!endpoint) return endpoint.error();
  app::LoopSettings loop_settings{"consumer", common_.ca_file, command.origin("ca-file"),
                                  settings_.concurrency + 16};
  loop_settings.timed = *endpoint != nullptr;
  auto loops = app::make_loops(common_.threads, loop_settings, environment, log);
  if (!loops) return loops.error();
  std::vector<app::LoopMeters> meters(loops->size());
  if (*endpoint) meters = app::make_meters(*loops, where->queue, where->table, settings_.dead_letter);
  auto const dead_letters = loops->front()->stores().queue(settings_.dead_letter, common_.encoding);
  if (!dead_letters) return app::complaint(dead_letter_origin, dead_letters.error());
  app::Signals signals(log);
  std::vector<Result<Opened>> opened(loops->size());
  app::run_all(*loops, [&](app::Loop& loop, std::size_t index) {
    return open(loop, *where, common_, meters[index], opened[index]);
  });
  for (auto const& each : opened)
    if (!each) return each.error();
  auto const checked = check(command, settings_, opened.front()->queue->limits());
  if (!checked) return checked.error();

  auto const tracing = app::tracing::Tracing::start("consumer", environment,
                                                    {common_.ca_file, command.origin("ca-file")}, log);
  if (*endpoint && tracing) (*endpoint)->traced(tracing->spans());
  Lane::Shared shared;
  shared.settings = settings_;
  shared.queue_uri = where->queue;
  shared.table_uri = where->table;
  shared.tracing = tracing.get();
  shared.encoding = common_.encoding;
  shared.lanes = loops->size();
  for (auto const& each : meters) shared.letter_meters.push_back(each.dead_letters);
  shared.stop_all = [&loops] {
    for (auto const& loop : *loops) loop->request_stop();
  };
  if (settings_.process.kind == Process::Kind::exec)
    shared.workers = [&](app::Loop& loop, std::size_t lane) {
      return make_workers(settings_, environment, loop, lane, shared.lanes);
    };
  std::vector<std::unique_ptr<Lane>> lanes;
  lanes.reserve(loops->size());
  for (std::size_t i = 0; i < loops->size(); ++i)
    lanes.push_back(std::make_unique<Lane>(*(*loops)[i], std::move(opened[i]->queue),
                                           std::move(opened[i]->table), shared, i));

  bool const live = seeing_.live && app::stderr_is_terminal(environment);
  View view{*where,
            app::Series(run_shape(), lanes.size()),
            log,
            live,
            live || !seeing_.series.empty() || !seeing_.report.empty(),
            {}};
  auto const reserved = seeing_.reserve(command, "Consuming from " + where->queue, view.series);
  if (!reserved) return reserved.error();

  signals.drain_by([&loops, &log, &endpoint] {
    if (*endpoint) (*endpoint)->draining();
    log.write(base::Level::info,
              "stopping: finishing or handing back what is held; a second signal ends at once");
    for (auto const& loop : *loops) loop->request_stop();
  });
  if (*endpoint) (*endpoint)->working(tell_of(*loops, lanes, meters));
  log.write(base::Level::info, "consuming " + where->queue + " into " + where->table);
  view.begun = loops->front()->clock().steady();
  std::deque<bool> left_behind(lanes.size(), false);
  app::run_all(*loops, [&](app::Loop& loop, std::size_t index) {
    auto working = work(loop, *lanes[index], index, view, left_behind[index]);
    return told(loop, *lanes[index], meters[index].pulse, index, std::move(working), left_behind[index]);
  });
  log.clear();
  double const seconds = std::chrono::duration<double>(loops->front()->clock().steady() - view.begun).count();

  Counts counts;
  std::size_t still_held = 0;
  bool cut_short = false;
  std::optional<Error> fatal;
  for (auto const& lane : lanes) {
    counts.merge(lane->counts());
    still_held += lane->still_held();
    cut_short = cut_short || lane->cut_short();
    if (lane->fatal() && !fatal) fatal = lane->fatal();
  }
  if (!fatal || counts.received > 0) print_summary(common_, *where, counts, seconds);
  bool const shown =
      seeing_.write(view.series, [&] { return run_page(*where, counts, seconds, view.series); }, log);
  auto const code = shown ? app::exit_done : app::exit_partly;
  if (cut_short) {
    for (auto const& lane : lanes) lane->kill_workers();
    if (fatal) log.write(base::Level::error, base::describe(*fatal));
    log.write(base::Level::warning,
              app::grouped(still_held) +
                  " messages were still at work when --grace ended; they return when their lease ends");
    std::_Exit(fatal ? app::exit_usage : app::exit_partly);  // work still refers to what would be torn down
  }
  // What was asked of the queue last may yet be answered, and refers to what would be torn down.
  if (left_behind.front()) {
    if (fatal) log.write(base::Level::error, base::describe(*fatal));
    std::_Exit(fatal ? app::exit_usage : code);
  }
  if (fatal) return *fatal;
  return code;
}

}  // namespace consumer
