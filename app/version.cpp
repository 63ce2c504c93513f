#include "app/version.hpp"

namespace app {

std::string version() { return EDW_VERSION; }

std::string version_line(std::string const& program) { return program + ' ' + version(); }

}  // namespace app
