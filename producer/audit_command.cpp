#include "producer/audit_command.hpp"

#include <nlohmann/json.hpp>

#include "app/addresses.hpp"
#include "app/body.hpp"
#include "app/loops.hpp"
#include "app/signals.hpp"
#include "app/summary.hpp"
#include "producer/audit.hpp"

namespace producer {

using base::Errc;
using base::Error;
using base::Result;

app::Command AuditCommand::describe() {
  app::Command command("producer", "audit",
                       "Tell whether every message of a run is persisted, once and unharmed.");
  command.heading("Run");
  command.text("run", "ID", run_, "the run to audit (required)");
  command.texts("manifest", "FILE", manifests_, "what was sent; again for each instance [runs/ID.json]");
  command.whole("count", "N", count_, 1, 10'000'000'000, "without a manifest: take messages 1 to N as sent");
  common_.add_to(command);
  command.footer(
      "Counts acknowledged messages; one whose send was unknown may be there or not.\n"
      "Exit code: 0 only where missing, duplicated, corrupt and unexpected are all 0; else 1; 2 usage or "
      "configuration.\n");
  return command;
}

Result<Manifest> AuditCommand::expectation(app::Command const& command) const {
  if (run_.empty()) return Error(Errc::invalid, "--run is missing: say which run to audit, as in --run a");
  if (!app::is_run_id(run_))
    return Error(Errc::invalid, command.origin("run") + ": \"" + run_ +
                                    "\" is not a run id: 1 to 64 letters, digits, '.', '_' or '-'");
  if (command.given("count") && command.given("manifest"))
    return Error(Errc::invalid, command.origin("count") + " and " + command.origin("manifest") +
                                    " contradict each other: give one");
  Manifest whole;
  whole.run = run_;
  if (command.given("count")) {
    whole.last = count_;
    whole.acknowledged.insert(1, count_);
    return whole;
  }
  auto paths = manifests_;
  if (paths.empty()) paths.push_back("runs/" + run_ + ".json");
  for (auto const& path : paths) {
    auto const part = Manifest::load(path);
    if (!part)
      return Error(
          Errc::invalid,
          part.error().message + (manifests_.empty()
                                      ? "; give --manifest FILE, or --count N if messages 1 to N were sent"
                                      : ""));
    if (part->run != run_)
      return Error(Errc::invalid, path + " is the manifest of run " + part->run + ", not of run " + run_);
    whole.last = std::max(whole.last, part->last);
    for (auto const& [first, last] : part->acknowledged.ranges()) whole.acknowledged.insert(first, last);
    for (auto const& [first, last] : part->failed.ranges()) whole.failed.insert(first, last);
  }
  return whole;
}

namespace {

base::Task<> read_all(app::Loop& loop, app::Addresses const& where, Manifest const& manifest, Audit& audit) {
  auto table = loop.stores().table(where.table);
  if (!table) co_return app::complaint(where.table_origin, table.error());
  auto const opened = co_await (*table)->open(false);
  if (!opened) co_return app::unopened(where, opened.error());
  storage::Range range;
  range.where = {"run", manifest.run};
  std::uint64_t rows = 0;
  auto told = loop.clock().steady();
  do {
    auto const page = co_await (*table)->scan(range);
    if (!page) co_return page.error();
    for (auto const& row : page->rows) audit.take(row);
    rows += page->rows.size();
    range.from = page->next;
    if (loop.clock().steady() - told > std::chrono::seconds(5)) {
      told = loop.clock().steady();
      loop.log().write(base::Level::info, "looked at " + app::grouped(rows) + " rows of " +
                                              app::grouped(manifest.acknowledged.size()));
    }
  } while (!range.from.empty());
  co_return Result<void>();
}

boost::asio::awaitable<void> scan(app::Loop& loop, app::Addresses const& where, Manifest const& manifest,
                                  Audit& audit, Result<void>& result) {
  result = co_await read_all(loop, where, manifest, audit);
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
  app::Signals const signals(log);  // an audit changes nothing: it may end anywhere
  Audit audit(*expected);
  Result<void> scanned;
  app::run_all(*loops,
               [&](app::Loop& loop, std::size_t) { return scan(loop, *where, *expected, audit, scanned); });
  if (!scanned) return scanned.error();
  auto const findings = audit.finish();
  print_findings(common_, run_, where->table, findings);
  return findings.clean() ? app::exit_done : app::exit_partly;
}

}  // namespace producer
