#pragma once

#include <compare>
#include <string>

#include "base/error.hpp"
#include "storage/core/table.hpp"

namespace storage::aws {

// The attributes that make up a DynamoDB table's key; both are texts.
struct Schema {
  std::string hash;
  std::string range;  // empty where the key is the hash alone

  // The sample's table: `id` holds our whole key, and `messageProcessingTime` the row's srcStamp, so that a
  // redelivery writes the same item.
  bool sample() const { return hash == "id" && range == "messageProcessingTime"; }
  // Whether one attribute holds our whole key, as "PARTITION/ROW" ('/' and '%' inside them as %2F and %25).
  bool joined() const { return range.empty() || sample(); }
};

// The values of a row's key attributes.
struct ItemKey {
  std::string hash;
  std::string range;
  friend auto operator<=>(ItemKey const&, ItemKey const&) = default;
};

// invalid: a key part that is empty or too long (2,048 bytes of hash, 1,024 of range).
Result<ItemKey> item_key(Schema const& schema, Entity const& row);
// "PARTITION/ROW".
std::string joined_key(Key const& key);
// Our key from an item's. An item that we did not write keeps its hash as partition, with an empty row.
Key row_key(Schema const& schema, ItemKey const& key);

}  // namespace storage::aws
