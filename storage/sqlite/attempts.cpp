#include <limits>

#include "storage/sqlite/examination.hpp"

namespace storage::sqlite {

namespace {

std::vector<std::string> steps_of(QueueUse const& use) {
  std::vector<std::string> steps{"queue"};
  if (use.send) steps.emplace_back("send");
  if (use.receive)
    for (auto const* step : {"receive", "delete", "extend"}) steps.emplace_back(step);
  return steps;
}

std::vector<std::string> steps_of(TableUse const& use) {
  std::vector<std::string> steps{"table"};
  if (use.read) steps.emplace_back("read");
  if (use.write) steps.emplace_back("write");
  return steps;
}

constexpr char const* done = "works: tried in a transaction that was undone";

void try_queue(Connection& connection, Sheet& sheet, std::string const& name, QueueUse const& use) {
  auto find = connection.prepare(
      "SELECT q.id, (SELECT count(*) FROM leases l WHERE l.queue = q.id) FROM queues q WHERE q.name = ?");
  if (find.bind(name).step())
    sheet.ok("queue", "is there, with " + counted(static_cast<std::uint64_t>(find.integer(1)), "message"));
  else
    sheet.ok("queue", "does not exist yet: it is made when first used");
  // In a queue that nobody has.
  connection.prepare("INSERT INTO messages (queue, inserted_at, id, body) VALUES (0, 0, 'doctor', '{}')")
      .run();
  auto const seq = connection.last_row();
  connection
      .prepare("INSERT INTO leases (queue, visible_at, seq, receipt, receive_count) VALUES (0, ?, ?, -1, 0)")
      .bind(std::numeric_limits<std::int64_t>::max())
      .bind(seq)
      .run();
  if (use.send) sheet.ok("send", done);
  connection.run("UPDATE leases SET receipt = 1, receive_count = 1 WHERE queue = 0");
  if (use.receive) sheet.ok("receive", done);
  connection.run("UPDATE leases SET visible_at = visible_at - 1 WHERE queue = 0");
  if (use.receive) sheet.ok("extend", done);
  connection.run("DELETE FROM leases WHERE queue = 0");
  connection.prepare("DELETE FROM messages WHERE seq = ?").bind(seq).run();
  if (use.receive) sheet.ok("delete", done);
}

void try_table(Connection& connection, Sheet& sheet, std::string const& name, TableUse const& use) {
  auto find = connection.prepare("SELECT id FROM tables WHERE name = ?");
  bool const there = find.bind(name).step();
  sheet.ok("table", there ? "is there" : "does not exist yet: it is made when first used");
  connection.prepare("INSERT INTO rows (tbl, partition, row, data) VALUES (0, 'doctor', '', '{}')").run();
  if (use.write) sheet.ok("write", done);
  connection.prepare("SELECT data FROM rows WHERE tbl = 0").step();
  if (use.read) sheet.ok("read", done);
}

}  // namespace

std::unique_ptr<storage::Examination> examine_queue(std::shared_ptr<Jobs> jobs, std::string path,
                                                    std::string name, QueueUse const& use) {
  Attempt attempt = [name, use](Connection& connection, Sheet& sheet) {
    try_queue(connection, sheet, name, use);
  };
  return std::make_unique<Examination>(std::move(jobs), std::move(path), name, steps_of(use),
                                       std::move(attempt));
}

std::unique_ptr<storage::Examination> examine_table(std::shared_ptr<Jobs> jobs, std::string path,
                                                    std::string name, TableUse const& use) {
  Attempt attempt = [name, use](Connection& connection, Sheet& sheet) {
    try_table(connection, sheet, name, use);
  };
  return std::make_unique<Examination>(std::move(jobs), std::move(path), name, steps_of(use),
                                       std::move(attempt));
}

}  // namespace storage::sqlite
