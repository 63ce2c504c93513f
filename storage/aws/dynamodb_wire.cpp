#include "storage/aws/dynamodb_wire.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/json_run.hpp"
#include "storage/aws/json.hpp"

namespace storage::aws::dynamodb {

namespace {

using Document = nlohmann::json;

// The member, or nullptr where there is none or `json` is no object.
Document const* member(Document const& json, std::string_view key) {
  if (!json.is_object()) return nullptr;
  auto const found = json.find(key);
  return found == json.end() ? nullptr : &*found;
}

std::string text_of(Document const& json, std::string_view key) {
  auto const* found = member(json, key);
  return found && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<Document> parse_object(std::string_view body) {
  auto json = Document::parse(body, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  return json;
}

void key_attributes(Json& json, Schema const& schema, ItemKey const& key) {
  json.key(schema.hash).object().key("S").text(key.hash).end_object();
  if (!schema.range.empty()) json.key(schema.range).object().key("S").text(key.range).end_object();
}

bool is_key(Schema const& schema, std::string_view name) {
  return name == schema.hash || (!schema.range.empty() && name == schema.range);
}

// "name":{"S": in one piece, since a row has a dozen of them.
void begin_attribute(Json& json, std::string_view name, char type) {
  std::array<char, 64> text{'"'};
  auto const* const begin = name.data();
  auto const* const end = begin + name.size();
  if (name.size() > text.size() - 16 || base::json_run(begin, end) != end) {
    json.key(name).object().key({&type, 1});
    return;
  }
  auto* at = std::copy(begin, end, text.data() + 1);
  for (char const c : {'"', ':', '{', '"', type, '"', ':'}) *at++ = c;
  json.raw({text.data(), at});
}

// {"S":"text"} and {"N":"1"}; a truth value as text. Sets, lists and the like are not ours: nothing.
std::optional<Value> value_of(Document const& attribute) {
  if (auto const* text = member(attribute, "S"); text && text->is_string())
    return Value(text->get<std::string>());
  if (auto const* number = member(attribute, "N"); number && number->is_string()) {
    auto const& digits = number->get_ref<std::string const&>();
    std::int64_t value = 0;
    auto const [end, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (wrong == std::errc() && end == digits.data() + digits.size()) return Value(value);
    return Value(digits);  // a fraction, or more digits than we hold
  }
  if (auto const* truth = member(attribute, "BOOL"); truth && truth->is_boolean())
    return Value(std::string(truth->get<bool>() ? "true" : "false"));
  return std::nullopt;
}

std::optional<ItemKey> key_of(Document const& item, Schema const& schema) {
  ItemKey key;
  auto const* hash = member(item, schema.hash);
  auto const* hash_text = hash ? member(*hash, "S") : nullptr;
  if (!hash_text || !hash_text->is_string()) return std::nullopt;
  key.hash = hash_text->get<std::string>();
  if (schema.range.empty()) return key;
  auto const* range = member(item, schema.range);
  auto const* range_text = range ? member(*range, "S") : nullptr;
  if (!range_text || !range_text->is_string()) return std::nullopt;
  key.range = range_text->get<std::string>();
  return key;
}

std::optional<Entity> entity_of(Document const& item, Schema const& schema) {
  auto const key = key_of(item, schema);
  if (!key) return std::nullopt;
  Entity row;
  row.key = row_key(schema, *key);
  for (auto const& [name, attribute] : item.items()) {
    if (is_key(schema, name)) continue;
    if (auto value = value_of(attribute)) row.values.emplace(name, std::move(*value));
  }
  return row;
}

// A LastEvaluatedKey as it came. Written anew, since dumping a document recurses as deep as it is.
std::string page_token(Document const& key) {
  std::string out;
  Json json(out);
  json.object();
  for (auto const& [name, attribute] : key.items())
    for (auto const* type : {"S", "N", "B"})
      if (auto const* value = member(attribute, type); value && value->is_string())
        json.key(name).object().key(type).text(value->get_ref<std::string const&>()).end_object();
  json.end_object();
  return out;
}

}  // namespace

std::string encode_item(Schema const& schema, ItemKey const& key, Entity const& row) {
  std::size_t room = 64 + schema.hash.size() + key.hash.size() + schema.range.size() + key.range.size();
  for (auto const& [name, value] : row.values) {
    auto const* const text = std::get_if<std::string>(&value);
    room += 32 + name.size() + (text ? text->size() * 9 / 8 : 0);
  }
  std::string out;
  out.reserve(room);
  Json json(out);
  json.object();
  key_attributes(json, schema, key);
  for (auto const& [name, value] : row.values) {
    if (is_key(schema, name)) continue;
    auto const* const number = std::get_if<std::int64_t>(&value);
    begin_attribute(json, name, number ? 'N' : 'S');
    if (number)
      json.text(std::to_string(*number));
    else
      json.text(std::get<std::string>(value));
    json.end_object();
  }
  json.end_object();
  return out;
}

// docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
std::size_t item_size(Schema const& schema, ItemKey const& key, Entity const& row) {
  std::size_t bytes = schema.hash.size() + key.hash.size() + schema.range.size() + key.range.size();
  for (auto const& [name, value] : row.values) {
    if (is_key(schema, name)) continue;
    bytes += name.size();
    if (auto const* number = std::get_if<std::int64_t>(&value))
      bytes += std::to_string(*number).size() / 2 + 2;
    else
      bytes += std::get<std::string>(value).size();
  }
  return bytes;
}

std::string encode_batch_write(std::string_view table, std::span<std::string_view const> items) {
  std::size_t room = table.size() + 64;
  for (auto const item : items) room += item.size() + 32;
  std::string out;
  out.reserve(room);
  Json json(out);
  json.object().key("RequestItems").object().key(table).array();
  for (auto const item : items)
    json.object().key("PutRequest").object().key("Item").raw(item).end_object().end_object();
  json.end_array().end_object().end_object();
  return out;
}

std::string encode_get(std::string_view table, Schema const& schema, ItemKey const& key) {
  std::string out;
  Json json(out);
  json.object().key("TableName").text(table).key("Key").object();
  key_attributes(json, schema, key);
  json.end_object().key("ConsistentRead").boolean(true).end_object();
  return out;
}

std::string encode_query(std::string_view table, Schema const& schema, std::string_view hash) {
  std::string out;
  Json json(out);
  json.object().key("TableName").text(table).key("ConsistentRead").boolean(true).key("Limit").number(1);
  json.key("KeyConditionExpression").text("#h = :h");
  json.key("ExpressionAttributeNames").object().key("#h").text(schema.hash).end_object();
  json.key("ExpressionAttributeValues").object().key(":h").object().key("S").text(hash).end_object();
  json.end_object().end_object();
  return out;
}

std::string encode_scan(std::string_view table, Range const& range) {
  std::string out;
  Json json(out);
  // Consistent, so that an audit right after the last write sees it.
  json.object().key("TableName").text(table).key("ConsistentRead").boolean(true);
  json.key("Limit").number(std::max(range.at_most, 1));
  if (!range.from.empty()) json.key("ExclusiveStartKey").raw(range.from);
  if (range.where) {
    auto const& [name, value] = *range.where;
    // A number reads as its digits, so the same text may stand there as a number.
    std::int64_t number = 0;
    auto const [end, wrong] = std::from_chars(value.data(), value.data() + value.size(), number);
    bool const numeric =
        wrong == std::errc() && end == value.data() + value.size() && std::to_string(number) == value;
    json.key("FilterExpression").text(numeric ? "#w = :s OR #w = :n" : "#w = :s");
    json.key("ExpressionAttributeNames").object().key("#w").text(name).end_object();
    json.key("ExpressionAttributeValues").object();
    json.key(":s").object().key("S").text(value).end_object();
    if (numeric) json.key(":n").object().key("N").text(value).end_object();
    json.end_object();
  }
  json.end_object();
  return out;
}

bool is_page_token(std::string_view from) { return from.empty() || parse_object(from).has_value(); }

std::string encode_describe(std::string_view table) {
  std::string out;
  Json(out).object().key("TableName").text(table).end_object();
  return out;
}

std::string encode_create(std::string_view table, Schema const& schema) {
  std::string out;
  Json json(out);
  json.object().key("TableName").text(table).key("BillingMode").text("PAY_PER_REQUEST");
  json.key("AttributeDefinitions").array();
  for (auto const& name : {schema.hash, schema.range})
    json.object().key("AttributeName").text(name).key("AttributeType").text("S").end_object();
  json.end_array().key("KeySchema").array();
  json.object().key("AttributeName").text(schema.hash).key("KeyType").text("HASH").end_object();
  json.object().key("AttributeName").text(schema.range).key("KeyType").text("RANGE").end_object();
  json.end_array().end_object();
  return out;
}

std::optional<std::vector<ItemKey>> decode_unprocessed(std::string_view body, std::string_view table,
                                                       Schema const& schema) {
  auto const json = parse_object(body);
  if (!json) return std::nullopt;
  std::vector<ItemKey> keys;
  auto const* unprocessed = member(*json, "UnprocessedItems");
  if (!unprocessed || unprocessed->is_null()) return keys;
  if (!unprocessed->is_object()) return std::nullopt;
  // A table named by its ARN comes back under its name, or the other way round: there is only one.
  for (auto const& [name, requests] : unprocessed->items()) {
    if (!requests.is_array() || (name != table && unprocessed->size() != 1)) return std::nullopt;
    for (auto const& request : requests) {
      auto const* put = member(request, "PutRequest");
      auto const* item = put ? member(*put, "Item") : nullptr;
      auto key = item ? key_of(*item, schema) : std::nullopt;
      if (!key) return std::nullopt;  // which one stays unwritten can't be told: all do
      keys.push_back(std::move(*key));
    }
  }
  return keys;
}

std::optional<std::optional<Entity>> decode_get(std::string_view body, Schema const& schema) {
  auto const json = parse_object(body);
  if (!json) return std::nullopt;
  auto const* item = member(*json, "Item");
  if (!item || item->is_null()) return std::optional<Entity>();
  auto row = entity_of(*item, schema);
  if (!row) return std::nullopt;
  return row;
}

std::optional<Page> decode_page(std::string_view body, Schema const& schema) {
  auto const json = parse_object(body);
  if (!json) return std::nullopt;
  auto const* items = member(*json, "Items");
  if (!items || !items->is_array()) return std::nullopt;
  Page page;
  for (auto const& item : *items)
    if (auto row = entity_of(item, schema)) page.rows.push_back(std::move(*row));
  auto const* last = member(*json, "LastEvaluatedKey");
  if (last && last->is_object() && !last->empty()) page.next = page_token(*last);
  return page;
}

std::optional<Description> decode_description(std::string_view body) {
  auto const json = parse_object(body);
  if (!json) return std::nullopt;
  auto const* table = member(*json, "Table");
  if (!table) table = member(*json, "TableDescription");
  if (!table) return std::nullopt;
  Description description;
  description.status = text_of(*table, "TableStatus");
  auto const* keys = member(*table, "KeySchema");
  auto const* types = member(*table, "AttributeDefinitions");
  if (!keys || !keys->is_array() || !types || !types->is_array()) return std::nullopt;
  for (auto const& key : *keys)
    (text_of(key, "KeyType") == "HASH" ? description.schema.hash : description.schema.range) =
        text_of(key, "AttributeName");
  for (auto const& type : *types) {
    auto const name = text_of(type, "AttributeName");
    if (name == description.schema.hash) description.hash_type = text_of(type, "AttributeType");
    if (name == description.schema.range) description.range_type = text_of(type, "AttributeType");
  }
  if (description.schema.hash.empty() || description.status.empty()) return std::nullopt;
  return description;
}

}  // namespace storage::aws::dynamodb
