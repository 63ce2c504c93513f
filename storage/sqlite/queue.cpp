#include "storage/sqlite/queue.hpp"

#include <algorithm>

#include "storage/sqlite/receipt.hpp"

namespace storage::sqlite {

namespace {

using std::chrono::microseconds;
using std::chrono::seconds;
using namespace std::chrono_literals;

// As large as SQS takes; a row of it is read in one piece.
constexpr std::size_t largest_body = std::size_t{1024} * 1024;
constexpr seconds longest = 7 * 24h;
// Messages of one transaction: enough to share a sync, few enough that others get their turn.
constexpr std::size_t slice = 1000;
constexpr auto first_pause = 1ms;
constexpr auto longest_pause = 50ms;

std::int64_t micros(base::System when) {
  return std::chrono::duration_cast<microseconds>(when.time_since_epoch()).count();
}
std::int64_t micros(seconds duration) { return std::chrono::duration_cast<microseconds>(duration).count(); }
base::System moment(std::int64_t micros) {
  return base::System(std::chrono::duration_cast<base::System::duration>(microseconds(micros)));
}

std::optional<Error> unfit(Outgoing const& message) {
  if (message.body.size() > largest_body)
    return Error(Errc::too_large, "the body has " + std::to_string(message.body.size()) +
                                      " bytes, and sqlite takes at most " + std::to_string(largest_body));
  if (message.delay < 0s || message.delay > longest)
    return Error(Errc::invalid, "a delay must be between 0 seconds and 7 days");
  if (message.ttl && *message.ttl <= 0s) return Error(Errc::invalid, "a lifetime must be at least 1 second");
  return std::nullopt;
}

Error lease_out_of_range() { return {Errc::invalid, "a lease must be between 1 second and 7 days"}; }

Error lease_lost() {
  return {Errc::conflict, "the lease is lost: the message was received by another, released or removed"};
}

// The part of a batch that one transaction takes.
template <class T>
std::span<T> part(std::span<T> all, std::size_t from) {
  return all.subspan(from, std::min(slice, all.size() - from));
}

// Applies `sql`, whose last four parameters say which lease and which delivery of it, to each message.
// Gives the indices of those that have no such lease any more.
template <class Bind>
std::vector<std::size_t> update_each(Connection& connection, char const* sql, std::int64_t queue,
                                     std::span<Message const> messages, Bind const& bind) {
  std::vector<std::size_t> missed;
  auto statement = connection.prepare(sql);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    auto const receipt = Receipt::parse(messages[i].receipt);
    if (!receipt) {
      missed.push_back(i);
      continue;
    }
    statement.again();
    bind(statement);
    statement.bind(queue).bind(receipt->visible_at).bind(receipt->seq).bind(receipt->token).run();
    if (connection.changes() == 0) missed.push_back(i);
  }
  return missed;
}

struct Place {
  std::int64_t queue;
  std::int64_t visible_at;
  std::int64_t seq;
};

void forget_lease(Connection& connection, Place const& place) {
  connection.prepare("DELETE FROM leases WHERE queue = ? AND visible_at = ? AND seq = ?")
      .bind(place.queue)
      .bind(place.visible_at)
      .bind(place.seq)
      .run();
}

void forget_expired(Connection& connection, std::int64_t now) {
  std::vector<Place> places;
  {
    auto expired = connection.prepare(
        "SELECT queue, visible_at, seq FROM leases WHERE expires_at IS NOT NULL AND expires_at <= ? LIMIT "
        "10000");
    expired.bind(now);
    while (expired.step()) places.push_back({expired.integer(0), expired.integer(1), expired.integer(2)});
  }
  for (auto const& place : places) {
    forget_lease(connection, place);
    connection.prepare("DELETE FROM messages WHERE seq = ?").bind(place.seq).run();
  }
}

// A message that is due, as it stands in the file.
struct Due {
  Place place;
  std::int64_t receive_count;
  std::int64_t expires_at;
  bool expires;
  bool torn;  // its text was removed by another program
};

}  // namespace

std::int64_t Queue::now() const { return micros(clock_.system()); }
std::int64_t Queue::token() { return static_cast<std::int64_t>(random_.next() >> 1 | 1U); }

Task<> Queue::open(bool) {
  std::function<std::int64_t(Connection&)> const work = [this](Connection& connection) {
    connection.prepare("INSERT INTO queues (name) VALUES (?) ON CONFLICT DO NOTHING").bind(name_).run();
    auto found = connection.prepare("SELECT id FROM queues WHERE name = ?");
    found.bind(name_).step();
    return found.integer(0);
  };
  auto const id = co_await jobs_->run(Access::write, work);
  if (!id) co_return id.error();
  id_ = *id;
  co_return boost::system::in_place_value;
}

QueueLimits Queue::limits() const {
  QueueLimits limits;
  limits.send_batch = 100;
  limits.receive_batch = 100;
  limits.body = largest_body;
  limits.long_poll = true;
  limits.max_delay = longest;
  limits.min_lease = 1s;
  limits.max_lease = longest;
  return limits;
}

Task<std::vector<Rejected>> Queue::send(std::span<Outgoing const> messages) {
  auto const bell = bell_;
  auto const jobs = jobs_;
  std::vector<Rejected> rejected;
  for (std::size_t from = 0; from < messages.size(); from += slice) {
    auto const mine = part(messages, from);
    auto const now = this->now();
    std::vector<std::string> ids;
    std::vector<std::int64_t> tokens;
    for (std::size_t i = 0; i < mine.size(); ++i) {
      auto error = unfit(mine[i]);
      ids.push_back(error ? std::string() : base::uuid(random_));
      tokens.push_back(-token());
      if (error) rejected.push_back({from + i, std::move(*error)});
    }
    std::function<bool(Connection&)> const work = [&, queue = id_](Connection& connection) {
      auto text =
          connection.prepare("INSERT INTO messages (queue, inserted_at, id, body) VALUES (?, ?, ?, ?)");
      auto lease = connection.prepare(
          "INSERT INTO leases (queue, visible_at, seq, receipt, receive_count, expires_at) VALUES (?, ?, ?, "
          "?, 0, ?)");
      for (std::size_t i = 0; i < mine.size(); ++i) {
        if (ids[i].empty()) continue;
        text.again();
        text.bind(queue).bind(now).bind(ids[i]).bind(mine[i].body).run();
        lease.again();
        lease.bind(queue).bind(now + micros(mine[i].delay)).bind(connection.last_row()).bind(tokens[i]);
        if (mine[i].ttl)
          lease.bind(now + micros(*mine[i].ttl));
        else
          lease.bind_null();
        lease.run();
      }
      return true;
    };
    auto const stored = co_await jobs->run(Access::write, work);
    if (!stored && from == 0) co_return stored.error();
    if (!stored) {  // some are sent, so the call as a whole has not failed
      std::erase_if(rejected, [from](auto const& item) { return item.index >= from; });
      for (auto i = from; i < messages.size(); ++i) rejected.push_back({i, stored.error()});
      co_return rejected;
    }
    bell->ring();
  }
  co_return rejected;
}

Task<std::vector<Message>> Queue::lease(int at_most, std::chrono::seconds lease) {
  auto const lease_until = clock_.steady() + lease;
  std::function<std::vector<Message>(Connection&)> const work = [at_most, lease, lease_until, queue = id_,
                                                                 now = now(),
                                                                 token = token()](Connection& connection) {
    forget_expired(connection, now);
    auto const until = now + micros(lease);
    std::vector<Message> messages;
    std::vector<Due> taken;
    {
      auto due = connection.prepare(
          "SELECT l.visible_at, l.seq, l.receive_count, l.expires_at, m.id, m.body, m.inserted_at FROM "
          "leases l LEFT JOIN messages m ON m.seq = l.seq WHERE l.queue = ? AND l.visible_at <= ? AND "
          "(l.expires_at IS NULL OR l.expires_at > ?) ORDER BY l.visible_at, l.seq LIMIT ?");
      due.bind(queue).bind(now).bind(now).bind(at_most);
      while (due.step()) {
        taken.push_back({{queue, due.integer(0), due.integer(1)},
                         due.integer(2) + 1,
                         due.integer(3),
                         !due.is_null(3),
                         due.is_null(4)});
        auto const& last = taken.back();
        if (last.torn) continue;
        auto& message = messages.emplace_back();
        Receipt receipt;
        receipt.visible_at = until;
        receipt.seq = last.place.seq;
        receipt.token = token;
        message.id = due.text(4);
        message.receipt = receipt.text();
        message.body = due.text(5);
        message.receive_count = static_cast<int>(last.receive_count);
        message.sent_at = moment(due.integer(6));
        if (last.expires) message.expires_at = moment(last.expires_at);
        message.lease_until = lease_until;
      }
    }
    // All leave the front of the tree before the first comes to its end.
    for (auto const& due : taken) forget_lease(connection, due.place);
    auto take = connection.prepare(
        "INSERT INTO leases (queue, visible_at, seq, receipt, receive_count, expires_at) VALUES (?, ?, ?, ?, "
        "?, ?)");
    for (auto const& due : taken) {
      if (due.torn) continue;
      take.again();
      take.bind(queue).bind(until).bind(due.place.seq).bind(token).bind(due.receive_count);
      if (due.expires)
        take.bind(due.expires_at);
      else
        take.bind_null();
      take.run();
    }
    return messages;
  };
  co_return co_await jobs_->run(Access::lease, work);
}

Task<std::vector<Message>> Queue::receive(Receive options) {
  if (options.lease < 1s || options.lease > longest) co_return lease_out_of_range();
  int const at_most = std::min(options.at_most, limits().receive_batch);
  std::vector<Message> nothing;
  if (at_most < 1) co_return nothing;
  auto const bell = bell_;
  auto const jobs = jobs_;
  auto& clock = clock_;
  auto const deadline = clock.steady() + options.wait;
  base::Steady::duration pause = first_pause;
  std::function<bool(Connection&)> const look = [this](Connection& connection) {
    auto due = connection.prepare("SELECT 1 FROM leases WHERE queue = ? AND visible_at <= ? LIMIT 1");
    return due.bind(id_).bind(now()).step();
  };
  for (bool due = true;;) {
    if (options.stop.stop_requested()) co_return nothing;
    auto seen = bell->rings();
    if (due) {
      auto received = co_await lease(at_most, options.lease);
      if (!received || !received->empty()) co_return received;
    }
    if (clock.steady() >= deadline) co_return nothing;
    auto const until = std::min(deadline, clock.steady() + pause);
    co_await bell->wait(clock, seen, until, options.stop);
    pause = std::min<base::Steady::duration>(pause * 2, longest_pause);
    if (options.stop.stop_requested()) co_return nothing;
    // Only a look, which takes no lock, since most looks of an idle consumer find nothing.
    auto const found = co_await jobs->run(Access::read, look);
    if (!found) co_return found.error();
    due = *found;
  }
}

Task<std::vector<Rejected>> Queue::extend(std::span<Message> messages, std::chrono::seconds lease) {
  if (lease < 1s || lease > longest) co_return lease_out_of_range();
  std::vector<Rejected> rejected;
  for (std::size_t from = 0; from < messages.size(); from += slice) {
    auto const mine = part(messages, from);
    auto const until = now() + micros(lease);
    auto const lease_until = clock_.steady() + lease;
    std::function<std::vector<std::size_t>(Connection&)> const work = [mine, until,
                                                                       queue = id_](Connection& connection) {
      return update_each(connection,
                         "UPDATE leases SET visible_at = ? WHERE queue = ? AND visible_at = ? AND seq = ? "
                         "AND receipt = ?",
                         queue, mine, [until](Statement& statement) { statement.bind(until); });
    };
    auto const missed = co_await jobs_->run(Access::lease, work);
    if (!missed) co_return missed.error();
    for (auto const i : *missed) rejected.push_back({from + i, lease_lost()});
    for (std::size_t i = 0; i < mine.size(); ++i) {
      if (std::binary_search(missed->begin(), missed->end(), i)) continue;
      auto receipt = *Receipt::parse(mine[i].receipt);
      receipt.visible_at = until;
      mine[i].receipt = receipt.text();
      mine[i].lease_until = lease_until;
    }
  }
  co_return rejected;
}

Task<std::vector<Rejected>> Queue::release(std::span<Message> messages, std::chrono::seconds delay) {
  if (delay < 0s || delay > longest)
    co_return Error(Errc::invalid, "a delay must be between 0 seconds and 7 days");
  auto const bell = bell_;
  std::vector<Rejected> rejected;
  for (std::size_t from = 0; from < messages.size(); from += slice) {
    auto const mine = part(messages, from);
    auto const visible = now() + micros(delay);
    std::function<std::vector<std::size_t>(Connection&)> const work = [mine, visible,
                                                                       queue = id_](Connection& connection) {
      return update_each(connection,
                         "UPDATE leases SET visible_at = ?, receipt = -receipt WHERE queue = ? AND "
                         "visible_at = ? AND seq = ? AND receipt = ?",
                         queue, mine, [visible](Statement& statement) { statement.bind(visible); });
    };
    auto const missed = co_await jobs_->run(Access::write, work);
    if (!missed) co_return missed.error();
    for (auto const i : *missed) rejected.push_back({from + i, lease_lost()});
  }
  bell->ring();
  co_return rejected;
}

Task<std::vector<Rejected>> Queue::remove(std::span<Message const> messages) {
  std::vector<Rejected> rejected;
  for (std::size_t from = 0; from < messages.size(); from += slice) {
    auto const mine = part(messages, from);
    std::function<std::vector<std::size_t>(Connection&)> const work = [mine,
                                                                       queue = id_](Connection& connection) {
      auto missed = update_each(
          connection, "DELETE FROM leases WHERE queue = ? AND visible_at = ? AND seq = ? AND receipt = ?",
          queue, mine, [](Statement&) {});
      auto text = connection.prepare("DELETE FROM messages WHERE seq = ?");
      for (std::size_t i = 0; i < mine.size(); ++i) {
        if (std::binary_search(missed.begin(), missed.end(), i)) continue;
        text.again();
        text.bind(Receipt::parse(mine[i].receipt)->seq).run();
      }
      // Gone is as good as removed. Still there: somebody else's by now.
      std::erase_if(missed, [&](std::size_t i) {
        auto const receipt = Receipt::parse(mine[i].receipt);
        if (!receipt) return false;
        auto found = connection.prepare("SELECT 1 FROM messages WHERE seq = ? AND id = ?");
        return !found.bind(receipt->seq).bind(mine[i].id).step();
      });
      return missed;
    };
    auto const missed = co_await jobs_->run(Access::write, work);
    if (!missed) co_return missed.error();
    for (auto const i : *missed) rejected.push_back({from + i, lease_lost()});
  }
  co_return rejected;
}

Task<Depth> Queue::depth() {
  std::function<Depth(Connection&)> const work = [queue = id_, now = now()](Connection& connection) {
    auto const count = [&](char const* sql) {
      auto counted = connection.prepare(sql);
      counted.bind(queue).bind(now).bind(now).step();
      return static_cast<std::uint64_t>(counted.integer(0));
    };
    Depth depth;
    depth.exact = true;
    depth.visible = count(
        "SELECT count(*) FROM leases WHERE queue = ? AND visible_at <= ? AND (expires_at IS NULL OR "
        "expires_at > ?)");
    depth.leased = count(
        "SELECT count(*) FROM leases WHERE queue = ? AND visible_at > ? AND receipt > 0 AND (expires_at IS "
        "NULL OR expires_at > ?)");
    depth.delayed = count(
        "SELECT count(*) FROM leases WHERE queue = ? AND visible_at > ? AND receipt < 0 AND (expires_at IS "
        "NULL OR expires_at > ?)");
    return depth;
  };
  co_return co_await jobs_->run(Access::read, work);
}

}  // namespace storage::sqlite
