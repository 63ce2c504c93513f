#include "storage/azure/table.hpp"

#include <algorithm>

#include "base/gather.hpp"
#include "base/planted.hpp"
#include "storage/azure/json_text.hpp"
#include "storage/azure/outcomes.hpp"
#include "storage/azure/table_wire.hpp"
#include "storage/core/latest.hpp"

namespace storage::azure {

namespace {

constexpr std::size_t side_by_side = 32;

http::Request request_of(std::string method, std::string target, std::string operation) {
  http::Request request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.operation = std::move(operation);
  request.headers.set("Accept", std::string(json_with_types));
  request.headers.set("DataServiceVersion", "3.0");
  request.headers.set("MaxDataServiceVersion", "3.0;NetFx");
  return request;
}

// The row itself is at fault: without it the others can go.
bool lies_in_row(Errc code) {
  return code == Errc::invalid || code == Errc::too_large || code == Errc::conflict;
}

}  // namespace

Task<> AzureTable::open(bool create) {
  if (create) co_return co_await create_table();
  auto request = request_of("GET", channel_->path() + "()?$top=1&$select=PartitionKey", "QueryEntities");
  auto const found = co_await channel_->send(request, 200);
  // Who may only write can't look; the work itself will tell.
  if (!found && found.error().service_code != "AuthorizationPermissionMismatch") co_return found.error();
  co_return Result<>();
}

Task<> AzureTable::create_table() {
  auto request = request_of("POST", channel_->endpoint().prefix + "/Tables", "CreateTable");
  request.headers.set("Content-Type", "application/json");
  request.headers.set("Prefer", "return-no-content");
  request.body = "{\"TableName\":";
  append_json(request.body, channel_->endpoint().name);
  request.body += '}';
  auto const made = co_await channel_->send(request, 204, 201);
  if (!made && made.error().service_code != "TableAlreadyExists") co_return made.error();
  co_return Result<>();
}

TableLimits AzureTable::limits() const {
  TableLimits limits;
  limits.batch = static_cast<int>(max_batch_rows);
  limits.by_partition = true;
  limits.row = max_entity / 2;  // text counts as UTF-16, which takes at most twice its bytes
  limits.stamp_name = "dateStamp";
  return limits;
}

Task<std::vector<Rejected>> AzureTable::upsert(std::span<Entity const> rows) {
  std::vector<Outcome> outcomes(rows.size());
  // A transaction takes each row once: the last one with a key stands for all of them.
  std::vector<Key const*> keys;
  keys.reserve(rows.size());
  for (auto const& row : rows) keys.push_back(&row.key);
  auto const order = by_key(keys);
  auto const winner = winners(keys, order);

  std::vector<Group> groups;
  std::string const* partition = nullptr;
  std::size_t bytes = 0;
  for (auto const index : order) {
    if (winner[index] != index) continue;
    auto const& key = rows[index].key;
    auto encoded = encode_entity(rows[index]);
    if (!encoded) {
      outcomes[index] = encoded.error();
      continue;
    }
    Pending row;
    row.index = index;
    row.target = entity_target(channel_->path(), key);
    row.json = std::move(*encoded);
    auto const size = row.target.size() + row.json.size() + 1024;  // its headers and the host included
    if (!partition || *partition != key.partition || groups.back().size() == max_batch_rows ||
        bytes + size > max_batch_bytes) {
      groups.emplace_back();
      bytes = 0;
    }
    partition = &key.partition;
    bytes += size;
    groups.back().push_back(std::move(row));
  }
  std::function<asio::awaitable<void>(std::size_t)> const one = [&](std::size_t i) {
    return put_group(std::move(groups[i]), outcomes);
  };
  co_await base::gather(groups.size(), side_by_side, one);
  // An earlier row with the same key shares the fate of the one that stood for it.
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (winner[i] != i) outcomes[i] = outcomes[winner[i]];
  co_return collect(outcomes);
}

asio::awaitable<void> AzureTable::put_group(Group group, std::vector<Outcome>& outcomes) {
  while (group.size() > 1) {
    auto const failure = co_await put_batch(group);
    if (!failure) co_return;
    if (!lies_in_row(failure->error.code)) {
      for (auto const& row : group) outcomes[row.index] = failure->error;
      co_return;
    }
    if (failure->row) {
      // Nothing was written. The row goes by itself, for its own verdict: the service gives an index also to
      // what is wrong with the batch as a whole. The rest goes again without it.
      auto const at = group.begin() + static_cast<std::ptrdiff_t>(*failure->row);
      co_await put_one(*at, outcomes);
      group.erase(at);
      continue;
    }
    // It does not say which row: halves find it.
    auto const middle = group.begin() + static_cast<std::ptrdiff_t>(group.size() / 2);
    Group half(std::make_move_iterator(middle), std::make_move_iterator(group.end()));
    group.erase(middle, group.end());
    co_await put_group(std::move(half), outcomes);
  }
  if (!group.empty()) co_await put_one(group.front(), outcomes);
}

asio::awaitable<void> AzureTable::put_one(Pending& row, std::vector<Outcome>& outcomes) {
  auto request = request_of("PUT", std::move(row.target), "InsertOrReplaceEntity");
  request.headers.set("Content-Type", "application/json");
  request.body = std::move(row.json);
  auto const reply = co_await channel_->send(request, 204);
  if (!reply) outcomes[row.index] = reply.error();
}

asio::awaitable<std::optional<AzureTable::Failure>> AzureTable::put_batch(Group const& group) {
  std::vector<BatchRow> rows;
  rows.reserve(group.size());
  auto const host = channel_->endpoint().origin.to_string();
  for (auto const& row : group) {
    BatchRow part;
    part.target = row.target;
    part.json = row.json;
    rows.push_back(part);
  }
  auto batch = encode_batch(rows, host, base::uuid(channel_->random()));
  auto request = request_of("POST", channel_->endpoint().prefix + "/$batch", "EntityGroupTransaction");
  request.headers.set("Content-Type", std::move(batch.content_type));
  request.body = std::move(batch.body);
  request.timeouts.total = std::chrono::seconds(90);  // 4 MB over a slow line
  auto const reply = co_await channel_->send(request, 202);
  if (reply) co_return failure_in(*reply, group.size());
  Failure failure;
  failure.error = reply.error();
  co_return failure;
}

std::optional<AzureTable::Failure> AzureTable::failure_in(http::Response const& reply,
                                                          std::size_t rows) const {
  if (base::planted(base::Planted::trust_outer_202)) return std::nullopt;
  Failure failure;
  auto const type = reply.headers.find("Content-Type");
  auto const replies = decode_batch(type ? std::string_view(*type) : std::string_view(), reply.body);
  if (!replies) {
    failure.error = channel_->strange(reply, "its reply to a batch is truncated or can't be read");
    return failure;
  }
  for (auto const& inner : *replies) {
    if (inner.response.ok()) continue;
    failure.error = channel_->error(inner.response);
    failure.error.maybe_applied = failure.error.maybe_applied || reply.maybe_applied;
    if (auto const id = reply.headers.find("x-ms-request-id"); id && failure.error.request_id.empty())
      failure.error.request_id = *id;
    if (inner.index && *inner.index < rows) failure.row = inner.index;
    return failure;
  }
  if (replies->size() == rows) return std::nullopt;
  failure.error = channel_->strange(reply, "it answered " + std::to_string(replies->size()) + " of " +
                                               std::to_string(rows) + " rows of a batch");
  return failure;
}

Task<std::optional<Entity>> AzureTable::get(Key key) {
  auto request = request_of("GET", entity_target(channel_->path(), key), "GetEntity");
  auto const reply = co_await channel_->send(request, 200);
  if (!reply) {
    auto const& error = reply.error();
    if (error.http_status == 404 &&
        (error.service_code == "ResourceNotFound" || error.service_code == "EntityNotFound"))
      co_return std::optional<Entity>();
    co_return error;
  }
  auto row = decode_entity(reply->body);
  if (!row) co_return channel_->strange(*reply, "its row can't be read");
  co_return std::move(row);
}

Task<Page> AzureTable::scan(Range range) {
  auto target = scan_target(channel_->path(), range);
  if (!target) co_return target.error();
  auto request = request_of("GET", std::move(*target), "QueryEntities");
  auto const reply = co_await channel_->send(request, 200);
  if (!reply) co_return reply.error();
  auto rows = decode_entities(reply->body);
  if (!rows) co_return channel_->strange(*reply, "its list of rows can't be read");
  Page page;
  page.rows = std::move(*rows);
  if (range.where)
    std::erase_if(page.rows,
                  [&](Entity const& row) { return row.text(range.where->first) != range.where->second; });
  auto const partition = reply->headers.find("x-ms-continuation-NextPartitionKey");
  auto const row = reply->headers.find("x-ms-continuation-NextRowKey");
  if (partition && !partition->empty()) {
    Continuation next;
    next.partition = *partition;
    if (row) next.row = *row;
    page.next = encode_continuation(next);
  }
  co_return page;
}

}  // namespace storage::azure
