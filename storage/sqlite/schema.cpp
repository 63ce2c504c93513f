#include "storage/sqlite/schema.hpp"

#include "storage/sqlite/connection.hpp"

namespace storage::sqlite {

namespace {

constexpr std::int64_t application = 0x45445771;  // "EDWq"; the same number stands in the pragma below
constexpr std::int64_t version = 1;

std::int64_t number(Connection& connection, char const* sql) {
  auto statement = connection.prepare(sql);
  return statement.step() ? statement.integer(0) : 0;
}

// `receipt`: positive while leased, negative while not. Never 0, so that a row keeps its size when it is
// leased, and SQLite needn't write its body anew.
constexpr char const* statements[] = {
    "CREATE TABLE queues (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    "CREATE TABLE messages (seq INTEGER PRIMARY KEY, queue INTEGER NOT NULL, visible_at INTEGER NOT NULL, "
    "receipt INTEGER NOT NULL, receive_count INTEGER NOT NULL, inserted_at INTEGER NOT NULL, "
    "expires_at INTEGER, id TEXT NOT NULL, body TEXT NOT NULL)",
    "CREATE INDEX messages_due ON messages (queue, visible_at)",
    "CREATE INDEX messages_expiring ON messages (expires_at) WHERE expires_at IS NOT NULL",
    "CREATE TABLE tables (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    "CREATE TABLE rows (tbl INTEGER NOT NULL, partition TEXT NOT NULL, row TEXT NOT NULL, data TEXT NOT "
    "NULL, "
    "PRIMARY KEY (tbl, partition, row)) WITHOUT ROWID",
    "PRAGMA application_id = 0x45445771",
    "PRAGMA user_version = 1",
};

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
      for (auto const* statement : statements) connection.run(statement);
    connection.commit();
  } catch (...) {
    connection.rollback();
    throw;
  }
}

}  // namespace storage::sqlite
