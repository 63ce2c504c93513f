#include "storage/aws/table_examination.hpp"

#include "base/random.hpp"
#include "base/time.hpp"
#include "storage/aws/json.hpp"

namespace storage::aws {

namespace {

std::vector<std::string> steps(TableUse const& use) {
  std::vector<std::string> all{"table"};
  if (use.read) all.emplace_back("read");
  if (use.write) all.emplace_back("write");
  return all;
}

std::string encode_batch_delete(std::string_view table, Schema const& schema, ItemKey const& key) {
  std::string out;
  Json json(out);
  json.object().key("RequestItems").object().key(table).array();
  json.object().key("DeleteRequest").object().key("Key").object();
  json.key(schema.hash).object().key("S").text(key.hash).end_object();
  if (!schema.range.empty()) json.key(schema.range).object().key("S").text(key.range).end_object();
  json.end_object().end_object().end_object();
  json.end_array().end_object().end_object();
  return out;
}

}  // namespace

TableExamination::TableExamination(Service service, Actor actor, base::Clock& clock, base::Random& random,
                                   TableUse use)
    : service_(std::move(service)),
      clock_(clock),
      random_(random),
      use_(use),
      examiner_(service_, std::move(actor), clock, steps(use)) {
  examiner_.name_resource(table_arn(service_.endpoint().region, "*", service_.endpoint().name));
}

boost::asio::awaitable<Examined> TableExamination::run() {
  bool const begun = co_await examiner_.find_credential() && co_await find_table();
  if (begun && use_.read) co_await try_read();
  if (begun && use_.write) co_await try_write();
  examiner_.sheet().leave_rest("it was not come to");
  co_return std::move(examiner_.sheet().examined());
}

boost::asio::awaitable<bool> TableExamination::find_table() {
  auto body = dynamodb::encode_describe(service_.endpoint().name);
  auto const reply = co_await examiner_.ask("DescribeTable", std::move(body));
  auto& sheet = examiner_.sheet();
  if (!examiner_.reached(reply)) co_return false;
  if (reply.absent()) {
    examiner_.absent(reply, use_.made_when_absent, "dynamodb:CreateTable");
    co_return false;
  }
  auto const description = reply.good() ? dynamodb::decode_description(reply.response->body) : std::nullopt;
  if (!description) {
    if (reply.denied())
      examiner_.missing("table", reply, {"dynamodb:DescribeTable"});
    else
      examiner_.unclear("table", reply);
    sheet.leave_rest("the table's keys are not known");
    co_return false;
  }
  schema_ = description->schema;
  bool const texts =
      description->hash_type == "S" && (schema_.range.empty() || description->range_type == "S");
  if (!texts) {
    sheet.set("table", Verdict::failed, "its key attributes are not all strings",
              "use a table whose key attributes have the type S, or let --create make one");
    sheet.leave_rest("the table's keys do not fit");
    co_return false;
  }
  auto const keys = schema_.hash + (schema_.range.empty() ? "" : " and " + schema_.range);
  if (description->status == "ACTIVE" || description->status == "UPDATING")
    sheet.ok("table", "is there, with the key " + keys);
  else
    sheet.set("table", Verdict::failed, "is in the state " + description->status, "wait until it is ACTIVE");
  co_return true;
}

boost::asio::awaitable<void> TableExamination::try_read() {
  Range range;
  range.at_most = 1;
  auto body = dynamodb::encode_scan(service_.endpoint().name, range);
  auto const reply = co_await examiner_.ask("Scan", std::move(body));
  if (reply.denied()) co_return examiner_.missing("read", reply, {"dynamodb:Scan"});
  if (!reply.good()) co_return examiner_.unclear("read", reply);
  examiner_.sheet().ok("read", "allowed: one row was asked for");
}

boost::asio::awaitable<void> TableExamination::try_write() {
  Entity row;
  row.key.partition = "doctor";
  row.key.row = base::uuid(random_);
  row.values["data"] = "a probe of doctor, which may be deleted";
  row.values["srcStamp"] = base::stamp(clock_.system());
  auto const key = item_key(schema_, row);
  if (!key) co_return examiner_.sheet().failed("write", key.error());
  auto const& table = service_.endpoint().name;
  if (use_.probe) {
    auto const item = dynamodb::encode_item(schema_, *key, row);
    std::string_view const items[] = {item};
    auto body = dynamodb::encode_batch_write(table, items);
    auto const written = co_await examiner_.ask("BatchWriteItem", std::move(body));
    if (written.denied()) co_return examiner_.missing("write", written, {"dynamodb:BatchWriteItem"});
    if (!written.good()) co_return examiner_.unclear("write", written);
  }
  auto body = encode_batch_delete(table, schema_, *key);
  auto const reply = co_await examiner_.ask("BatchWriteItem", std::move(body));
  auto& sheet = examiner_.sheet();
  if (!use_.probe) {
    if (reply.denied()) co_return examiner_.missing("write", reply, {"dynamodb:BatchWriteItem"});
    if (!reply.good()) co_return examiner_.unclear("write", reply);
    sheet.ok("write", "allowed: a row that is not there was to be deleted");
    co_return;
  }
  sheet.ok("write", "allowed: a row was written" + std::string(reply.good() ? " and deleted" : ""));
  if (!reply.good())
    sheet.warn("the probe's row " + key->hash +
               " could not be deleted again, and may be: " + describe(*reply.error));
}

}  // namespace storage::aws
