#include "simulation/planting.hpp"

namespace simulation {

std::vector<std::string> plantable() { return {}; }
bool plant(std::string_view) { return false; }

}  // namespace simulation
