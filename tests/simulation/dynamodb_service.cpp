#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "simulation/aws_services.hpp"
#include "simulation/azure_services.hpp"
#include "storage/aws/crc32.hpp"

namespace simulation {

using nlohmann::json;

namespace {

http::Response sealed(http::Response made) {
  made.headers.set("Content-Type", "application/x-amz-json-1.0");
  made.headers.set("X-Amz-Crc32", std::to_string(storage::aws::crc32(made.body)));
  return made;
}

http::Response error(int status, std::string_view type) {
  return sealed(response(status, R"({"__type":"com.amazonaws.dynamodb.v20120810#)" + std::string(type) +
                                     R"(","message":"simulated"})"));
}

std::optional<std::string> value_of(json const& item, std::string_view name) {
  auto const found = item.find(name);
  if (found == item.end()) return std::nullopt;
  for (auto const* type : {"S", "N"})
    if (auto const value = found->find(type); value != found->end()) return value->get<std::string>();
  return std::nullopt;
}

}  // namespace

http::Response DynamoService::failure(Fault fault) {
  if (fault == Fault::throttled)
    return error(400, network_.chance().happens(0.5) ? "ThrottlingException"
                                                     : "ProvisionedThroughputExceededException");
  return error(500, "InternalServerError");
}

http::Response DynamoService::refusal() {
  return response(400,
                  R"({"__type":"com.amazon.coral.service#ExpiredTokenException","message":"simulated"})");
}

http::Response DynamoService::description(std::string_view under) const {
  std::string const hash = sample_ ? "id" : "PartitionKey";
  std::string const range = sample_ ? "messageProcessingTime" : "RowKey";
  json const table{
      {"TableStatus", "ACTIVE"},
      {"KeySchema",
       {{{"AttributeName", hash}, {"KeyType", "HASH"}}, {{"AttributeName", range}, {"KeyType", "RANGE"}}}},
      {"AttributeDefinitions",
       {{{"AttributeName", hash}, {"AttributeType", "S"}},
        {{"AttributeName", range}, {"AttributeType", "S"}}}}};
  return sealed(response(200, json{{std::string(under), table}}.dump()));
}

std::optional<Reply> DynamoService::handle(ExchangePtr const& exchange) {
  auto const& request = exchange->request;
  if (auto refused = tokens_.refuse_aws(request)) return Reply{std::move(*refused), {}};
  auto const& action = request.operation;
  if (action == "CreateTable") {
    if (std::exchange(made_, true)) return Reply{error(400, "ResourceInUseException"), {}};
    return Reply{description("TableDescription"), {}};
  }
  if (!made_) return Reply{error(400, "ResourceNotFoundException"), {}};
  if (action == "DescribeTable") return Reply{description("Table"), {}};
  return Reply{write(exchange), {}};
}

http::Response DynamoService::write(ExchangePtr const& exchange) {
  auto const request = json::parse(exchange->request.body);
  auto const& tables = request.at("RequestItems");
  auto const name = tables.begin().key();
  auto const& puts = tables.begin().value();
  if (puts.empty() || puts.size() > 25) return error(400, "ValidationException");
  std::set<std::pair<std::string, std::string>> keys;
  for (auto const& put : puts) {
    auto const& item = put.at("PutRequest").at("Item");
    auto const hash = value_of(item, sample_ ? "id" : "PartitionKey").value_or("");
    auto const range = value_of(item, sample_ ? "messageProcessingTime" : "RowKey").value_or("");
    if (hash.empty() || range.empty() || !keys.emplace(hash, range).second ||
        value_of(item, "data").value_or("").starts_with("REFUSED"))
      return error(400, "ValidationException");
  }
  json unprocessed = json::array();
  for (auto const& put : puts) {
    // At least one is done; otherwise the whole request would have been refused.
    if (unprocessed.size() + 1 < puts.size() && network_.part_fails(*exchange)) {
      network_.count(Fault::partial, exchange->process);
      unprocessed.push_back(put);
      continue;
    }
    auto const& item = put.at("PutRequest").at("Item");
    Truth::Values const values = [&item](std::string_view key) { return value_of(item, key); };
    auto partition = value_of(item, sample_ ? "id" : "PartitionKey").value_or("");
    auto row = value_of(item, sample_ ? "messageProcessingTime" : "RowKey").value_or("");
    if (sample_) {
      if (!partition.starts_with("dead-letter/") && row != value_of(item, "srcStamp").value_or(""))
        network_.world().violate("the sample's table got another range than srcStamp: " + row);
      auto const slash = partition.find('/');
      row = slash == std::string::npos ? "" : partition.substr(slash + 1);
      partition.resize(std::min(slash, partition.size()));
    }
    truth_.row_written(partition, row, values);
  }
  json reply{{"UnprocessedItems", json::object()}};
  if (!unprocessed.empty()) reply["UnprocessedItems"][name] = unprocessed;
  return sealed(response(200, reply.dump()));
}

}  // namespace simulation
