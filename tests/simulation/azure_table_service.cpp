#include <algorithm>
#include <map>
#include <set>

#include "base/encoding.hpp"
#include "simulation/azure_services.hpp"

namespace simulation {

namespace {

std::string error_json(std::string_view code, std::string_view message) {
  return R"({"odata.error":{"code":")" + std::string(code) + R"(","message":{"lang":"en-US","value":")" +
         std::string(message) + R"("}}})";
}

http::Response error(int status, std::string_view code) {
  auto made = response(status, error_json(code, "simulated"));
  made.headers.set("Content-Type", "application/json");
  return made;
}

int status_of(std::string_view code) {
  return code == "ServerBusy" ? 503 : code == "InternalError" ? 500 : 400;
}

}  // namespace

http::Response AzureTableService::failure(Fault fault) {
  return fault == Fault::throttled ? error(503, "ServerBusy") : error(500, "InternalError");
}

http::Response AzureTableService::refusal() {
  auto made = error(403, "AuthenticationFailed");
  return made;
}

std::optional<Reply> AzureTableService::handle(ExchangePtr const& exchange) {
  auto const& request = exchange->request;
  if (auto refused = tokens_.refuse_azure(request)) return Reply{std::move(*refused), {}};
  std::string_view const target = request.target;
  if (target == "/Tables") {
    if (std::exchange(made_, true)) return Reply{error(409, "TableAlreadyExists"), {}};
    return Reply{response(204), {}};
  }
  if (!made_) return Reply{error(404, "TableNotFound"), {}};
  if (target == "/$batch") return Reply{batch(exchange), {}};
  if (request.method == "GET") return Reply{response(200, R"({"value":[]})"), {}};
  auto const put = read_put(target, request.body);
  if (!put) return Reply{error(400, "InvalidInput"), {}};
  auto const code = refused(*put);
  if (!code.empty()) return Reply{error(400, code), {}};
  write(*put);
  return Reply{response(204), {}};
}

std::optional<AzureTableService::Put> AzureTableService::read_put(std::string_view target,
                                                                  std::string_view json) const {
  auto const part = [&target](std::string_view name) {
    auto const from = target.find(name);
    if (from == target.npos) return std::string();
    auto const rest = target.substr(from + name.size());
    return base::percent_decode(rest.substr(0, rest.find('\''))).value_or("");
  };
  if (target.find('/' + name_ + '(') == target.npos) return std::nullopt;
  Put put{part("PartitionKey='"), part("RowKey='"), json};
  if (put.partition.empty() || put.row.empty()) return std::nullopt;
  return put;
}

std::string AzureTableService::refused(Put const& put) const {
  if (json_text(put.json, "PartitionKey") != put.partition || json_text(put.json, "RowKey") != put.row)
    return "InvalidInput";
  return json_text(put.json, "data").value_or("").starts_with("REFUSED") ? "PropertyValueTooLarge" : "";
}

void AzureTableService::write(Put const& put) {
  auto const json = put.json;
  Truth::Values const values = [json](std::string_view name) { return json_string(json, name); };
  truth_.row_written(put.partition, put.row, values);
}

http::Response AzureTableService::batch(ExchangePtr const& exchange) {
  std::string_view rest = exchange->request.body;
  std::vector<Put> puts;
  std::string code;
  std::size_t index = 0;
  std::set<std::pair<std::string, std::string>> keys;
  for (auto at = rest.find("\r\nPUT "); at != rest.npos; at = rest.find("\r\nPUT ")) {
    rest.remove_prefix(at + 6);
    auto const url = rest.substr(0, rest.find(" HTTP/1.1"));
    auto const body = rest.substr(rest.find("\r\n\r\n") + 4);
    auto const put = read_put(url, body.substr(0, body.find("\r\n--")));
    if (!put) return error(400, "InvalidInput");
    if (code.empty()) {
      index = puts.size();
      code = refused(*put);
      if (!puts.empty() && put->partition != puts.front().partition)
        code = "CommandsInBatchActOnDifferentPartitions";
      if (!keys.emplace(put->partition, put->row).second) code = "InvalidDuplicateRow";
      if (puts.size() == 100) code = "InvalidInput";
    }
    puts.push_back(*put);
  }
  if (puts.empty()) return error(400, "InvalidInput");
  if (exchange->fault == Fault::partial) {
    // Accepted as a whole, failed inside: nothing is written.
    network_.count(Fault::partial, exchange->process);
    index = 0;
    code = network_.chance().happens(0.5) ? "ServerBusy" : "InternalError";
  }
  std::string inner;
  constexpr std::string_view head =
      "--changesetresponse_s\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n";
  if (code.empty()) {
    for (auto const& put : puts) {
      write(put);
      inner += head;
      inner += "HTTP/1.1 204 No Content\r\nDataServiceVersion: 1.0;\r\n\r\n\r\n";
    }
  } else {
    inner += head;
    inner += "HTTP/1.1 " + std::to_string(status_of(code)) +
             " Refused\r\nContent-Type: application/json\r\n\r\n" +
             error_json(code, std::to_string(index) + ":simulated") + "\r\n";
  }
  auto made = response(
      202, "--batchresponse_s\r\nContent-Type: multipart/mixed; boundary=changesetresponse_s\r\n\r\n" +
               inner + "--changesetresponse_s--\r\n--batchresponse_s--\r\n");
  made.headers.set("Content-Type", "multipart/mixed; boundary=batchresponse_s");
  return made;
}

}  // namespace simulation
