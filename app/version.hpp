#pragma once

#include <string>

namespace app {

// "0.1.0".
std::string version();
// "producer 0.1.0 (libcurl 7.88.1, OpenSSL 3.0.x, SQLite …)": what a bug report needs.
std::string version_line(std::string const& program);

}  // namespace app
