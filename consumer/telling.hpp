#pragma once

#include <memory>
#include <vector>

#include "app/endpoint/endpoint.hpp"
#include "app/endpoint/loop_meters.hpp"
#include "consumer/lane.hpp"

namespace consumer {

// What the endpoint tells of these lanes.
std::vector<app::Told> tell_of(app::Loops const& loops, std::vector<std::unique_ptr<Lane>> const& lanes,
                               std::vector<app::LoopMeters> const& meters);

// Does `work`, a lane's, with its pulse beside it, where it has one. The first lane asks for the queue's
// depth; where its answer is still to come at the end, `left_behind` says so.
boost::asio::awaitable<void> told(app::Loop& loop, Lane& lane, std::shared_ptr<app::Pulse> pulse,
                                  std::size_t index, boost::asio::awaitable<void> work, bool& left_behind);

}  // namespace consumer
