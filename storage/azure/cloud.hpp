#pragma once

#include <memory>

#include "storage/core/cloud.hpp"
#include "storage/core/context.hpp"

namespace storage::azure {

std::unique_ptr<Cloud> make_cloud(Context context);

}  // namespace storage::azure
