#include "storage/sqlite/examination.hpp"

#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

namespace storage::sqlite {

namespace {

constexpr std::uintmax_t little_space = std::uintmax_t{16} << 20;
constexpr std::uintmax_t enough_space = std::uintmax_t{256} << 20;

std::vector<std::string> planned(std::vector<std::string> const& steps) {
  std::vector<std::string> all{"file", "space", "journal"};
  all.insert(all.end(), steps.begin(), steps.end());
  return all;
}

// f_type of NFS, SMB, CIFS, SMB2 and Ceph, see statfs(2).
bool over_network(std::string const& folder) {
  struct statfs status{};
  if (::statfs(folder.c_str(), &status) != 0) return false;
  constexpr std::uint32_t types[] = {0x6969, 0x517B, 0xFF534D42, 0xFE534D42, 0x00C36400};
  return std::find(std::begin(types), std::end(types), static_cast<std::uint32_t>(status.f_type)) !=
         std::end(types);
}

std::string text_of(Connection& connection, char const* sql) {
  auto statement = connection.prepare(sql);
  return statement.step() ? statement.text(0) : std::string();
}

// Thrown to undo what was tried.
Error undone() { return {Errc::cancelled, "tried and undone"}; }

}  // namespace

Examination::Examination(std::shared_ptr<Jobs> jobs, std::string path, std::string const& name,
                         std::vector<std::string> const& steps, Attempt attempt)
    : jobs_(std::move(jobs)), path_(std::move(path)), sheet_(planned(steps)), attempt_(std::move(attempt)) {
  sheet_.examined().address = "sqlite:" + path_ + '#' + name;
}

boost::asio::awaitable<Examined> Examination::run() {
  if (look_at_file()) {
    bool tried = false;
    std::function<bool(Connection&)> const work = [this, &tried](Connection& connection) -> bool {
      sheet_.ok("journal", text_of(connection, "PRAGMA journal_mode") + ", synchronous " +
                               (text_of(connection, "PRAGMA synchronous") == "2" ? "FULL" : "not FULL"));
      attempt_(connection, sheet_);
      tried = true;
      throw Failure(undone());
    };
    auto const outcome = co_await jobs_->run(Access::write, work);
    if (!tried && !outcome) {
      sheet_.failed("file", outcome.error());
      sheet_.leave_rest("the file can't be used");
    }
  }
  sheet_.leave_rest("there is no file yet");
  co_return std::move(sheet_.examined());
}

bool Examination::look_at_file() {
  std::error_code error;
  bool const exists = std::filesystem::exists(path_, error);
  auto folder = std::filesystem::path(path_).parent_path().string();
  if (folder.empty()) folder = ".";
  if (!std::filesystem::is_directory(folder, error)) {
    sheet_.set("file", Verdict::failed, "the folder " + folder + " does not exist",
               "make it, or name another file");
    sheet_.leave_rest("there is no file");
    return false;
  }
  judge_space(folder);
  if (over_network(folder))
    sheet_.warn(folder +
                " is on a network file system, where SQLite's locks and log do not hold: use a local disk");
  bool const writable = ::access(folder.c_str(), W_OK) == 0;
  if (!writable || (exists && ::access(path_.c_str(), R_OK | W_OK) != 0)) {
    sheet_.set(
        "file", Verdict::failed, (writable ? path_ : folder) + " is not writable for this user",
        "give this user the right to write " + folder + ", where a log and a lock stand beside the file");
    sheet_.leave_rest("the file can't be used");
    return false;
  }
  sheet_.ok("file",
            exists ? path_ + " is readable and writable" : path_ + " does not exist yet, and can be made");
  return exists;
}

void Examination::judge_space(std::string const& folder) {
  std::error_code error;
  auto const space = std::filesystem::space(folder, error);
  if (error) {
    sheet_.set("space", Verdict::untested, "the room on the file system is not told: " + error.message());
    return;
  }
  auto const detail = std::to_string(space.available >> 20) + " MiB are free in " + folder;
  if (space.available < little_space)
    sheet_.set("space", Verdict::failed, detail, "free some space there, or name a file elsewhere");
  else
    sheet_.ok("space", detail);
  if (space.available >= little_space && space.available < enough_space) sheet_.warn("only " + detail);
}

}  // namespace storage::sqlite
