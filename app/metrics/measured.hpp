#pragma once

#include <memory>

#include "app/metrics/store_meters.hpp"
#include "storage/core/queue.hpp"
#include "storage/core/table.hpp"

namespace app {

// The same queue or table, each of whose calls is timed and counted. Where `meters` is null: unchanged.
std::unique_ptr<storage::Queue> measured(std::unique_ptr<storage::Queue> queue,
                                         std::shared_ptr<QueueMeters> meters, base::Clock& clock);
std::unique_ptr<storage::Table> measured(std::unique_ptr<storage::Table> table,
                                         std::shared_ptr<TableMeters> meters, base::Clock& clock);

}  // namespace app
