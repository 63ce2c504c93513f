// How fast the sqlite backend takes messages the whole way: send, receive, upsert, remove, on one file, one
// event loop. Usage: sqlite_bench FILE [MESSAGES] [LANES] [BYTES]. FILE must not exist.
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/gather.hpp"
#include "base/log.hpp"
#include "fakes/client.hpp"
#include "fakes/run.hpp"
#include "storage/sqlite/cloud.hpp"

namespace {

using namespace std::chrono_literals;
using boost::asio::awaitable;

struct Work {
  storage::Queue& queue;
  storage::Table& table;
  std::size_t messages;
  std::size_t bytes;
  std::size_t sent = 0;
  std::size_t done = 0;
};

template <class T>
T check(storage::Result<T> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "%s\n", result.error().message.c_str());
  std::exit(1);
}

awaitable<void> send(Work& work) {
  while (work.sent < work.messages) {
    std::vector<storage::Outgoing> batch(std::min<std::size_t>(100, work.messages - work.sent));
    for (auto& message : batch) {
      auto const seq = std::to_string(work.sent++);
      message.body = std::string(12 - std::min<std::size_t>(12, seq.size()), '0') + seq;
      message.body.resize(std::max<std::size_t>(work.bytes, 12), 'x');
    }
    check(co_await work.queue.send(batch));
  }
}

awaitable<void> consume(Work& work) {
  while (work.done < work.messages) {
    storage::Receive options;
    options.at_most = 32;
    options.wait = 100ms;
    auto const messages = check(co_await work.queue.receive(options));
    if (messages.empty()) continue;
    std::vector<storage::Entity> rows(messages.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      // Spread as the consumer does it.
      rows[i].key.row = messages[i].body.substr(0, 12);
      rows[i].key.partition = std::to_string(std::stoul(rows[i].key.row) / 32 % 256) + "-run";
      rows[i].values["data"] = "Scale Test Message : COUNT 1";
      rows[i].values["payload"] = messages[i].body;
      rows[i].values["srcStamp"] = "2026-11-22 01:02:03.000004";
      rows[i].values["dateStamp"] = "2026-11-22 01:02:03.000004";
      rows[i].values["receiveCount"] = std::int64_t{messages[i].receive_count};
    }
    check(co_await work.table.upsert(rows));
    check(co_await work.queue.remove(messages));
    work.done += messages.size();
  }
}

void time(char const* what, boost::asio::io_context& loop, Work& work, std::size_t lanes, std::size_t count,
          std::function<awaitable<void>(std::size_t)> const& lane) {
  auto const begin = std::chrono::steady_clock::now();
  fakes::run(loop, base::gather(lanes, lanes, lane));
  std::chrono::duration<double> const took = std::chrono::steady_clock::now() - begin;
  std::printf("%-28s %8zu messages %7.2f s %9.0f messages/s\n", what, count, took.count(),
              static_cast<double>(count) / took.count());
  work.sent = work.done = 0;
}

std::size_t number(int argc, char** argv, int index, std::size_t otherwise) {
  return argc > index ? std::strtoull(argv[index], nullptr, 10) : otherwise;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || std::filesystem::exists(argv[1])) {
    std::fprintf(stderr, "usage: sqlite_bench NEW-FILE [MESSAGES] [LANES] [BYTES]\n");
    return 2;
  }
  auto const messages = number(argc, argv, 2, 100'000);
  auto const lanes = number(argc, argv, 3, 16);
  boost::asio::io_context loop;
  fakes::Client transport;
  base::RealClock clock;
  base::SeededRandom random(base::entropy());
  base::Environment const environment;
  base::NoLog log;
  auto const cloud =
      storage::sqlite::make_cloud({loop.get_executor(), transport, clock, random, environment, log});
  auto const uri = [&](char const* name) {
    return check(storage::Uri::parse(std::string("sqlite:") + argv[1] + name));
  };
  auto const queue = check(cloud->queue(uri("#messages")));
  auto const table = check(cloud->table(uri("#results")));
  if (auto const opened = fakes::run(loop, queue->open(true)); !opened) {
    std::fprintf(stderr, "%s\n", opened.error().message.c_str());
    return 1;
  }
  if (!fakes::run(loop, table->open(true))) return 1;

  Work work{*queue, *table, messages, number(argc, argv, 4, 300)};
  time("send", loop, work, lanes, messages, [&](std::size_t) { return send(work); });
  time("receive, upsert, remove", loop, work, lanes, messages, [&](std::size_t) { return consume(work); });
  time("all at once", loop, work, 2 * lanes, messages,
       [&](std::size_t lane) { return lane % 2 == 0 ? send(work) : consume(work); });
  work.messages = 200;
  work.bytes = 300;
  time("one by one", loop, work, 1, work.messages, [&](std::size_t) -> awaitable<void> {
    std::vector<storage::Outgoing> one(1);
    for (std::size_t i = 0; i < work.messages; ++i) check(co_await queue->send(one));
  });
}
