#pragma once

#include "app/loops.hpp"
#include "producer/audit.hpp"
#include "storage/core/queue.hpp"

namespace producer {

// Shows the audit the messages of a dead-letter queue: each is leased for a minute at most, and all are
// handed back at the end. Their receive counts grow. At most 10,000 are looked at; a warning says when there
// are more.
base::Task<> look_into(app::Loop& loop, storage::Queue& queue, Audit& audit);

}  // namespace producer
