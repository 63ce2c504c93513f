// sqlite_worker FILE send PREFIX COUNT | consume | drain | fill
//   send     messages PREFIX-1 … PREFIX-COUNT; each acknowledged body becomes a line on stdout
//   consume  receive, upsert under the message's id, remove; until killed
//   drain    the same until nothing is left
//   fill     with files limited to 2 MiB, send until that fails; then the error on stderr, exit 3
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "base/gather.hpp"
#include "storage/sqlite/world.hpp"

namespace storage::sqlite {
namespace {

using boost::asio::awaitable;
using namespace std::chrono_literals;

[[noreturn]] void give_up(Error const& error) {
  std::cerr << error.message << std::endl;
  std::_Exit(3);
}

// One write(2), so that it is out as soon as this returns.
void say(std::string const& lines) {
  if (::write(STDOUT_FILENO, lines.data(), lines.size()) != static_cast<ssize_t>(lines.size())) std::_Exit(4);
}

awaitable<void> send(storage::Queue& queue, std::string const& prefix, int count, int& next,
                     std::size_t padding) {
  while (next <= count) {
    std::vector<Outgoing> batch;
    for (int i = 0; i < 10 && next <= count; ++i)
      batch.push_back(outgoing(prefix + '-' + std::to_string(next++) + ' ' + std::string(padding, 'x')));
    auto const rejected = co_await queue.send(batch);
    if (!rejected) give_up(rejected.error());
    std::string lines;
    for (auto const& message : batch) lines += message.body.substr(0, message.body.find(' ')) + '\n';
    say(lines);
  }
}

awaitable<void> consume(storage::Queue& queue, storage::Table& table, bool to_the_end) {
  for (;;) {
    Receive options;
    options.at_most = 32;
    options.lease = 1s;
    options.wait = 100ms;
    auto const messages = co_await queue.receive(options);
    if (!messages) give_up(messages.error());
    if (messages->empty()) {
      auto const depth = co_await queue.depth();
      if (!depth) give_up(depth.error());
      if (to_the_end && depth->total() == 0) co_return;
      continue;
    }
    std::vector<Entity> rows(messages->size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      auto const& body = (*messages)[i].body;
      rows[i].key.partition = "p";
      rows[i].key.row = (*messages)[i].id;
      rows[i].values["body"] = body.substr(0, body.find(' '));
    }
    auto const written = co_await table.upsert(rows);
    if (!written) give_up(written.error());
    auto const removed = co_await queue.remove(*messages);
    if (!removed) give_up(removed.error());
  }
}

int run(std::string const& file, std::string const& mode, std::string const& prefix, int count) {
  World<base::RealClock> world(file);
  auto queue = world.new_queue();
  auto table = world.new_table();
  auto const opened = fakes::run(world.loop, queue->open(true));
  if (!opened) give_up(opened.error());
  auto const made = fakes::run(world.loop, table->open(true));
  if (!made) give_up(made.error());
  int next = 1;
  if (mode == "fill") {
    ::signal(SIGXFSZ, SIG_IGN);
    rlimit const limit{2 * 1024 * 1024, 2 * 1024 * 1024};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    fakes::run(world.loop, send(*queue, prefix, 1'000'000, next, 1000));
  } else if (mode == "send") {
    std::function<awaitable<void>(std::size_t)> const lane = [&](std::size_t) {
      return send(*queue, prefix, count, next, 2000);
    };
    fakes::run(world.loop, base::gather(4, 4, lane));
  } else {
    fakes::run(world.loop, consume(*queue, *table, mode == "drain"));
  }
  return 0;
}

}  // namespace
}  // namespace storage::sqlite

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  return storage::sqlite::run(argv[1], argv[2], argc > 3 ? argv[3] : "m",
                              argc > 4 ? std::atoi(argv[4]) : 1'000'000);
}
