#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/core/table.hpp"

// The Table service's requests and replies as text. Pure functions; decoders take any bytes.
// https://learn.microsoft.com/rest/api/storageservices/payload-format-for-table-service-operations
namespace storage::azure {

inline constexpr std::size_t max_key = 1'024;         // UTF-16 units of a PartitionKey or RowKey
inline constexpr std::size_t max_properties = 252;    // besides the keys and the time stamp
inline constexpr std::size_t max_entity = 1'048'576;  // bytes, text counted as UTF-16
inline constexpr std::size_t text_piece = 32'000;     // UTF-16 units; the service's limit is 32,768
inline constexpr std::string_view json_with_types = "application/json;odata=minimalmetadata";

// Longer text is split over name, name_2, name_3 …: each piece but the last has `text_piece` units, or one
// less where a surrogate pair would be torn. So a text that is one piece has less than text_piece - 1.
std::vector<std::string> split_text(std::string_view text);

// The row as the JSON body of an upsert. invalid: a key, name or text that the service can't hold;
// too_large: a row over its limits.
Result<std::string> encode_entity(Entity const& row);

// Rows with long text joined again; types that a Value doesn't know become text. Nothing: not such a reply.
std::optional<Entity> decode_entity(std::string_view json);
std::optional<std::vector<Entity>> decode_entities(std::string_view json);

// `table` is the endpoint's prefix and the table's name: "/account/name" or "/name".
std::string entity_target(std::string_view table, Key const& key);
// invalid: `from` is no continuation of ours, or `where` names what is no property.
Result<std::string> scan_target(std::string_view table, Range const& range);

// A continuation as one opaque text and back. Nothing: not made by us.
struct Continuation {
  std::string partition;
  std::string row;
};
std::string encode_continuation(Continuation const& continuation);
std::optional<Continuation> decode_continuation(std::string_view text);

}  // namespace storage::azure
