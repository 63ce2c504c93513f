#include "producer/audit_command.hpp"

#include <nlohmann/json.hpp>

#include "app/addresses.hpp"
#include "app/body.hpp"
#include "app/dead_letter.hpp"
#include "app/loops.hpp"
#include "app/signals.hpp"
#include "app/summary.hpp"
#include "producer/audit.hpp"
#include "producer/audit_page.hpp"
#include "producer/expected.hpp"
#include "producer/letters.hpp"

namespace producer {

using base::Errc;
using base::Error;
using base::Result;

app::Command AuditCommand::describe() {
  app::Command command("producer", "audit",
                       "Tell whether every message of a run is persisted, once and unharmed.");
  command.heading("Run");
  command.text("run", "ID", run_, "the run to audit (required)");
  command.texts("manifest", "FILE", manifests_,
                "what was sent; again for each instance [runs/ID.json, else each runs/ID.I.json]");
  command.whole("count", "N", count_, 1, 10'000'000'000, "without a manifest: take messages 1 to N as sent");
  command.text(
      "dead-letter", "URI", dead_letter_,
      "where dead letters are, looked into for what the table lacks; --queue alone names it too [not "
      "looked into: the consumer's rows tell]");
  command.heading("What to see");
  command.text("report", "FILE", report_,
               "one HTML page with plots of rows and end-to-end latency over time, from the rows' stamps");
  command.texts("with", "FILE", beside_,
                "draw this series of the producer or a consumer on that page too; again for each");
  common_.add_to(command);
  command.footer(
      "Counts acknowledged messages; one whose send was unknown may be there or not. What is no row may be "
      "a\n"
      "dead letter: the consumer's table knows of those that it gave up. Those that SQS moved by a redrive "
      "policy\n"
      "are found in their queue (--queue or --dead-letter): leased for a moment, and handed back.\n"
      "Exit code: 0 only where missing, duplicated, corrupt and unexpected are all 0; else 1; 2 usage or "
      "configuration.\n");
  return command;
}

Result<std::vector<Manifest>> AuditCommand::expectation(app::Command const& command) const {
  if (run_.empty()) return Error(Errc::invalid, "--run is missing: say which run to audit, as in --run a");
  if (!app::is_run_id(run_))
    return Error(Errc::invalid, command.origin("run") + ": \"" + run_ +
                                    "\" is not a run id: 1 to 64 letters, digits, '.', '_' or '-'");
  if (command.given("count") && command.given("manifest"))
    return Error(Errc::invalid, command.origin("count") + " and " + command.origin("manifest") +
                                    " contradict each other: give one");
  if (!command.given("count")) return load_expected(run_, manifests_);
  std::vector<Manifest> whole(1);
  whole.front().run = run_;
  whole.front().last = count_;
  whole.front().acknowledged.insert(1, count_);
  return whole;
}

namespace {

using Visit = std::function<void(storage::Entity const&)>;

// Page by page the rows whose value under `name` is the run's.
base::Task<> read_pages(app::Loop& loop, storage::Table& table, std::string name, Audit const& audit,
                        Visit const& visit) {
  storage::Range range;
  range.where = {std::move(name), audit.run()};
  std::uint64_t rows = 0;
  auto told = loop.clock().steady();
  do {
    auto const page = co_await table.scan(range);
    if (!page) co_return page.error();
    for (auto const& row : page->rows) visit(row);
    rows += page->rows.size();
    range.from = page->next;
    if (loop.clock().steady() - told > std::chrono::seconds(5)) {
      told = loop.clock().steady();
      loop.log().write(base::Level::info,
                       "looked at " + app::grouped(rows) + " rows of " + app::grouped(audit.expected()));
    }
  } while (!range.from.empty());
  co_return Result<void>();
}

struct Work {
  app::Addresses const& where;
  app::Common const& common;
  std::string dead_letter;  // empty: of the queue, where that is given
  std::string dead_letter_origin;
  Audit& audit;
  Result<void> result;
};

// The queue's own, by its redrive policy, or the usual name; nothing where no queue was named.
base::Task<std::string> find_dead_letters(app::Loop& loop, Work const& work) {
  if (!work.dead_letter.empty() || work.where.queue.empty()) co_return work.dead_letter;
  auto queue = loop.stores().queue(work.where.queue, work.common.encoding);
  if (!queue) co_return app::complaint(work.where.queue_origin, queue.error());
  auto const opened = co_await (*queue)->open(false);
  if (!opened) co_return opened.error();
  auto named = (*queue)->dead_letters();
  co_return named.empty() ? app::dead_letter_uri(work.where.queue) : named;
}

base::Task<> read_dead_letters(app::Loop& loop, Work& work) {
  auto const uri = co_await find_dead_letters(loop, work);
  if (!uri) co_return uri.error();
  if (uri->empty()) co_return Result<void>();
  auto queue = loop.stores().queue(*uri, work.common.encoding);
  if (!queue) co_return app::complaint(work.dead_letter_origin, queue.error());
  auto const opened = co_await (*queue)->open(false);
  // Made when first needed: it may never have been.
  if (!opened && opened.error().code == Errc::absent && work.dead_letter.empty()) co_return Result<void>();
  if (!opened) co_return opened.error();
  co_return co_await look_into(loop, **queue, work.audit);
}

base::Task<> read_all(app::Loop& loop, Work& work) {
  auto table = loop.stores().table(work.where.table);
  if (!table) co_return app::complaint(work.where.table_origin, table.error());
  auto const opened = co_await (*table)->open(false);
  if (!opened) co_return app::unopened(work.where, opened.error());
  auto& audit = work.audit;
  Visit const rows = [&audit](storage::Entity const& row) { audit.take(row); };
  std::string const run = "run";
  auto const read = co_await read_pages(loop, **table, run, audit, rows);
  if (!read || !audit.lacks_rows()) co_return read;
  Visit const letters = [&audit](storage::Entity const& row) { audit.take_letter(row); };
  std::string const letter_run(app::letter_run);
  auto const told = co_await read_pages(loop, **table, letter_run, audit, letters);
  if (!told || audit.finish().missing == 0) co_return told;
  co_return co_await read_dead_letters(loop, work);
}

boost::asio::awaitable<void> scan(app::Loop& loop, Work& work) {
  work.result = co_await read_all(loop, work);
}

// Reads what is to stand beside, and makes the page's file: both are known to be possible before the scan.
Result<std::vector<Beside>> prepare_page(app::Command const& command, std::string const& run,
                                         std::string const& report, std::vector<std::string> const& series) {
  std::vector<Beside> beside;
  if (report.empty() && !series.empty())
    return Error(Errc::invalid, command.origin("with") + " needs --report: say where the page is to go");
  for (auto const& path : series) {
    auto plots = app::SeriesPlots::load(path);
    if (!plots) return Error(Errc::invalid, command.origin("with") + ": " + plots.error().message);
    beside.push_back({path, std::move(*plots)});
  }
  if (report.empty()) return beside;
  if (auto const made = app::reserve_page(report, "Audit of run " + run); !made)
    return Error(Errc::invalid, command.origin("report") + ": " + made.error().message);
  return beside;
}

void print_findings(app::Common const& common, std::string const& run, std::string const& table,
                    Findings const& found) {
  if (common.output == app::Output::json) {
    nlohmann::ordered_json json;
    json["run"] = run;
    json["expected"] = found.expected;
    json["found"] = found.found;
    json["missing"] = found.missing;
    json["duplicated"] = found.duplicated;
    json["corrupt"] = found.corrupt;
    json["unexpected"] = found.unexpected;
    json["dead_lettered"] = found.dead_lettered;
    if (found.poison > 0)
      json["poison"] = {{"acknowledged", found.poison},
                        {"dead_lettered", found.poison_dead_lettered},
                        {"persisted", found.poison_persisted}};
    json["missing_seq"] = found.missing_seq;
    json["end_to_end_ms"] = app::quantiles_json(found.end_to_end);
    app::print(json.dump() + '\n');
    return;
  }
  std::string text = std::string(found.clean() ? "clean     " : "NOT CLEAN ") + "run " + run + " in " +
                     table + ": " + app::grouped(found.found) + " of " + app::grouped(found.expected) +
                     " messages found\n";
  text += "missing   " + app::grouped(found.missing);
  for (std::size_t i = 0; i < found.missing_seq.size(); ++i)
    text += (i == 0 ? ": " : ", ") + std::to_string(found.missing_seq[i]);
  if (found.missing > found.missing_seq.size()) text += ", …";
  text += "\nduplicated " + app::grouped(found.duplicated) + ", corrupt " + app::grouped(found.corrupt) +
          ", unexpected " + app::grouped(found.unexpected) + ", dead-lettered " +
          app::grouped(found.dead_lettered) + '\n';
  if (found.poison > 0)
    text += "poison    " + app::grouped(found.poison_dead_lettered) + " of " + app::grouped(found.poison) +
            " bad on purpose are dead letters" +
            (found.poison_persisted > 0
                 ? ", " + app::grouped(found.poison_persisted) + " became rows, which are unexpected"
                 : "") +
            '\n';
  text += "end to end " + app::quantiles_text(found.end_to_end) + '\n';
  app::print(text);
}

}  // namespace

Result<int> AuditCommand::run(app::Command const& command, base::Environment const& environment,
                              base::Log& log) {
  auto const expected = expectation(command);
  if (!expected) return expected.error();
  auto const where = app::addresses(command, common_.queue, common_.table, app::Need::table, environment);
  if (!where) return where.error();
  auto loops =
      app::make_loops(1, {"producer", common_.ca_file, command.origin("ca-file"), 16}, environment, log);
  if (!loops) return loops.error();
  app::Signals const signals(
      log);  // it may end anywhere: what it looks at in a queue is back within a minute
  auto const beside = prepare_page(command, run_, report_, beside_);
  if (!beside) return beside.error();
  if (auto const absent = absent_instances(*expected); !absent.empty())
    log.write(base::Level::warning, "no manifest of instance " + absent + ": rows of it count as unexpected");
  Audit audit(*expected);
  RowTimes times;
  if (!report_.empty()) audit.note_times(times);
  auto named = *where;
  if (!command.given("queue")) named.queue.clear();  // nobody asked to look into a queue
  Work work{named, common_, dead_letter_, command.origin("dead-letter"), audit, {}};
  app::run_all(*loops, [&work](app::Loop& loop, std::size_t) { return scan(loop, work); });
  if (!work.result) return work.result.error();
  auto const findings = audit.finish();
  print_findings(common_, run_, where->table, findings);
  if (!report_.empty()) {
    auto const written = app::write_page(report_, audit_page(run_, where->table, findings, times, *beside));
    if (!written) log.write(base::Level::error, written.error().message);
    if (!written) return app::exit_partly;
  }
  return findings.clean() ? app::exit_done : app::exit_partly;
}

}  // namespace producer
