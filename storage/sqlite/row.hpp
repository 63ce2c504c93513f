#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "storage/core/table.hpp"

namespace storage::sqlite {

// A row's values as a JSON object of strings and whole numbers. Nothing where a name or text is not UTF-8.
std::optional<std::string> encode_values(Entity const& row);
// How a text stands in that object, with its quotes. Empty for what is not UTF-8.
std::string encode_text(std::string_view text);
// Values of other kinds, which only another program can have put there, are left out. False: no JSON object.
bool decode_values(std::string_view json, Entity& row);

// Where the next page of a scan begins: after this key. decode: nothing for a text that is none of ours.
std::string encode_position(Key const& after);
std::optional<Key> decode_position(std::string_view text);

}  // namespace storage::sqlite
