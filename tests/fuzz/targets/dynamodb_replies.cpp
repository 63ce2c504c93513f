// DynamoDB's JSON: items alone and in pages, what a batch left unwritten, a table's key schema.
#include <nlohmann/json.hpp>

#include "fuzz/lines.hpp"
#include "fuzz/must.hpp"
#include "fuzz/targets.hpp"
#include "storage/aws/dynamodb_wire.hpp"

using namespace storage::aws;
namespace db = storage::aws::dynamodb;

namespace {

bool is_object(std::string const& json) { return nlohmann::json::parse(json, nullptr, false).is_object(); }

void comes_back(storage::Entity const& row, Schema const& schema) {
  auto const key = item_key(schema, row);
  if (!key) return fuzz::must_be_told(key.error());
  fuzz::must(row_key(schema, *key) == row.key, "a row's key comes back from its item's");
  auto const item = db::encode_item(schema, *key, row);
  fuzz::must(is_object(item), "an item is JSON");
  auto const again = db::decode_get("{\"Item\":" + item + '}', schema);
  fuzz::must(again && *again, "an item that was written can be read");
  fuzz::must((*again)->key == row.key, "a key comes back as it was");
  auto expected = row.values;
  expected.erase(schema.hash);
  if (!schema.range.empty()) expected.erase(schema.range);
  fuzz::must((*again)->values == expected, "values come back as they were");
  fuzz::must(is_object(db::encode_get("t", schema, *key)), "a row can be asked for");
}

storage::Entity row_from(fuzz::Lines lines) {
  storage::Entity row;
  row.key.partition = lines.line();
  row.key.row = lines.line();
  while (lines.more()) {
    std::string const name(lines.line());
    auto const value = lines.line();
    if (value.starts_with('#'))
      row.values[name] = static_cast<std::int64_t>(base::parse_u64(value.substr(1)).value_or(0));
    else
      row.values[name] = std::string(value);
  }
  return row;
}

}  // namespace

void fuzz::dynamodb_replies(std::string_view input) {
  if (auto const description = db::decode_description(input))
    must(!description->schema.hash.empty() && !description->status.empty(), "a table has a key and a state");
  for (auto const& schema :
       {Schema{"PartitionKey", "RowKey"}, Schema{"id", "messageProcessingTime"}, Schema{"id", ""}}) {
    if (auto const keys = db::decode_unprocessed(input, "t", schema); keys && !keys->empty())
      (void)row_key(schema, keys->front());
    if (auto const row = db::decode_get(input, schema); row && *row)
      if (auto const key = item_key(schema, **row))
        must(is_object(db::encode_item(schema, *key, **row)), "what was read can be written");
    if (auto const page = db::decode_page(input, schema)) {
      must(db::is_page_token(page->next), "a page tells where the next begins");
      storage::Range range;
      range.from = page->next;
      must(is_object(db::encode_scan("t", range)), "a scan goes on");
    }
    if (base::is_utf8(input)) comes_back(row_from(Lines(input)), schema);
  }
}
