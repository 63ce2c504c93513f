#pragma once

#include <boost/asio/awaitable.hpp>
#include <stop_token>

#include "app/series.hpp"
#include "producer/sender.hpp"

namespace producer {

// The columns of a producer's series: asked and depth, counts, errors by kind, latency_ms and service_ms.
app::Series::Shape send_shape();

// Adds what `sender` did to the series once a second, until `ended` is requested; then what is left, and
// leaves. The first lane also asks the queue for its depth now and then, where `ask_depth`.
boost::asio::awaitable<void> watch(app::Loop& loop, storage::Queue& queue, Sender const& sender,
                                   Run const& run, std::size_t lane, bool ask_depth, app::Series& series,
                                   std::stop_token ended);

}  // namespace producer
