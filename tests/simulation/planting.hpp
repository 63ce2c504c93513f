#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace simulation {

// The faults that can be planted in the code under test: none, but in the build made for it.
std::vector<std::string> plantable();
// False where there is none of that name.
bool plant(std::string_view name);

}  // namespace simulation
