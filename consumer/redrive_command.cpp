#include "consumer/redrive_command.hpp"

#include <nlohmann/json.hpp>

#include "app/addresses.hpp"
#include "app/signals.hpp"
#include "app/summary.hpp"

namespace consumer {

namespace asio = boost::asio;
using base::Errc;
using base::Error;
using base::Result;

app::Command RedriveCommand::describe() {
  app::Command command("consumer", "redrive", "Move dead letters back to the queue, or list them.");
  command.heading("Which");
  command.whole("limit", "N", limit_, 1, UINT64_MAX, "no more than so many [all]");
  command.add(
      "filter", "TEXT",
      "only those whose reason holds TEXT; or reason=TEXT, body=TEXT, and id=ID or run=ID exactly [all]",
      [this](std::string_view text) -> Result<void> {
        if (text.empty()) return Error(Errc::invalid, "is empty");
        settings_.filter = parse_letter_filter(text);
        return {};
      });
  command.flag("dry-run", settings_.dry_run, "only list them: id, reason, count and age of each");
  command.text("dead-letter", "URI", dead_letter_,
               "where they are [the queue's own redrive policy's, else the queue's name + -poison]");
  common_.add_to(command);
  command.footer(
      "Each is sent first and removed second: an end at any time leaves a copy too many, never one too few,\n"
      "and copies become one row. Also give the --table that the consumer writes to: reasons of large "
      "messages\n"
      "stand there, and an audit learns from it what was moved.\n"
      "Examples:\n"
      "  consumer redrive --dry-run                       what is there, on the embedded default\n"
      "  consumer redrive --queue azure://myaccount/messages --filter 'the table refuses' --limit 100\n"
      "Exit code: 0 done, 1 some could not be moved, 2 usage or configuration.\n");
  return command;
}

namespace {

struct Work {
  app::Addresses where;
  app::Common const& common;
  RedriveSettings settings;
  std::string dead_letter;
  std::string origin;  // of the dead-letter queue's URI; empty where it is our guess

  std::unique_ptr<storage::Queue> from, to;
  std::unique_ptr<storage::Table> table;
  std::unique_ptr<Redrive> redrive;
  bool nothing = false;  // there is no such queue
  Result<void> result;
};

base::Task<> open(app::Loop& loop, Work& work) {
  auto to = loop.stores().queue(work.where.queue, work.common.encoding);
  if (!to) co_return app::complaint(work.where.queue_origin, to.error());
  work.to = std::move(*to);
  auto const opened = co_await work.to->open(work.common.create);
  if (!opened) co_return opened.error();
  if (work.origin.empty()) {
    work.dead_letter = work.to->dead_letters();
    if (work.dead_letter.empty()) work.dead_letter = app::dead_letter_uri(work.where.queue);
  }
  auto from = loop.stores().queue(work.dead_letter, work.common.encoding);
  if (!from) co_return app::complaint(work.origin, from.error());
  work.from = std::move(*from);
  auto const found = co_await work.from->open(false);
  if (!found && found.error().code == Errc::absent && work.origin.empty()) {
    work.nothing = true;  // made when first needed: it never was
    co_return Result<void>();
  }
  if (!found) co_return found.error();
  if (work.where.table.empty()) co_return Result<void>();
  auto table = loop.stores().table(work.where.table);
  if (!table) co_return app::complaint(work.where.table_origin, table.error());
  auto const table_open = co_await (*table)->open(work.common.create);
  if (!table_open) co_return table_open.error();
  work.table = std::move(*table);
  co_return Result<void>();
}

base::Task<> carry_out(app::Loop& loop, Work& work) {
  auto const opened = co_await open(loop, work);
  if (!opened || work.nothing) co_return opened;
  work.redrive = std::make_unique<Redrive>(loop, *work.from, work.to.get(), work.table.get(), work.settings);
  co_return co_await work.redrive->run();
}

asio::awaitable<void> run_work(app::Loop& loop, Work& work) { work.result = co_await carry_out(loop, work); }

nlohmann::ordered_json to_json(Listed const& letter) {
  nlohmann::ordered_json json;
  json["id"] = letter.id;
  json["reason"] = letter.reason;
  json["count"] = letter.count;
  if (letter.age)
    json["age_seconds"] = letter.age->count();
  else
    json["age_seconds"] = nullptr;
  if (!letter.run.empty()) {
    json["run"] = letter.run;
    json["seq"] = letter.seq;
  }
  json["bytes"] = letter.bytes;
  return json;
}

std::string age_text(Listed const& letter) {
  if (!letter.age) return "?";
  auto const seconds = letter.age->count();
  if (seconds < 120) return std::to_string(seconds) + "s";
  if (seconds < 2 * 3600) return std::to_string(seconds / 60) + "m";
  if (seconds < 48 * 3600) return std::to_string(seconds / 3600) + "h";
  return std::to_string(seconds / 86400) + "d";
}

std::string column(std::string text, std::size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text + "  ";
}

// Control characters of somebody else's making have no place on a terminal.
std::string shown(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  return text;
}

void print_summary(Work const& work, double seconds) {
  auto const* redrive = work.redrive.get();
  auto const moved = redrive ? redrive->moved() : 0;
  auto const failed = redrive ? redrive->failed() : 0;
  auto const skipped = redrive ? redrive->skipped() : 0;
  static std::vector<Listed> const none;
  auto const& listed = redrive ? redrive->listed() : none;
  if (work.common.output == app::Output::json) {
    nlohmann::ordered_json json;
    json["queue"] = work.where.queue;
    json["dead_letter"] = work.dead_letter;
    json["dry_run"] = work.settings.dry_run;
    json["redriven"] = moved;
    json["failed"] = failed;
    json["skipped"] = skipped;
    json["complete"] = !redrive || !redrive->cut_short();
    json["seconds"] = app::round_to(seconds, 3);
    if (work.settings.dry_run) {
      auto& letters = json["letters"] = nlohmann::ordered_json::array();
      for (auto const& letter : listed) letters.push_back(to_json(letter));
    }
    app::print(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n');
    return;
  }
  if (work.settings.dry_run) {
    std::size_t width = 2;
    for (auto const& letter : listed) width = std::max(width, letter.id.size());
    std::string text;
    if (!listed.empty()) text = column("id", width) + column("count", 5) + column("age", 5) + "reason\n";
    for (auto const& letter : listed)
      text += column(shown(letter.id), width) + column(std::to_string(letter.count), 5) +
              column(age_text(letter), 5) + shown(letter.reason) + '\n';
    text += app::grouped(listed.size()) + " dead letters in " + work.dead_letter + ", " +
            app::grouped(skipped) + " others passed over; nothing was moved\n";
    if (redrive && redrive->cut_short())
      text += "there may be more: " + app::grouped(Redrive::most_held) + " at most are looked at\n";
    app::print(text);
    return;
  }
  app::print("done      " + app::grouped(moved) + " dead letters went back from " + work.dead_letter +
             " to " + work.where.queue + ", in " + app::rounded(seconds) + " s\nfailed    " +
             app::grouped(failed) + ", passed over " + app::grouped(skipped) + '\n');
}

}  // namespace

Result<int> RedriveCommand::run(app::Command const& command, base::Environment const& environment,
                                base::Log& log) {
  if (command.given("limit")) settings_.limit = limit_;
  auto where = app::addresses(command, common_.queue, common_.table, app::Need::queue, environment);
  if (!where) return where.error();
  if (dead_letter_ == where->queue)
    return Error(Errc::invalid,
                 command.origin("dead-letter") + " is the queue itself: nothing could be moved");
  auto loops =
      app::make_loops(1, {"consumer", common_.ca_file, command.origin("ca-file"), 64}, environment, log);
  if (!loops) return loops.error();
  Work work{*where, common_, settings_, dead_letter_, command.origin("dead-letter"), {}, {}, {},
            {},     false,   {}};
  app::Signals signals(log);
  signals.drain_by([&loops, &log] {
    log.write(base::Level::info, "stopping: handing back what is held; a second signal ends at once");
    for (auto const& loop : *loops) loop->request_stop();
  });
  auto const begun = loops->front()->clock().steady();
  app::run_all(*loops, [&work](app::Loop& loop, std::size_t) { return run_work(loop, work); });
  double const seconds = std::chrono::duration<double>(loops->front()->clock().steady() - begun).count();
  if (work.nothing)
    log.write(base::Level::info, "there is no queue " + work.dead_letter + ": no message was ever given up");
  bool const begun_well = work.result || (work.redrive && work.redrive->moved() > 0);
  if (!begun_well) return work.result.error();
  print_summary(work, seconds);
  if (!work.result) {
    log.write(base::Level::error, "stopped early: " + base::describe(work.result.error()));
    return app::exit_partly;
  }
  return work.redrive && work.redrive->failed() > 0 ? app::exit_partly : app::exit_done;
}

}  // namespace consumer
