#pragma once

#include <string>
#include <string_view>

namespace storage::azure {

// Appends `utf8` as a JSON string. Line and paragraph separators are escaped too, so that the text stays on
// one line for every reader. A document model costs five times as much on this path.
void append_json(std::string& out, std::string_view utf8);

}  // namespace storage::azure
