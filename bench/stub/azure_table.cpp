#include <vector>

#include "stub/azure.hpp"
#include "stub/json.hpp"
#include "stub/reply.hpp"

namespace stub {

namespace {

constexpr std::string_view json_type = "Content-Type: application/json;odata=minimalmetadata\r\n";
constexpr std::string_view etag = "ETag: W/\"datetime'2026-11-22T01%3A02%3A03.0000000Z'\"\r\n";

std::string key_of(std::string_view json) {
  std::string key(json::text(json::member(json, "PartitionKey")));
  key += '\n';
  return key += json::text(json::member(json, "RowKey"));
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return ((c | 32) - 'a' + 10) & 15;
}

// "(PartitionKey='a',RowKey='b')" to the key as key_of writes it.
std::string key_in(std::string_view target) {
  std::string key;
  bool inside = false;
  bool first = true;
  for (std::size_t i = 0; i < target.size(); ++i) {
    char c = target[i];
    if (c == '%' && i + 2 < target.size()) {
      c = static_cast<char>(digit(target[i + 1]) * 16 + digit(target[i + 2]));
      i += 2;
    }
    if (c == '\'') {
      inside = !inside;
      if (!inside && first) key += '\n';
      if (!inside) first = false;
    } else if (inside) {
      key += c;
    }
  }
  return key;
}

struct Operation {
  std::string_view method;
  std::string_view table;
  std::string_view json;
};

// The requests in a change set: whatever line ends in " HTTP/1.1", and the JSON behind it.
std::vector<Operation> operations_in(std::string_view body) {
  std::vector<Operation> operations;
  while (true) {
    auto const version = body.find(" HTTP/1.1");
    if (version == std::string_view::npos) return operations;
    auto const begin = body.rfind('\n', version) + 1;
    auto const line = body.substr(begin, version - begin);
    Operation operation;
    operation.method = line.substr(0, line.find(' '));
    auto target = line.substr(std::min(line.size(), operation.method.size() + 1));
    if (auto const query = target.find('?'); query != std::string_view::npos)
      target = target.substr(0, query);
    auto const slash = target.rfind('/', target.find('('));
    target.remove_prefix(slash == std::string_view::npos ? 0 : slash + 1);
    operation.table = target.substr(0, target.find('('));
    body.remove_prefix(version + 9);
    auto const brace = body.find('{');
    if (brace == std::string_view::npos) return operations;
    body.remove_prefix(brace);
    operation.json = json::take_value(body);
    operations.push_back(operation);
  }
}

}  // namespace

bool Azure::write(std::string_view table, std::string_view method, std::string_view json) {
  auto key = key_of(json);
  auto& rows = cloud.table(table);
  if (method == "POST" && rows.find(key) != nullptr) return false;
  rows.put(std::move(key), json);
  ++cloud.counts.rows;
  return true;
}

void Azure::entity_request(std::string_view name, std::string_view key, std::string& out) {
  if (request.method == "GET") {
    cloud.count("GetEntity");
    auto const* row = cloud.table(name).find(key_in(key));
    if (row != nullptr)
      reply("200 OK", json_type, *row, out);
    else
      refuse("404 Not Found", "ResourceNotFound", out);
    return;
  }
  if (request.method == "DELETE") {
    cloud.count("DeleteEntity");
    if (cloud.table(name).erase(key_in(key)))
      reply("204 No Content", "", "", out);
    else
      refuse("404 Not Found", "ResourceNotFound", out);
    return;
  }
  cloud.count(request.method == "POST" ? "InsertEntity" : "UpsertEntity");
  if (!cloud.admit(cloud.writes_, 1, now)) {
    refuse("503 Service Unavailable", "ServerBusy", out);
  } else if (!write(name, request.method, request.body)) {
    refuse("409 Conflict", "EntityAlreadyExists", out);
  } else if (request.method == "POST" && request.prefer != "return-no-content") {
    reply("201 Created", std::string(json_type) + std::string(etag), request.body, out);
  } else {
    reply("204 No Content", etag, "", out);
  }
}

// Pages by position; a filter is left to the client.
void Azure::query(std::string_view name, std::string& out) {
  cloud.count("QueryEntities");
  auto const& table = cloud.table(name);
  auto const top = std::min<std::size_t>(number(parameter(request.query, "$top"), 1000), 1000);
  auto place = number(parameter(request.query, "NextPartitionKey"), 0);
  std::string body = "{\"value\":[";
  for (std::size_t found = 0; place < table.slots() && found < top; ++place) {
    if (table.at(place).empty()) continue;
    if (found++ > 0) body += ',';
    body += table.at(place);
  }
  std::string headers(json_type);
  if (place < table.slots()) {
    headers += "x-ms-continuation-NextPartitionKey: " + std::to_string(place);
    headers += "\r\nx-ms-continuation-NextRowKey: 0\r\n";
  }
  reply("200 OK", headers, body += "]}", out);
}

void Azure::transaction(std::string& out) {
  cloud.count("EntityGroupTransaction");
  auto const operations = operations_in(request.body);
  if (!cloud.admit(cloud.writes_, operations.size(), now)) {
    refuse("503 Service Unavailable", "ServerBusy", out);
    return;
  }
  std::string body =
      "--batchresponse_stub\r\nContent-Type: multipart/mixed; boundary=changesetresponse_stub\r\n\r\n";
  body.reserve(operations.size() * 400 + 256);
  std::string const head =
      "--changesetresponse_stub\r\nContent-Type: application/http\r\n"
      "Content-Transfer-Encoding: binary\r\n\r\n";
  for (std::size_t i = 0; i < operations.size(); ++i) {
    auto const& operation = operations[i];
    if (!write(operation.table, operation.method, operation.json)) {
      body.resize(body.find("--changesetresponse_stub\r\n"));
      body += head + "HTTP/1.1 409 Conflict\r\nContent-Type: application/json\r\n\r\n" +
              R"({"odata.error":{"code":"EntityAlreadyExists","message":{"lang":"en-US","value":")" +
              std::to_string(i) + ":The specified entity already exists.\"}}}\r\n";
      break;
    }
    body += head;
    body +=
        "HTTP/1.1 204 No Content\r\nX-Content-Type-Options: nosniff\r\nCache-Control: no-cache\r\n"
        "DataServiceVersion: 1.0;\r\n";
    body += etag;
    body += "\r\n\r\n";
  }
  body += "--changesetresponse_stub--\r\n--batchresponse_stub--\r\n";
  reply("202 Accepted", "Content-Type: multipart/mixed; boundary=batchresponse_stub\r\n", body, out);
}

}  // namespace stub
