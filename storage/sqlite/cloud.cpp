#include "storage/sqlite/cloud.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

#include "storage/sqlite/examination.hpp"
#include "storage/sqlite/queue.hpp"
#include "storage/sqlite/table.hpp"

namespace storage::sqlite {

namespace {

bool is_name(std::string_view name) {
  auto const fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= 80 && std::all_of(name.begin(), name.end(), fits);
}

struct Place {
  std::string path;
  std::string name;
};

Result<Place> place_of(Uri const& uri) {
  auto const quoted = '"' + uri.text + '"';
  if (!uri.authority.empty())
    return Error(Errc::invalid, quoted + " has two slashes after sqlite: — write sqlite:PATH#NAME, e.g. " +
                                    "sqlite:edw.db#messages or sqlite:/var/lib/edw.db#messages");
  if (uri.path == ":memory:")
    return Error(Errc::invalid, quoted + " names no file: sqlite needs one, which processes can share");
  if (uri.fragment.empty())
    return Error(Errc::invalid, quoted + " names a file but nothing in it: add # and a name, e.g. sqlite:" +
                                    uri.path + "#messages");
  if (!is_name(uri.fragment))
    return Error(Errc::invalid,
                 quoted + ": the name after # must have 1 to 80 characters of A-Z a-z 0-9 . _ -");
  Place place;
  place.path = std::filesystem::absolute(uri.path).lexically_normal().string();
  place.name = uri.fragment;
  return place;
}

class Sqlite final : public Cloud {
 public:
  Sqlite(Context const& context, Settings settings) : context_(context), settings_(settings) {}

  bool claims(Uri const& uri) const override { return uri.scheme == "sqlite"; }
  Systems systems() const override { return {"sqlite", "sqlite"}; }

  Result<std::unique_ptr<storage::Queue>> queue(Uri const& uri) override {
    auto const place = place_of(uri);
    if (!place) return place.error();
    auto& file = file_at(place->path);
    auto& bell = file.bells[place->name];
    if (!bell) bell = std::make_shared<Bell>();
    return std::make_unique<Queue>(context_, file.database.jobs(), bell, place->name);
  }

  Result<std::unique_ptr<storage::Table>> table(Uri const& uri) override {
    auto const place = place_of(uri);
    if (!place) return place.error();
    return std::make_unique<Table>(file_at(place->path).database.jobs(), place->name);
  }

  Result<std::unique_ptr<storage::Examination>> examine_queue(Uri const& uri, QueueUse const& use) override {
    auto const place = place_of(uri);
    if (!place) return place.error();
    return sqlite::examine_queue(file_at(place->path).database.jobs(), place->path, place->name, use);
  }

  Result<std::unique_ptr<storage::Examination>> examine_table(Uri const& uri, TableUse const& use) override {
    auto const place = place_of(uri);
    if (!place) return place.error();
    return sqlite::examine_table(file_at(place->path).database.jobs(), place->path, place->name, use);
  }

 private:
  struct File {
    File(Context const& context, std::string const& path, Settings settings)
        : database(context.executor, path, settings) {}
    Database database;
    std::map<std::string, std::shared_ptr<Bell>> bells;  // for each queue
  };

  File& file_at(std::string const& path) {
    auto& file = files_[path];
    if (!file) file = std::make_unique<File>(context_, path, settings_);
    return *file;
  }

  Context context_;
  Settings settings_;
  std::map<std::string, std::unique_ptr<File>> files_;
};

}  // namespace

std::unique_ptr<Cloud> make_cloud(Context context, Settings settings) {
  return std::make_unique<Sqlite>(context, settings);
}

}  // namespace storage::sqlite
