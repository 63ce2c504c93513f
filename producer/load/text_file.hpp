#pragma once

#include <string>

#include "base/error.hpp"

namespace producer {

// The whole of a file that an option names. invalid: the end of a sentence; also for more than 256 MiB.
base::Result<std::string> read_text_file(std::string const& path);

}  // namespace producer
