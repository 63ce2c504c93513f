#include "producer/find_max.hpp"

#include <boost/asio/co_spawn.hpp>
#include <cmath>

#include "app/summary.hpp"
#include "producer/load/profile.hpp"
#include "producer/pace.hpp"

namespace producer {

namespace asio = boost::asio;
using base::Errc;
using base::Error;
using base::Result;
using namespace std::chrono_literals;

namespace {

double millis(std::chrono::microseconds value) { return static_cast<double>(value.count()) / 1000; }

// Everything that the steps of one search share.
class FindMax {
 public:
  FindMax(app::Loops& loops, RunAll const& run_all, std::vector<Lane>& lanes, Run& run, View& view,
          Bounds const& bounds, Counts& counts)
      : loops_(loops),
        run_all_(run_all),
        lanes_(lanes),
        run_(run),
        view_(view),
        bounds_(bounds),
        counts_(counts) {}

  Result<Found> find() {
    Found found;
    Search search(bounds_);
    double lowest = 0;  // of those that were too much
    while (auto const next = search.next()) {
      if (auto const calm = settle(); !calm) return calm.error();
      if (ending()) break;
      auto const step = attempt(*next);
      if (!step) return step.error();
      if (ending()) break;
      found.steps.push_back(*step);
      loops_.front()->log().write(base::Level::info, step->text());
      search.judge(step->kept());
      if (!step->kept() && (lowest == 0 || step->rate <= lowest)) {
        lowest = step->rate;
        found.limit = step->limit;
      }
    }
    found.rate = search.best();
    found.confirmed = search.confirmed();
    if (lowest == 0 && found.confirmed) found.limit = "to";
    return found;
  }

 private:
  bool ending() const { return loops_.front()->stop().stop_requested() || run_.ledger->failure(); }

  // Waits until the step before has been digested: its backlog must not be held against the next one.
  Result<void> settle() {
    if (!bounds_.backlog) return {};
    Result<void> result;
    LaneWork const work = [this, &result](app::Loop& loop, Lane& lane, std::size_t index) {
      return wait_for_calm(loop, *lane.queue, index == 0, result);
    };
    work_all(run_all_, lanes_, run_, view_, work);
    view_.series.rejoin();
    return result;
  }

  asio::awaitable<void> wait_for_calm(app::Loop& loop, storage::Queue& queue, bool first,
                                      Result<void>& result) {
    if (!first) co_return;
    constexpr auto patience = 60s;
    auto least = UINT64_MAX;
    auto since = loop.clock().steady();
    while (!loop.stop().stop_requested()) {
      auto const depth = co_await queue.depth();
      if (!depth) {
        result = Error(Errc::invalid,
                       "find-max can't bound the backlog of a queue that does not tell its depth: " +
                           base::describe(depth.error()));
        co_return;
      }
      auto const total = static_cast<std::uint64_t>(depth->total());
      if (total <= *bounds_.backlog / 2) co_return;
      if (least == UINT64_MAX)
        loop.log().write(base::Level::info,
                         "waiting until no more than " + app::grouped(*bounds_.backlog / 2) +
                             " messages are left of the " + app::grouped(total) + " in the queue");
      auto const now = loop.clock().steady();
      if (total < least) {
        least = total;
        since = now;
      } else if (now - since > patience) {
        result = Error(
            Errc::invalid,
            "find-max bounds the backlog, but nobody takes messages off the queue: " + app::grouped(total) +
                " are there, and for a minute they became no fewer; start consumers "
                "first, or bound p99 alone");
        co_return;
      }
      co_await loop.clock().sleep(500ms, loop.stop());
    }
  }

  Result<Step> attempt(Try const& what) {
    Step step;
    step.rate = what.rate;
    step.seconds = std::chrono::duration<double>(what.hold).count();
    step.confirming = what.confirming;
    run_.arrivals =
        std::make_shared<Profile>(std::vector<Stretch>{{what.rate, what.rate, 0, 1, step.seconds}});
    run_.start = loops_.front()->clock().steady();
    run_.deadline = run_.start + what.hold;
    make_senders(loops_, lanes_, run_);
    std::vector<Counts> early(lanes_.size());
    Result<storage::Depth> depth = storage::Depth();
    LaneWork const work = [this, &early, &depth](app::Loop& loop, Lane& lane, std::size_t index) {
      return send(loop, lane, early[index], index == 0, depth);
    };
    work_all(run_all_, lanes_, run_, view_, work);
    view_.series.rejoin();

    Counts all;
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      auto const& counts = lanes_[i].sender->counts();
      all.merge(counts);
      step.latency.merge(counts.latency.since(early[i].latency));
    }
    counts_.merge(all);
    auto const pace = measure_pace(run_, lanes_, all.started);
    step.reached = pace.reached;
    step.sent = all.sent;
    step.failed = all.failed + all.unknown;
    if (!depth)
      return Error(Errc::invalid, "the queue no longer tells its depth: " + base::describe(depth.error()));
    if (bounds_.backlog) step.backlog = static_cast<std::uint64_t>(depth->total());
    judge(step, bounds_, all.held_back > 0);
    if (step.kept() && !pace.kept()) {
      step.limit = all.held_back > 0 ? "concurrency" : "machine";
      step.why = app::rounded(pace.reached) + " a second were reached";
    }
    return step;
  }

  asio::awaitable<void> send(app::Loop& loop, Lane& lane, Counts& early, bool first,
                             Result<storage::Depth>& depth) {
    std::stop_source ended;
    base::Event looked(loop.io().get_executor());
    bool looking = true;
    asio::co_spawn(loop.io(), look_early(loop, lane, early, ended.get_token()),
                   [&looking, &looked](std::exception_ptr const& thrown) {
                     looking = false;
                     looked.notify();
                     app::rethrow(thrown);
                   });
    co_await lane.sender->run();
    ended.request_stop();
    while (looking) co_await looked.wait();
    if (first && bounds_.backlog) depth = co_await lane.queue->depth();
  }

  // What was counted in the first fifth, while connections are made.
  asio::awaitable<void> look_early(app::Loop& loop, Lane& lane, Counts& early, std::stop_token ended) {
    co_await loop.clock().sleep_until(run_.start + (run_.deadline - run_.start) / 5, ended);
    early = lane.sender->counts();
  }

  app::Loops& loops_;
  RunAll const& run_all_;
  std::vector<Lane>& lanes_;
  Run& run_;
  View& view_;
  Bounds const& bounds_;
  Counts& counts_;
};

}  // namespace

std::string Step::text() const {
  std::string text = app::rounded(rate) + " a second for " + app::rounded(seconds) + " s: ";
  if (!kept()) return text + "too much, " + why;
  text += confirming ? "confirmed" : "kept";
  text += ", p99 " + app::rounded(millis(latency.quantile(0.99))) + " ms";
  if (backlog) text += ", backlog " + app::grouped(*backlog);
  return text;
}

Step const* Found::best() const {
  Step const* found = nullptr;
  for (auto const& step : steps)
    if (step.kept() && step.rate == rate) found = &step;
  return found;
}

void judge(Step& step, Bounds const& bounds, bool held_back) {
  auto const p99 = step.latency.quantile(0.99);
  auto const because = [&step](char const* limit, std::string why) {
    step.limit = limit;
    step.why = std::move(why);
  };
  if (step.failed > 0)
    because("failures", app::grouped(step.failed) + " messages failed");
  else if (bounds.p99 && p99 >= *bounds.p99)
    because("p99", "p99 " + app::rounded(millis(p99)) + " ms" +
                       (held_back ? ", with messages waiting for a place among --concurrency" : ""));
  else if (bounds.backlog && step.backlog && *step.backlog >= *bounds.backlog)
    because("backlog", app::grouped(*step.backlog) + " messages in the queue");
}

Result<Found> find_max(app::Loops& loops, RunAll const& run_all, std::vector<Lane>& lanes, Run& run,
                       View& view, Bounds const& bounds, Counts& counts) {
  return FindMax(loops, run_all, lanes, run, view, bounds, counts).find();
}

}  // namespace producer
