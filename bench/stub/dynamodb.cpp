#include <charconv>

#include "stub/aws.hpp"
#include "stub/json.hpp"
#include "stub/reply.hpp"

namespace stub {

namespace {

constexpr std::string_view throttled =
    "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException";

std::string_view text_at(std::string_view item, std::string_view name) {
  return json::text(json::member(json::member(item, name), "S"));
}

// Whether an item passes "#w = :s" or "#w = :s OR #w = :n", the only filters that our audit asks for.
bool passes(std::string_view item, std::string_view name, std::string_view values) {
  if (name.empty()) return true;
  auto const attribute = json::member(item, name);
  auto const text = json::member(json::member(values, ":s"), "S");
  return json::member(attribute, "S") == text ||
         (!json::member(attribute, "N").empty() && json::member(attribute, "N") == text);
}

}  // namespace

std::string Aws::item_key(Table const& table, Body item) const {
  std::string key(text_at(item, table.hash));
  key += '\n';
  if (!table.range.empty()) key += text_at(item, table.range);
  return key;
}

void Aws::put(Table& table, Body item) {
  table.put(item_key(table, item), item);
  ++cloud.counts.rows;
}

void Aws::dynamodb(std::string_view action, std::string& out) {
  cloud.count(action);
  if (action == "BatchWriteItem") {
    batch_write(out);
    return;
  }
  if (action == "Scan") {
    scan(out);
    return;
  }
  auto const name = json::text(json::member(request.body, "TableName"));
  auto& table = cloud.table(name);
  if (action == "PutItem") {
    if (!cloud.admit(cloud.writes_, 1, now)) {
      fail(throttled, out);
      return;
    }
    put(table, json::member(request.body, "Item"));
    reply("{}", out);
  } else if (action == "GetItem") {
    auto const* item = table.find(item_key(table, json::member(request.body, "Key")));
    reply(item == nullptr ? "{}" : "{\"Item\":" + *item + "}", out);
  } else if (action == "CreateTable") {
    std::string_view key;
    table.range.clear();
    for (json::Items items(json::member(request.body, "KeySchema")); items.next(key);)
      (json::text(json::member(key, "KeyType")) == "HASH" ? table.hash : table.range) =
          json::text(json::member(key, "AttributeName"));
    describe(table, name, "TableDescription", out);
  } else {
    describe(table, name, "Table", out);
  }
}

void Aws::describe(Table const& table, std::string_view name, std::string_view member, std::string& out) {
  auto const definition = [](std::string_view key, std::string_view type, std::string_view value) {
    return "{\"AttributeName\":\"" + std::string(key) + "\",\"" + std::string(type) + "\":\"" +
           std::string(value) + "\"}";
  };
  std::string keys = definition(table.hash, "KeyType", "HASH");
  std::string types = definition(table.hash, "AttributeType", "S");
  if (!table.range.empty()) {
    keys += ',' + definition(table.range, "KeyType", "RANGE");
    types += ',' + definition(table.range, "AttributeType", "S");
  }
  reply("{\"" + std::string(member) + "\":{\"TableName\":\"" + std::string(name) +
            R"(","TableStatus":"ACTIVE","KeySchema":[)" + keys + "],\"AttributeDefinitions\":[" + types +
            "]}}",
        out);
}

void Aws::batch_write(std::string& out) {
  std::string_view name;
  auto const requests = json::first_member(json::member(request.body, "RequestItems"), name);
  auto& table = cloud.table(name);
  std::vector<Body> items;
  std::string_view entry;
  for (json::Items list(requests); list.next(entry);)
    items.push_back(json::member(json::member(entry, "PutRequest"), "Item"));
  if (items.size() > 25 || items.empty()) {
    fail("com.amazon.coral.validate#ValidationException", out);
    return;
  }
  if (!cloud.admit(cloud.writes_, items.size(), now)) {
    fail(throttled, out);
    return;
  }
  for (auto const item : items) put(table, item);
  reply("{\"UnprocessedItems\":{}}", out);
}

void Aws::scan(std::string& out) {
  auto const& body = request.body;
  auto const& table = cloud.table(json::text(json::member(body, "TableName")));
  auto const limit = number(json::member(body, "Limit"), 1000);
  auto const start = json::member(body, "ExclusiveStartKey");
  std::size_t place = start.empty() ? 0 : table.place_of(item_key(table, start)) + 1;
  auto const name = json::text(json::member(json::member(body, "ExpressionAttributeNames"), "#w"));
  auto const values = json::member(body, "ExpressionAttributeValues");
  std::string items;
  std::size_t looked_at = 0;
  std::size_t count = 0;
  std::string_view last;
  for (; place < table.slots() && looked_at < limit; ++place) {
    auto const& item = table.at(place);
    if (item.empty()) continue;
    ++looked_at;
    last = item;
    if (!passes(item, name, values)) continue;
    if (count++ > 0) items += ',';
    items += item;
  }
  std::string reply_body =
      "{\"Count\":" + std::to_string(count) + ",\"ScannedCount\":" + std::to_string(looked_at);
  reply_body += ",\"Items\":[" + items + "]";
  if (place < table.slots()) {
    reply_body +=
        ",\"LastEvaluatedKey\":{\"" + table.hash + "\":" + std::string(json::member(last, table.hash));
    if (!table.range.empty())
      reply_body += ",\"" + table.range + "\":" + std::string(json::member(last, table.range));
    reply_body += '}';
  }
  reply(reply_body += "}", out);
}

}  // namespace stub
