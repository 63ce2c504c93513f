#pragma once

#include "app/options.hpp"
#include "producer/checks.hpp"

namespace producer {

// Adds the options that say what messages hold: their size or text, and the group that they belong to.
void describe_payload(app::Command& command, SendOptions& options);

}  // namespace producer
