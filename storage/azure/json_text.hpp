#pragma once

#include <string>
#include <string_view>

namespace storage::azure {

// Appends `utf8`, which must be valid, as a JSON string of ASCII alone: Azurite decodes a body piece by piece
// as it arrives and would tear characters of several bytes. (A document model costs five times as much.)
void append_json(std::string& out, std::string_view utf8);

}  // namespace storage::azure
