#include "storage/sqlite/schema.hpp"

#include "storage/sqlite/connection.hpp"

namespace storage::sqlite {

namespace {

constexpr std::int64_t application = 0x45445771;  // "EDWq"; the same number stands in the pragma below
constexpr std::int64_t version = 2;

std::int64_t number(Connection& connection, char const* sql) {
  auto statement = connection.prepare(sql);
  return statement.step() ? statement.integer(0) : 0;
}

// What changes while a message waits stands apart from its text, which is written once: a receive then writes
// a page or two, not every text again. `receipt`: positive while leased, negative while not, never 0.
constexpr char const* lease_statements[] = {
    "CREATE TABLE leases (queue INTEGER NOT NULL, visible_at INTEGER NOT NULL, seq INTEGER NOT NULL, "
    "receipt INTEGER NOT NULL, receive_count INTEGER NOT NULL, expires_at INTEGER, "
    "PRIMARY KEY (queue, visible_at, seq)) WITHOUT ROWID",
    "CREATE INDEX leases_expiring ON leases (expires_at) WHERE expires_at IS NOT NULL",
};

constexpr char const* message_statement =
    "CREATE TABLE messages (seq INTEGER PRIMARY KEY, queue INTEGER NOT NULL, inserted_at INTEGER NOT NULL, "
    "id TEXT NOT NULL, body TEXT NOT NULL)";

constexpr char const* statements[] = {
    "CREATE TABLE queues (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    "CREATE TABLE tables (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    "CREATE TABLE rows (tbl INTEGER NOT NULL, partition TEXT NOT NULL, row TEXT NOT NULL, data TEXT NOT "
    "NULL, "
    "PRIMARY KEY (tbl, partition, row)) WITHOUT ROWID",
    "PRAGMA application_id = 0x45445771",
    "PRAGMA user_version = 2",
};

void make(Connection& connection) {
  for (auto const* statement : lease_statements) connection.run(statement);
  connection.run(message_statement);
  for (auto const* statement : statements) connection.run(statement);
}

// Format 1 kept the lease in the message's own row.
void migrate(Connection& connection) {
  for (auto const* statement : lease_statements) connection.run(statement);
  for (auto const* statement : {
           "INSERT INTO leases SELECT queue, visible_at, seq, receipt, receive_count, expires_at FROM "
           "messages ORDER BY queue, visible_at, seq",
           "DROP INDEX messages_due",
           "DROP INDEX messages_expiring",
           "ALTER TABLE messages RENAME TO messages_before",
       })
    connection.run(statement);
  connection.run(message_statement);
  for (auto const* statement : {
           "INSERT INTO messages SELECT seq, queue, inserted_at, id, body FROM messages_before ORDER BY seq",
           "DROP TABLE messages_before",
           "PRAGMA user_version = 2",
       })
    connection.run(statement);
}

}  // namespace

void check_owner(Connection& connection, std::string const& path) {
  auto const owner = number(connection, "PRAGMA application_id");
  auto const found = number(connection, "PRAGMA user_version");
  if (owner == application) {
    if (found <= version) return;
    throw Failure(Error(Errc::invalid, path + " was written by a newer version of this program (format " +
                                           std::to_string(found) + ", this one knows " +
                                           std::to_string(version) + "): use that version, or another file"));
  }
  if (owner == 0 && found == 0 && number(connection, "SELECT count(*) FROM sqlite_schema") == 0)
    return;  // new
  throw Failure(Error(Errc::invalid, path + " is a database of another program: name another file"));
}

void prepare_schema(Connection& connection, std::string const& path) {
  connection.begin(Access::write);
  try {
    check_owner(connection, path);
    if (number(connection, "PRAGMA application_id") != application)
      make(connection);
    else if (number(connection, "PRAGMA user_version") < version)
      migrate(connection);
    connection.commit();
  } catch (...) {
    connection.rollback();
    throw;
  }
}

}  // namespace storage::sqlite
