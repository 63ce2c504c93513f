#pragma once

#include <vector>

#include "http/headers.hpp"

namespace auth {

// Puts header fields in the order in which they are signed: by their names without case, those of one name as
// they came.
void sort_by_name(std::vector<http::Header>& headers);

}  // namespace auth
