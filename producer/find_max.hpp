#pragma once

#include <string>
#include <vector>

#include "producer/lanes.hpp"
#include "producer/load/search.hpp"

namespace producer {

// One rate that was tried, and what came of it.
struct Step {
  double rate = 0;     // messages a second asked for
  double seconds = 0;  // that it was kept up
  bool confirming = false;
  double reached = 0;
  std::uint64_t sent = 0;
  std::uint64_t failed = 0;              // or unknown
  app::Histogram latency;                // without the step's first fifth, in which connections are made
  std::optional<std::uint64_t> backlog;  // at its end; where it is bounded
  std::string limit;                     // why it was too much: a word; empty: it was kept
  std::string why;                       // … and for a person
  bool kept() const { return limit.empty(); }
  std::string text() const;  // one line of all that
};

// Holds a step against the bounds: fills `limit` and `why`. What is asked first counts: failures, p99,
// backlog, the pace itself.
void judge(Step& step, Bounds const& bounds, bool held_back);

// What a search came to.
struct Found {
  double rate = 0;  // the highest that was kept; 0: none
  bool confirmed = false;
  std::string limit;  // of the lowest rate that was too much; "to" where none was
  std::vector<Step> steps;
  Step const* best() const;  // the last step at `rate`; null: none
};

// Finds the highest rate under the bounds by sending at one after the other. `run` is changed from step to
// step and must outlive the lanes' senders, which are made anew; all counts are added to `counts`. Ends early
// where the loops are asked to stop or the ledger fails. The error: the queue does not tell its depth
// although the backlog is bounded, or nobody takes off what is there.
base::Result<Found> find_max(app::Loops& loops, RunAll const& run_all, std::vector<Lane>& lanes, Run& run,
                             View& view, Bounds const& bounds, Counts& counts);

}  // namespace producer
