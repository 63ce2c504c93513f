#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>

#include "app/loops.hpp"
#include "base/event.hpp"
#include "consumer/counts.hpp"
#include "consumer/dead_letters.hpp"
#include "consumer/held.hpp"
#include "consumer/leases.hpp"
#include "consumer/meters.hpp"
#include "consumer/settings.hpp"
#include "consumer/stage.hpp"
#include "consumer/traces.hpp"
#include "consumer/workers.hpp"

namespace consumer {

// One loop's share of the consumer: receive → process → persist → acknowledge, with at most `concurrency`
// messages held. The row is written before the message is removed; whatever fails before that hands the
// message back.
class Lane {
 public:
  struct Shared {
    Settings settings;
    std::string queue_uri;
    storage::Encoding encoding = storage::Encoding::automatic;
    std::size_t lanes = 1;
    std::string table_uri;
    app::tracing::Tracing* tracing = nullptr;  // null: no traces
    std::function<void()> stop_all = [] {};    // asks every lane to end
    // Makes the workers of a lane that is to process by them.
    std::function<std::unique_ptr<Workers>(app::Loop&, std::size_t lane)> workers;
    // What the dead-letter queue of each lane is measured by; none: it is not.
    std::vector<std::shared_ptr<app::QueueMeters>> letter_meters;
    std::atomic<std::uint64_t> taken{0};     // of --count, promised to receives
    std::atomic<std::uint64_t> received{0};  // of --count
  };

  Lane(app::Loop& loop, std::unique_ptr<storage::Queue> queue, std::unique_ptr<storage::Table> table,
       Shared& shared, std::size_t index);

  // Until stopped, drained or --count is reached, and then until nothing is held or the grace period is over.
  boost::asio::awaitable<void> run();

  Counts const& counts() const { return counts_; }
  // May be kept and read when the lane is gone, from any thread.
  std::shared_ptr<Meters const> meters() const { return meters_; }
  // When the oldest message held was sent, where that is known.
  std::optional<base::System> oldest_held() const;
  storage::Queue& queue() { return *queue_; }
  // Why nothing could be received or written at all; the consumer's end.
  std::optional<base::Error> const& fatal() const { return fatal_; }
  std::size_t still_held() const { return held_.size(); }
  // Whether work went on when the grace period was over: it refers to this lane, so the process must end
  // first.
  bool cut_short() const { return over_; }
  // What it started must not outlive it.
  void kill_workers() {
    if (workers_) workers_->kill();
  }

 private:
  using Batch = Stage::Batch;

  // Receiving (lane_receive.cpp)
  boost::asio::awaitable<void> receive();
  boost::asio::awaitable<void> wait_for_room();
  boost::asio::awaitable<void> ask(std::uint64_t wanted, bool leader);
  boost::asio::awaitable<bool> ask_once(std::uint64_t wanted, bool leader);
  boost::asio::awaitable<void> rest_after_nothing();
  boost::asio::awaitable<void> pause_after(base::Error error, bool leader);
  boost::asio::awaitable<bool> drained();
  void accept(storage::Message message);
  std::uint64_t reserve(std::uint64_t wanted);
  std::size_t room() const;
  void room_made();

  boost::asio::awaitable<void> limit_ending();
  static void identify(Held& held);
  void begin(Held& held);
  bool ending() const { return loop_.stop().stop_requested() || finished_ || fatal_.has_value(); }
  bool flowing() const;
  std::chrono::microseconds linger() const;
  void finish();
  void be_fatal(base::Error error);
  bool hopeless(base::Error const& error) const;

  // Messages of a FIFO group go one by one, in order: behind the first one the others wait (lane_groups.cpp).
  struct Group {
    Held* first = nullptr;
    std::deque<Held*> waiting;
    bool broken = false;  // the first one goes back, so the others must
  };
  bool enter_group(Held& held);
  void leave_group(Held& held);
  Batch take_group_behind(Held& held);
  boost::asio::awaitable<void> begin_next(Held& held);
  boost::asio::awaitable<void> hand_back_all(Batch batch);

  // One message's way (lane_steps.cpp)
  boost::asio::awaitable<void> process(Held& held);
  boost::asio::awaitable<void> persist(Batch batch);
  boost::asio::awaitable<void> acknowledge(Batch batch);
  boost::asio::awaitable<Verdict> work_on(Held& held, std::stop_token stop);
  boost::asio::awaitable<void> give_up(Held& held, std::string reason);
  boost::asio::awaitable<bool> record_letter(Held& held, app::DeadLetter letter);
  boost::asio::awaitable<void> hand_back(Held& held, std::chrono::seconds delay, HandBack why);
  boost::asio::awaitable<void> again_later(Batch batch, Stage& stage, base::Error error);
  boost::asio::awaitable<bool> still_ours(Held& held);
  void fail(Held& held, std::string reason, Condemned why);
  void lose(Held& held);
  void drop(Held& held);
  void log(base::Level level, std::string_view text, Held const& held) const;
  void complain(std::string const& what, base::Error const& error);
  void complain(std::string const& what, base::Error const& error, Held const& held);

  app::Loop& loop_;
  std::unique_ptr<storage::Queue> queue_;
  std::unique_ptr<storage::Table> table_;
  Shared& shared_;
  std::size_t index_;
  std::size_t concurrency_;
  std::size_t worth_;  // room that is worth a receive
  std::list<Held> held_;
  std::map<std::string, Group> groups_;
  std::unique_ptr<Workers> workers_;
  Leases leases_;
  DeadLetters dead_letters_;
  Traces traces_;
  Stage persisting_;
  Stage acknowledging_;
  base::Event changed_;                       // something was dropped, or the lane is ending
  std::stop_source waking_;                   // ends the lane's own waits
  std::stop_source roomy_{std::nostopstate};  // ends a wait for room
  std::stop_source abandon_;                  // ends work that would outlive the grace period
  std::stop_source ended_;                    // run() has nothing more to wait for
  bool receiving_on_ = false;                 // more receives may begin
  std::size_t asking_ = 0;                    // receives under way, or the pause after one
  std::size_t receiving_ = 0;                 // messages that requests on their way may bring
  int confirmations_ = 0;                     // empty receives in a row with nothing counted
  bool limiting_ = false;                     // the grace period runs
  bool limited_ = false;                      // its coroutine has ended
  bool over_ = false;                         // it is over, and something is not done
  bool busy_ = false;                         // the last receive filled its batch: more of them pay
  bool leading_ = false;                      // one receive waits at the service
  int empty_in_row_ = 0;
  int failures_ = 0;  // of receives, in a row
  bool finished_ = false;
  bool received_once_ = false;
  bool written_once_ = false;
  std::optional<base::Error> fatal_;
  Counts counts_;
  std::shared_ptr<Meters> meters_ = std::make_shared<Meters>();
};

}  // namespace consumer
