#pragma once

#include <memory>

#include "storage/core/cloud.hpp"
#include "storage/core/context.hpp"

namespace storage::azure {

// Azure Queue and Table storage, or Azurite. Reads AZURE_STORAGE_CONNECTION_STRING,
// AZURE_STORAGE_ACCOUNT_NAME and AZURE_AUTHORITY_HOST when a queue or table is asked for, and the variables
// of the identity chain when a first token is.
std::unique_ptr<Cloud> make_cloud(Context context);

}  // namespace storage::azure
