#include "storage/azure/table_examination.hpp"

#include "storage/azure/table_wire.hpp"

namespace storage::azure {

namespace {

constexpr Grant to_read{"Storage Table Data Reader", 'r', "read"};
constexpr Grant to_write{"Storage Table Data Contributor", 'u', "update"};
constexpr Grant to_add{"Storage Table Data Contributor", 'a', "add"};
constexpr Grant to_create{"Storage Table Data Contributor", 'c', "create"};

std::vector<std::string> steps(TableUse const& use) {
  std::vector<std::string> all{"table"};
  if (use.read) all.emplace_back("read");
  if (use.write) all.emplace_back("write");
  return all;
}

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

}  // namespace

TableExamination::TableExamination(std::unique_ptr<Channel> channel, TableUse use)
    : channel_(std::move(channel)), use_(use), examiner_(*channel_, steps(use)) {}

Entity TableExamination::probe() const {
  Entity row;
  row.key.partition = "doctor";
  row.key.row = base::uuid(channel_->random());
  row.values["data"] = "a probe of doctor, which may be deleted";
  return row;
}

asio::awaitable<Examined> TableExamination::run() {
  bool const begun = co_await examiner_.find_credential() && co_await find_table();
  if (begun && use_.write) {
    if (use_.probe)
      co_await write_probe();
    else
      co_await try_write();
  }
  examiner_.sheet().leave_rest("it was not come to");
  co_return std::move(examiner_.sheet().examined());
}

asio::awaitable<bool> TableExamination::find_table() {
  auto request = request_of("GET", channel_->path() + "()?$top=1&$select=PartitionKey", "QueryEntities");
  auto const reply = co_await examiner_.ask(request);
  auto& sheet = examiner_.sheet();
  if (!examiner_.reached(reply)) co_return false;
  if (reply.good()) {
    sheet.ok("table", "is there");
    if (use_.read) sheet.ok("read", "allowed: a row was asked for");
    co_return true;
  }
  if (reply.not_there()) {
    examiner_.absent(reply, use_.made_when_absent, to_create);
    co_return false;
  }
  if (reply.lacks_permission()) {
    sheet.set("table", Verdict::untested,
              "its rows may not be read" + std::string(use_.read ? "" : ", which writing does not need"));
    if (use_.read) examiner_.missing("read", "rows may not be read, which producer audit needs", to_read);
    co_return true;
  }
  examiner_.unclear("table", reply);
  sheet.leave_rest("the table could not be examined");
  co_return false;
}

asio::awaitable<void> TableExamination::try_write() {
  auto const row = probe();
  auto const json = encode_entity(row);
  auto request = request_of("PUT", entity_target(channel_->path(), row.key), "UpdateEntity");
  request.headers.set("Content-Type", "application/json");
  request.headers.set("If-Match", "*");  // only where it exists, which it does not
  request.body = *json;
  auto const reply = co_await examiner_.ask(request);
  auto& sheet = examiner_.sheet();
  if (reply.is("ResourceNotFound") || reply.is("EntityNotFound"))
    sheet.ok("write",
             examiner_.by_sas()
                 ? "updating is allowed: a row that is not there was to be replaced; that the SAS also "
                   "grants \"a\" (add) only --probe tells"
                 : "allowed: a row that is not there was to be replaced");
  else if (reply.not_there())
    examiner_.absent(reply, use_.made_when_absent, to_create);
  else if (reply.lacks_permission())
    examiner_.missing("write", "rows may not be written", to_write);
  else
    examiner_.unclear("write", reply);
}

asio::awaitable<void> TableExamination::write_probe() {
  auto const row = probe();
  auto const json = encode_entity(row);
  auto const target = entity_target(channel_->path(), row.key);
  auto& sheet = examiner_.sheet();
  auto request = request_of("PUT", target, "InsertOrReplaceEntity");
  request.headers.set("Content-Type", "application/json");
  request.body = *json;
  auto const reply = co_await examiner_.ask(request);
  if (reply.not_there()) co_return examiner_.absent(reply, use_.made_when_absent, to_create);
  if (reply.lacks_permission()) co_return examiner_.missing("write", "rows may not be written", to_add);
  if (!reply.good()) co_return examiner_.unclear("write", reply);
  auto removal = request_of("DELETE", target, "DeleteEntity");
  removal.headers.set("If-Match", "*");
  auto const removed = co_await examiner_.ask(removal);
  sheet.ok("write", "allowed: a row was written and deleted");
  if (!removed.good()) {
    sheet.ok("write", "allowed: a row was written");
    sheet.warn("the probe's row " + row.key.partition + '/' + row.key.row +
               " could not be deleted again, and may be: " + describe(removed.error));
  }
}

}  // namespace storage::azure
