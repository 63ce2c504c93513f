#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "app/addresses.hpp"
#include "app/common.hpp"
#include "app/endpoint/endpoint.hpp"
#include "app/endpoint/loop_meters.hpp"
#include "app/loops.hpp"
#include "app/screen.hpp"
#include "app/series.hpp"
#include "producer/live.hpp"
#include "producer/sender.hpp"

namespace producer {

// A run's pieces for each loop: its own handle on the queue and its own sender.
struct Lane {
  std::unique_ptr<storage::Queue> queue;
  std::unique_ptr<Sender> sender;
  app::LoopMeters meters;
  std::shared_ptr<base::Timings> latency;  // null as the meters are
};

// How a run is shown while it goes on.
struct View {
  Headline headline;
  app::Series series;
  app::Screen& screen;
  bool live;       // a block on the terminal, else a line now and then
  bool ask_depth;  // somebody looks at it
};

// Has the lanes measured, for an endpoint. Before they are opened.
void measure(app::Loops& loops, std::vector<Lane>& lanes, std::string const& queue);
// What the endpoint tells of them.
std::vector<app::Told> tell_of(app::Loops const& loops, std::vector<Lane> const& lanes);
// Opens the queue on every loop; the first error of any.
base::Result<void> open_lanes(app::Loops& loops, std::vector<Lane>& lanes, app::Addresses const& where,
                              app::Common const& common);
// Gives every lane a sender for `run`, which must outlive it.
void make_senders(app::Loops& loops, std::vector<Lane>& lanes, Run const& run);
// Sends one message by the first lane and waits for it: whether this queue takes messages at all.
base::Result<void> probe(app::Loops& loops, std::vector<Lane>& lanes);

// Runs work(loop, index) on every loop at once, and returns when all have ended: app::run_all, or a test's.
using RunAll =
    std::function<void(std::function<boost::asio::awaitable<void>(app::Loop&, std::size_t)> const&)>;
// What each lane is to do.
using LaneWork = std::function<boost::asio::awaitable<void>(app::Loop&, Lane&, std::size_t)>;

// Does `work` by all lanes, watched and shown meanwhile.
void work_all(RunAll const& run_all, std::vector<Lane>& lanes, Run const& run, View& view,
              LaneWork const& work);

}  // namespace producer
