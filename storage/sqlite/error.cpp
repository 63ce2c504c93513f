#include "storage/sqlite/error.hpp"

#include <sqlite3.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>

namespace storage::sqlite {

namespace {

std::string folder_of(std::string const& path) {
  auto const slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool is_folder(std::string const& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

Error full(std::string const& path) {
  return {Errc::transient,
          "the disk or quota that holds " + path +
              " is full: free some space and try again; what was being written is not stored"};
}

Error read_only(std::string const& path) {
  return {Errc::denied,
          path + " cannot be written: give this user permission to write the file and its folder " +
              folder_of(path) + ", and mount the file system writable"};
}

Error cannot_open(int system_error, std::string const& path) {
  auto const folder = folder_of(path);
  if (is_folder(path)) return {Errc::invalid, path + " is a folder: name a file in it"};
  if (!is_folder(folder))
    return {Errc::invalid,
            "the folder " + folder + " for " + path + " does not exist: make it, or name another file"};
  if (system_error == EACCES || system_error == EPERM || system_error == EROFS) return read_only(path);
  auto reason = system_error == 0 ? std::string() : ": " + std::generic_category().message(system_error);
  return {Errc::transient, path + " cannot be opened" + reason};
}

}  // namespace

Error error_of_system(int system_error, std::string const& path) {
  switch (system_error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return full(path);
    case EACCES:
    case EPERM:
    case EROFS:
      return read_only(path);
    default:
      return cannot_open(system_error, path);
  }
}

Error error_of_sqlite(int code, int system_error, std::string const& detail, std::string const& path) {
  Error error;
  switch (code & 0xFF) {
    case SQLITE_FULL:
      error = full(path);
      break;
    case SQLITE_IOERR:
      if (system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG)
        error = full(path);
      else if (code == SQLITE_IOERR_WRITE)  // SQLite keeps only ENOSPC apart
        error = Error(Errc::transient,
                      path + " cannot be written any further: free some space, lift the quota or " +
                          "the limit on file sizes, or check the disk; what was being written "
                          "is not stored");
      else
        error = Error(Errc::transient, "reading or writing " + path + " failed (" + detail +
                                           "): check the disk; what was being written is not acknowledged");
      break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      error = Error(Errc::transient,
                    path + " is locked by another program: end that program's transaction, or wait");
      break;
    case SQLITE_NOTADB:
      error = Error(Errc::invalid,
                    path + " is not an SQLite database: name another file, or move it out of the way");
      break;
    case SQLITE_CORRUPT:
      error =
          Error(Errc::invalid, path + " is damaged (" + detail +
                                   "): restore it from a copy, or rescue it with `sqlite3 FILE .recover`");
      break;
    case SQLITE_READONLY:
    case SQLITE_PERM:
      error = read_only(path);
      break;
    case SQLITE_CANTOPEN:
      error = cannot_open(system_error, path);
      break;
    case SQLITE_TOOBIG:
      error = Error(Errc::too_large, "the text is too large for " + path);
      break;
    default:
      error = Error(Errc::transient, path + ": " + detail);
      break;
  }
  error.service_code = sqlite3_errstr(code);
  return error;
}

void fail(sqlite3* connection, int code, std::string const& path) {
  auto const detail = connection ? sqlite3_errmsg(connection) : sqlite3_errstr(code);
  auto const system_error = connection ? sqlite3_system_errno(connection) : 0;
  throw Failure(error_of_sqlite(code, system_error, detail, path));
}

}  // namespace storage::sqlite
