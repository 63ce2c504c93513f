#pragma once

#include "app/metrics/sheet.hpp"

namespace app {

// Processor time, memory, descriptors and start of this process, as /proc tells them; without one, less.
void tell_process(Sheet& sheet);

}  // namespace app
