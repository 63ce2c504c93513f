#include "producer/letters.hpp"

#include <algorithm>
#include <map>

#include "app/dead_letter.hpp"

namespace producer {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t most = 10'000;

void show(std::string text, Audit& audit) {
  if (auto const letter = app::decode_dead_letter(text)) text = letter->body;
  auto const original = app::original_of(std::move(text));
  auto const body = app::decode(original.body);
  audit.take_letter(body ? *body : app::salvage(original.body));
}

}  // namespace

base::Task<> look_into(app::Loop& loop, storage::Queue& queue, Audit& audit) {
  std::map<std::string, storage::Message> held;  // by id, without their texts
  base::Result<void> result;
  auto const limits = queue.limits();
  int empty = 0;
  while (held.size() < most && empty < (limits.long_poll ? 2 : 1)) {
    storage::Receive options;
    options.at_most = std::max(limits.receive_batch, 1);
    options.lease = 60s;
    if (limits.long_poll) options.wait = 1s;
    options.stop = loop.stop();
    auto received = co_await queue.receive(options);
    if (!received) {
      result = received.error();
      break;
    }
    bool news = false;
    for (auto& message : *received) {
      show(std::exchange(message.body, {}), audit);
      news = held.insert_or_assign(message.id, message).second || news;
    }
    empty = news ? 0 : empty + 1;
  }
  if (held.size() >= most)
    loop.log().write(base::Level::warning,
                     "the dead-letter queue holds more than was looked at; what is beyond counts as missing");
  std::vector<storage::Message> handles;
  for (auto& [id, message] : held) handles.push_back(std::move(message));
  if (handles.empty()) co_return result;
  auto const released = co_await queue.release(handles, 0s);
  if (!released && result) result = released.error();
  co_return result;
}

}  // namespace producer
