#pragma once

#include <string>

namespace app {

// "0.1.0".
std::string version();
// "producer 0.1.0".
std::string version_line(std::string const& program);

}  // namespace app
