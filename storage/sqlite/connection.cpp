#include "storage/sqlite/connection.hpp"

#include <sqlite3.h>
#include <sys/stat.h>

#include <chrono>
#include <thread>

#include "storage/sqlite/schema.hpp"

namespace storage::sqlite {

namespace {

// 16 MiB of log: large enough that hot pages are copied back once for many commits, small enough for a disk
// and for the next reader.
constexpr int pages_before_checkpoint = 4096;

std::int64_t milliseconds_now() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Statement::~Statement() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

void Statement::again() {
  sqlite3_reset(statement_);
  bound_ = 0;
}

Statement& Statement::bind(std::int64_t value) {
  sqlite3_bind_int64(statement_, ++bound_, value);
  return *this;
}

Statement& Statement::bind(std::string_view text) {
  // A null pointer would bind NULL.
  auto const* data = text.data() ? text.data() : "";
  int const code = sqlite3_bind_text64(statement_, ++bound_, data, text.size(), SQLITE_STATIC, SQLITE_UTF8);
  if (code != SQLITE_OK) fail(sqlite3_db_handle(statement_), code, path_);
  return *this;
}

Statement& Statement::bind_null() {
  sqlite3_bind_null(statement_, ++bound_);
  return *this;
}

bool Statement::step() {
  int const code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  fail(sqlite3_db_handle(statement_), code, path_);
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string Statement::text(int column) const {
  auto const* data = static_cast<char const*>(sqlite3_column_blob(statement_, column));
  auto const size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return data ? std::string(data, size) : std::string();
}

bool Statement::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

void Connection::Close::operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
void Connection::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Connection::Connection(std::string path, Patience const& patience)
    : path_(std::move(path)), patience_(patience), checkpoint_at_(pages_before_checkpoint) {
  open();
  configure();
  prepare_schema(*this, path_);
}

Connection::~Connection() { statements_.clear(); }

void Connection::open() {
  sqlite3* opened = nullptr;
  int const flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  int const code = sqlite3_open_v2(path_.c_str(), &opened, flags, nullptr);
  connection_.reset(opened);
  if (code != SQLITE_OK) fail(opened, code, path_);
  sqlite3_busy_handler(opened, &Connection::on_busy, this);
  struct stat status{};
  if (::stat(path_.c_str(), &status) != 0) fail(opened, SQLITE_CANTOPEN, path_);
  inode_ = status.st_ino;
  device_ = status.st_dev;
}

void Connection::configure() {
  check_owner(*this, path_);
  {
    auto mode = prepare("PRAGMA journal_mode=WAL");
    // A file system without shared memory, or a file that can't be written, keeps its old mode.
    if (!mode.step() || mode.text(0) != "wal")
      throw Failure(error_of_sqlite(
          sqlite3_db_readonly(connection_.get(), "main") == 1 ? SQLITE_READONLY : SQLITE_CANTOPEN, 0, {},
          path_));
  }
  execute("PRAGMA synchronous=FULL");
  run("PRAGMA temp_store=MEMORY");
  run("PRAGMA wal_autocheckpoint=0");
  // After the pragma above, which is a hook of its own.
  sqlite3_wal_hook(connection_.get(), &Connection::on_commit, this);
  sqlite3_db_config(connection_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

Statement Connection::prepare(char const* sql) {
  auto& kept = statements_[sql];
  if (!kept) {
    sqlite3_stmt* made = nullptr;
    int const code =
        sqlite3_prepare_v3(connection_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr);
    if (code != SQLITE_OK) fail(connection_.get(), code, path_);
    kept.reset(made);
  }
  return {kept.get(), path_};
}

std::int64_t Connection::changes() const { return sqlite3_changes64(connection_.get()); }
std::int64_t Connection::last_row() const { return sqlite3_last_insert_rowid(connection_.get()); }
bool Connection::in_transaction() const { return sqlite3_get_autocommit(connection_.get()) == 0; }

void Connection::execute(char const* sql) {
  int const code = sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(connection_.get(), code, path_);
}

void Connection::begin(Access access) {
  // This pragma takes effect when it is compiled, so it can't be a statement that is kept.
  if (access != Access::read && access != synced_) {
    execute(access == Access::write ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
    synced_ = access;
  }
  run(access == Access::read ? "BEGIN" : "BEGIN IMMEDIATE");
}
void Connection::commit() { run("COMMIT"); }

void Connection::rollback() noexcept {
  if (!in_transaction()) return;
  // Where it fails, SQLite has already undone the transaction.
  sqlite3_exec(connection_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Connection::check_in_place() const {
  struct stat status{};
  if (::stat(path_.c_str(), &status) == 0 && status.st_ino == inode_ && status.st_dev == device_) return;
  throw Failure(Error(Errc::invalid, path_ + " was removed or replaced while in use: start again"));
}

int Connection::on_busy(void* self, int times) {
  auto& connection = *static_cast<Connection*>(self);
  auto const now = milliseconds_now();
  if (times == 0) connection.busy_since_ = now;
  if (connection.patience_.ending.load()) return 0;
  auto const limit = connection.patient_ ? connection.patience_.limit.count() : 20;
  if (now - connection.busy_since_ > limit) return 0;
  std::this_thread::sleep_for(std::chrono::milliseconds(times < 5 ? 1 : 10));
  return 1;
}

int Connection::on_commit(void* self, sqlite3*, char const*, int pages) {
  static_cast<Connection*>(self)->log_pages_ = pages;
  return SQLITE_OK;
}

void Connection::checkpoint_when_due() noexcept {
  if (log_pages_ < pages_before_checkpoint) checkpoint_at_ = pages_before_checkpoint;
  if (log_pages_ < checkpoint_at_) return;
  patient_ = false;
  int const code =
      sqlite3_wal_checkpoint_v2(connection_.get(), "main", SQLITE_CHECKPOINT_RESTART, nullptr, nullptr);
  patient_ = true;
  // Kept from it by a long reader, or by a full disk: not again at every commit.
  checkpoint_at_ = code == SQLITE_OK ? pages_before_checkpoint : log_pages_ + pages_before_checkpoint;
}

void Connection::checkpoint_at_end() noexcept {
  patient_ = false;
  sqlite3_wal_checkpoint_v2(connection_.get(), "main", SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  patient_ = true;
}

}  // namespace storage::sqlite
