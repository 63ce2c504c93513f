#pragma once

#include <optional>
#include <vector>

#include "storage/core/rejected.hpp"

namespace storage::azure {

// The items that failed, in order; or one Error where every item failed because the queue or table is absent
// or the credential was refused.
Result<std::vector<Rejected>> collect(std::vector<std::optional<Error>> const& outcomes);

}  // namespace storage::azure
