#pragma once

#include "app/watch.hpp"
#include "producer/sender.hpp"

namespace producer {

// The columns of a producer's series: asked and depth, counts, errors by kind, latency_ms and service_ms.
app::Series::Shape send_shape();

// What one lane's sender adds to that series; both must outlive the watch. The first lane also asks the queue
// for its depth, where `ask_depth`.
app::Watch watch_sender(Sender const& sender, storage::Queue& queue, Run const& run, std::size_t lane,
                        bool ask_depth);

}  // namespace producer
