#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/aws/keys.hpp"

// Bodies of DynamoDB's JSON protocol, as pure functions. API reference:
// docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB.html
// Decoders give nothing for a body that is not what the page says, and never throw.
namespace storage::aws::dynamodb {

constexpr std::size_t batch = 25;             // items in one BatchWriteItem
constexpr std::size_t largest_item = 409600;  // bytes, names included

// The item as it stands in a PutRequest. Values named like a key attribute give way to it.
std::string encode_item(Schema const& schema, ItemKey const& key, Entity const& row);
// Bytes of the item as the service counts them, about.
std::size_t item_size(Schema const& schema, ItemKey const& key, Entity const& row);

std::string encode_batch_write(std::string_view table, std::span<std::string_view const> items);
std::string encode_get(std::string_view table, Schema const& schema, ItemKey const& key);
// The first item with that hash, whatever its range.
std::string encode_query(std::string_view table, Schema const& schema, std::string_view hash);
// `from` must be what decode_page gave as `next`, or empty.
std::string encode_scan(std::string_view table, Range const& range);
bool is_page_token(std::string_view from);
std::string encode_describe(std::string_view table);
std::string encode_create(std::string_view table, Schema const& schema);

// The keys of UnprocessedItems.
std::optional<std::vector<ItemKey>> decode_unprocessed(std::string_view body, std::string_view table,
                                                       Schema const& schema);
// Outer: whether the body makes sense. Inner: whether there is such an item.
std::optional<std::optional<Entity>> decode_get(std::string_view body, Schema const& schema);
// Of Scan and of Query. Items without a text key are left out.
std::optional<Page> decode_page(std::string_view body, Schema const& schema);

struct Description {
  std::string status;  // "ACTIVE", "CREATING", …
  Schema schema;
  std::string hash_type, range_type;  // "S", "N" or "B"
};
// Of DescribeTable and of CreateTable.
std::optional<Description> decode_description(std::string_view body);

}  // namespace storage::aws::dynamodb
