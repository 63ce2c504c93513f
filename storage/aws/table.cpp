#include "storage/aws/table.hpp"

#include <algorithm>
#include <map>

#include "base/encoding.hpp"
#include "base/gather.hpp"
#include "base/planted.hpp"
#include "storage/aws/resend.hpp"
#include "storage/core/latest.hpp"

namespace storage::aws {

namespace {

constexpr std::size_t lanes = 8;                          // requests of one call side by side
constexpr std::size_t largest_request = 14 << 20;         // bytes of JSON; the service takes 16 MB
constexpr int active_checks = 120;                        // a new table takes seconds
constexpr std::chrono::milliseconds between_checks{500};  //

Schema our_schema() {
  Schema schema;
  schema.hash = "PartitionKey";
  schema.range = "RowKey";
  return schema;
}

}  // namespace

// A row that is to be written, encoded once for all attempts.
struct DynamoTable::Item {
  std::size_t index = 0;  // in the caller's span
  ItemKey key;
  std::string json;
};

struct DynamoTable::Upsert {
  std::vector<Item> items;
  std::map<std::size_t, Error> errors;  // by index in the caller's span
  std::optional<Error> failed;          // of a request as a whole
  bool answered = false;                // some request was
};

DynamoTable::DynamoTable(Service service, Shared const& shared)
    : service_(std::move(service)), shared_(shared), schema_(our_schema()) {}

Task<dynamodb::Description> DynamoTable::describe() {
  constexpr std::string_view action = "DescribeTable";
  auto body = dynamodb::encode_describe(service_.endpoint().name);
  auto const reply = co_await service_.call(action, std::move(body));
  if (!reply) co_return reply.error();
  auto description = dynamodb::decode_description(reply->body);
  if (!description) co_return senseless(*reply, service_.target(), action);
  co_return std::move(*description);
}

Task<> DynamoTable::open(bool create) {
  auto description = co_await describe();
  if (description) co_return co_await wait_until_active(std::move(*description));
  if (description.error().code != Errc::absent || !create) co_return description.error();
  co_return co_await create_table();
}

Task<> DynamoTable::create_table() {
  constexpr std::string_view action = "CreateTable";
  auto body = dynamodb::encode_create(service_.endpoint().name, our_schema());
  auto const reply = co_await service_.call(action, std::move(body));
  // In use: somebody else makes it right now, and that one counts.
  if (!reply && reply.error().service_code != "ResourceInUseException") co_return reply.error();
  if (reply) shared_.log.write(base::Level::info, "created the table " + service_.endpoint().name);
  dynamodb::Description unknown;
  unknown.status = "CREATING";
  co_return co_await wait_until_active(std::move(unknown));
}

Task<> DynamoTable::wait_until_active(dynamodb::Description description) {
  for (int check = 0;; ++check) {
    bool const known = !description.schema.hash.empty();
    if (known && (description.status == "ACTIVE" || description.status == "UPDATING"))
      co_return take_schema(description);
    if (description.status != "CREATING" && description.status != "ACTIVE")
      co_return Error(Errc::conflict, "the table \"" + service_.endpoint().name + "\" is in the state " +
                                          description.status + ": wait until it is ACTIVE or gone");
    if (check == active_checks)
      co_return Error(Errc::transient, "the table \"" + service_.endpoint().name +
                                           "\" is still being made after a minute: try again later");
    if (check > 0) co_await shared_.clock.sleep(between_checks);
    auto next = co_await describe();
    if (next)
      description = std::move(*next);
    else if (next.error().code != Errc::absent)  // just made, and not known everywhere yet
      co_return next.error();
  }
}

Result<> DynamoTable::take_schema(dynamodb::Description const& description) {
  schema_ = description.schema;
  if (description.hash_type == "S" && (schema_.range.empty() || description.range_type == "S")) return {};
  auto const& wrong = description.hash_type == "S" ? schema_.range : schema_.hash;
  return Error(Errc::invalid, "the key attribute \"" + wrong + "\" of the table \"" +
                                  service_.endpoint().name +
                                  "\" is not a string: use a table whose key attributes have the type S");
}

TableLimits DynamoTable::limits() const {
  TableLimits limits;
  limits.batch = static_cast<int>(dynamodb::batch);
  limits.row = dynamodb::largest_item;
  limits.stamp_name = "destStamp";
  return limits;
}

std::optional<Error> DynamoTable::unfit(Entity const& row, ItemKey const& key) const {
  bool utf8 = base::is_utf8(key.hash) && base::is_utf8(key.range);
  for (auto const& [name, value] : row.values) {
    auto const* text = std::get_if<std::string>(&value);
    utf8 = utf8 && !name.empty() && base::is_utf8(name) && (!text || base::is_utf8(*text));
  }
  if (!utf8)
    return Error(Errc::invalid,
                 "the row has a text that is not UTF-8, or a value without a name, which "
                 "DynamoDB cannot hold");
  auto const size = dynamodb::item_size(schema_, key, row);
  if (size <= dynamodb::largest_item) return std::nullopt;
  return Error(Errc::too_large, "the row has about " + std::to_string(size) +
                                    " bytes and DynamoDB takes at most " +
                                    std::to_string(dynamodb::largest_item));
}

Task<std::vector<Rejected>> DynamoTable::upsert(std::span<Entity const> rows) {
  Upsert state;
  std::vector<ItemKey> keys(rows.size());
  std::vector<ItemKey const*> fit(rows.size(), nullptr);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto key = item_key(schema_, rows[i]);
    auto error = key ? unfit(rows[i], *key) : key.error();
    if (error) {
      state.errors.emplace(i, std::move(*error));
      continue;
    }
    keys[i] = std::move(*key);
    fit[i] = &keys[i];
  }
  bool const refused_before = !state.errors.empty();
  auto const winner = winners(fit, by_key(fit));
  state.items.reserve(rows.size());
  std::vector<std::vector<std::size_t>> requests;  // positions in state.items
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (fit[i] == nullptr || winner[i] != i) continue;
    Item item;
    item.index = i;
    item.json = dynamodb::encode_item(schema_, keys[i], rows[i]);
    item.key = std::move(keys[i]);
    bool const full = requests.empty() || requests.back().size() == dynamodb::batch ||
                      bytes + item.json.size() > largest_request;
    if (full) {
      requests.emplace_back();
      bytes = 0;
    }
    bytes += item.json.size();
    requests.back().push_back(state.items.size());
    state.items.push_back(std::move(item));
  }
  std::function<boost::asio::awaitable<void>(std::size_t)> const work = [&](std::size_t i) {
    return write(requests[i], state);
  };
  co_await base::gather(requests.size(), lanes, work);
  if (state.failed && !state.answered && !refused_before) co_return std::move(*state.failed);
  // A row that gave way to a later one shares its fate.
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (winner[i] != i)
      if (auto const found = state.errors.find(winner[i]); found != state.errors.end())
        state.errors.insert_or_assign(i, found->second);
  std::vector<Rejected> rejected;
  for (auto& [index, error] : state.errors) {
    Rejected item;
    item.index = index;
    item.error = std::move(error);
    rejected.push_back(std::move(item));
  }
  co_return rejected;
}

boost::asio::awaitable<void> DynamoTable::write_singly(std::vector<std::size_t> batch, Upsert& state) {
  std::function<boost::asio::awaitable<void>(std::size_t)> const work = [&](std::size_t i) {
    std::vector<std::size_t> alone(1, batch[i]);
    return write(std::move(alone), state);
  };
  co_await base::gather(batch.size(), lanes, work);
}

boost::asio::awaitable<void> DynamoTable::write(std::vector<std::size_t> batch, Upsert& state) {
  constexpr std::string_view action = "BatchWriteItem";
  Resend resend(shared_, service_);
  while (!batch.empty()) {
    std::vector<std::string_view> items;
    for (auto const position : batch) items.push_back(state.items[position].json);
    auto body = dynamodb::encode_batch_write(service_.endpoint().name, items);
    auto const reply = co_await service_.call(action, std::move(body));
    if (!reply) {
      bool const about_items = reply.error().code == Errc::invalid || reply.error().code == Errc::too_large;
      if (about_items && batch.size() > 1) {
        co_await write_singly(std::move(batch), state);
        co_return;
      }
      if (about_items)
        state.answered = true;
      else if (!state.failed)
        state.failed = reply.error();
      for (auto const position : batch)
        state.errors.insert_or_assign(state.items[position].index, reply.error());
      co_return;
    }
    auto unprocessed = dynamodb::decode_unprocessed(reply->body, service_.endpoint().name, schema_);
    if (unprocessed && base::planted(base::Planted::drop_unprocessed_items)) unprocessed->clear();
    Error error = senseless(*reply, service_.target(), action);
    if (unprocessed) {
      state.answered = true;
      error =
          Error(Errc::throttled, "DynamoDB is too busy to take the row into \"" + service_.endpoint().name +
                                     "\": slow down or raise the table's capacity");
    }
    std::vector<std::size_t> left;
    for (auto const position : batch) {
      auto const& item = state.items[position];
      bool const again =
          !unprocessed || std::find(unprocessed->begin(), unprocessed->end(), item.key) != unprocessed->end();
      if (again) {
        left.push_back(position);
        state.errors.insert_or_assign(item.index, error);
      } else {
        state.errors.erase(item.index);
      }
    }
    if (left.size() < batch.size()) resend.progressed();
    batch = std::move(left);
    if (batch.empty()) co_return;
    bool const more = co_await resend.wait(error);
    if (!more) co_return;
  }
}

Task<std::optional<Entity>> DynamoTable::get(Key key) {
  std::optional<Entity> none;
  if (key.partition.empty() || key.row.empty()) co_return none;  // the service holds no such key
  // The range of the sample's table is not known from our key.
  bool const query = schema_.sample();
  std::string_view const action = query ? "Query" : "GetItem";
  auto const& table = service_.endpoint().name;
  ItemKey item;
  item.hash = schema_.joined() ? joined_key(key) : key.partition;
  item.range = schema_.joined() ? std::string() : key.row;
  auto body =
      query ? dynamodb::encode_query(table, schema_, item.hash) : dynamodb::encode_get(table, schema_, item);
  auto const reply = co_await service_.call(action, std::move(body));
  if (!reply) co_return reply.error();
  if (query) {
    auto page = dynamodb::decode_page(reply->body, schema_);
    if (!page) co_return senseless(*reply, service_.target(), action);
    if (page->rows.empty()) co_return none;
    co_return std::optional<Entity>(std::move(page->rows.front()));
  }
  auto row = dynamodb::decode_get(reply->body, schema_);
  if (!row) co_return senseless(*reply, service_.target(), action);
  co_return std::move(*row);
}

Task<Page> DynamoTable::scan(Range range) {
  constexpr std::string_view action = "Scan";
  if (!dynamodb::is_page_token(range.from))
    co_return Error(Errc::invalid, "a scan must go on from what the page before it gave");
  auto body = dynamodb::encode_scan(service_.endpoint().name, range);
  auto const reply = co_await service_.call(action, std::move(body));
  if (!reply) co_return reply.error();
  auto page = dynamodb::decode_page(reply->body, schema_);
  if (!page) co_return senseless(*reply, service_.target(), action);
  co_return std::move(*page);
}

}  // namespace storage::aws
