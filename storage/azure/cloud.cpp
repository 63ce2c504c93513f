#include "storage/azure/cloud.hpp"

namespace storage::azure {

std::unique_ptr<Cloud> make_cloud(Context) { return nullptr; }

}  // namespace storage::azure
