#pragma once

#include <stdlib.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <string>

#include "base/log.hpp"
#include "fakes/client.hpp"
#include "fakes/run.hpp"
#include "storage/sqlite/cloud.hpp"

namespace storage::sqlite {

// A new folder that goes with its owner.
class Folder {
 public:
  Folder() {
    auto pattern = (std::filesystem::temp_directory_path() / "edw-sqlite-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(Folder const&) = delete;
  Folder& operator=(Folder const&) = delete;
  std::string file(std::string const& name = "test.db") const { return (path_ / name).string(); }
  std::filesystem::path const& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// One event loop and a cloud on it, as one process or thread has them.
template <class Clock>
struct World {
  explicit World(std::string file, Settings settings = {}) : file_(std::move(file)), settings_(settings) {}

  std::unique_ptr<storage::Queue> new_queue(std::string const& name = "messages") {
    return cloud->queue(Uri::parse("sqlite:" + file_ + "#" + name).value()).value();
  }
  std::unique_ptr<storage::Table> new_table(std::string const& name = "results") {
    return cloud->table(Uri::parse("sqlite:" + file_ + "#" + name).value()).value();
  }
  std::unique_ptr<storage::Queue> queue(std::string const& name = "messages") {
    auto made = new_queue(name);
    fakes::run(loop, made->open(true)).value();
    return made;
  }
  std::unique_ptr<storage::Table> table(std::string const& name = "results") {
    auto made = new_table(name);
    fakes::run(loop, made->open(true)).value();
    return made;
  }

  std::string file_;
  Settings settings_;
  boost::asio::io_context loop;
  fakes::Client transport;
  Clock clock;
  base::SeededRandom random{base::entropy()};
  base::Environment environment;
  base::NoLog log;
  std::unique_ptr<Cloud> cloud =
      make_cloud({loop.get_executor(), transport, clock, random, environment, log}, settings_);
};

inline Outgoing outgoing(std::string body) {
  Outgoing message;
  message.body = std::move(body);
  return message;
}

}  // namespace storage::sqlite
