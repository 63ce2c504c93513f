#include "micro/operations.hpp"

#include <memory>
#include <numeric>

#include "app/body.hpp"
#include "app/row.hpp"
#include "auth/aws/sigv4.hpp"
#include "auth/azure/shared_key.hpp"
#include "base/digest.hpp"
#include "base/encoding.hpp"
#include "storage/aws/dynamodb_wire.hpp"
#include "storage/aws/sqs_wire.hpp"
#include "storage/azure/batch_wire.hpp"
#include "storage/azure/queue_wire.hpp"
#include "storage/azure/table_wire.hpp"

namespace micro {

namespace {

constexpr base::System moment{std::chrono::seconds(1'795'309'323)};
constexpr std::string_view queue_url = "https://sqs.eu-west-1.amazonaws.com/123456789012/messages";

app::Body body_of(std::uint64_t seq) {
  app::Body body;
  body.msg = "Scale Test Message : COUNT " + std::to_string(seq);
  body.src_stamp = "2026-11-22 01:02:03.000004";
  body.run = "20261122T010203.000004-abcd";
  body.seq = seq;
  body.payload = std::string(360, 'x');
  body.hash = app::payload_hash(body.msg, body.payload);
  return body;
}

storage::Message message_of(std::uint64_t seq, std::size_t receipt) {
  storage::Message message;
  message.id = "00000001-1111-4111-8111-1111" + std::to_string(10'000'000 + seq);
  message.receipt = std::string(receipt, 'A');
  message.body = app::encode(body_of(seq));
  message.receive_count = 1;
  return message;
}

std::vector<storage::Entity> rows(std::size_t count) {
  std::vector<storage::Entity> made;
  app::RowFacts facts;
  facts.stamp_name = "dateStamp";
  facts.consumer = "aqs-app-5d5f7c9b8-x7k2p";
  facts.now = moment;
  for (std::size_t i = 0; i < count; ++i)
    made.push_back(app::make_row(body_of(64 + i), message_of(64 + i, 28), facts));
  return made;
}

std::vector<std::size_t> upto(std::size_t count) {
  std::vector<std::size_t> places(count);
  std::iota(places.begin(), places.end(), std::size_t{0});
  return places;
}

std::string json_text(std::string_view text) {
  std::string out;
  for (char const c : text) {
    if (c == '"') out += '\\';
    out += c;
  }
  return out;
}

std::string azure_reply(std::size_t count) {
  std::string xml = "<?xml version=\"1.0\" encoding=\"utf-8\"?><QueueMessagesList>";
  for (std::size_t i = 0; i < count; ++i) {
    auto const message = message_of(i + 1, 28);
    xml += "<QueueMessage><MessageId>" + message.id +
           "</MessageId><InsertionTime>Sun, 22 Nov 2026 01:02:03 GMT</InsertionTime>" +
           "<ExpirationTime>Fri, 31 Dec 9999 23:59:59 GMT</ExpirationTime><PopReceipt>" + message.receipt +
           "</PopReceipt><TimeNextVisible>Sun, 22 Nov 2026 01:02:33 "
           "GMT</TimeNextVisible><DequeueCount>1</DequeueCount><MessageText>" +
           message.body + "</MessageText></QueueMessage>";
  }
  return xml + "</QueueMessagesList>";
}

std::string sqs_reply(std::size_t count) {
  std::string text = "{\"Messages\":[";
  for (std::size_t i = 0; i < count; ++i) {
    auto const message = message_of(i + 1, 184);
    text += (i == 0 ? "" : ",") + std::string("{\"MessageId\":\"") + message.id + "\",\"ReceiptHandle\":\"" +
            message.receipt + R"(","MD5OfBody":"0123456789abcdef0123456789abcdef","Body":")" +
            json_text(message.body) +
            R"(","Attributes":{"ApproximateReceiveCount":"1","SentTimestamp":"1795309323000"}})";
  }
  return text + "]}";
}

http::Request azure_request() {
  http::Request request("POST", http::Origin{}, "/account/messages/messages?messagettl=-1",
                        app::encode(body_of(1)));
  request.headers.set("Content-Type", "application/xml");
  request.headers.set("x-ms-version", "2025-11-05");
  request.headers.set("x-ms-client-request-id", "11111111-1111-4111-8111-111111111111");
  request.headers.set("x-ms-date", "Sun, 22 Nov 2026 01:02:03 GMT");
  return request;
}

// What the optimiser must not see through.
template <class T>
void keep(T const& value) {
  asm volatile("" : : "g"(&value) : "memory");
}

void add_azure(std::vector<Operation>& all) {
  all.push_back(
      {"azure/sign", [request = azure_request(), key = base::Secret(std::string(64, 'k'))] {
         keep(auth::azure::authorization(
             "account", key, auth::azure::string_to_sign(auth::azure::Service::queue, "account", request)));
       }});
  all.push_back({"azure/encode_message",
                 [text = app::encode(body_of(1))] { keep(storage::azure::encode_message(text)); }});
  storage::Outgoing outgoing;
  outgoing.body = app::encode(body_of(1));
  all.push_back({"azure/check_message", [outgoing] { keep(storage::azure::check_message(outgoing)); }});
  all.push_back(
      {"azure/decode_receive_32", [xml = azure_reply(32)] { keep(storage::azure::decode_messages(xml)); }});
  all.push_back({"azure/encode_rows_32", [list = rows(32)] {
                   std::vector<std::string> texts;
                   texts.reserve(2 * list.size());
                   std::vector<storage::azure::BatchRow> parts;
                   for (auto const& row : list) {
                     storage::azure::BatchRow part;
                     part.target = texts.emplace_back(storage::azure::entity_target("/results", row.key));
                     part.json = texts.emplace_back(*storage::azure::encode_entity(row));
                     parts.push_back(part);
                   }
                   keep(storage::azure::encode_batch(parts, "https://account.table.core.windows.net",
                                                     "11111111-1111-4111-8111-111111111111"));
                 }});
}

void add_aws(std::vector<Operation>& all) {
  std::vector<storage::Outgoing> ten(10);
  for (std::size_t i = 0; i < ten.size(); ++i) ten[i].body = app::encode(body_of(i + 1));
  auto const places = upto(10);
  auto const sent = storage::aws::sqs::encode_send(queue_url, ten, places, false);
  all.push_back(
      {"aws/sign_send_10", [sent, key = base::Secret(std::string(32, 'k'))] {
         std::vector<http::Header> headers;
         headers.push_back({"Content-Type", "application/x-amz-json-1.0"});
         headers.push_back({"Host", "sqs.eu-west-1.amazonaws.com"});
         headers.push_back({"X-Amz-Date", "20261122T010203Z"});
         headers.push_back({"X-Amz-Target", "AmazonSQS.SendMessageBatch"});
         auto const canonical =
             auth::aws::canonical_request("POST", "/", std::move(headers), base::sha256_hex(sent));
         auto const scope = auth::aws::scope("20261122", "eu-west-1", "sqs");
         keep(auth::aws::authorization("AKIDEXAMPLE", scope, canonical.signed_headers, key,
                                       auth::aws::string_to_sign("20261122T010203Z", scope, canonical.text)));
       }});
  all.push_back({"aws/encode_send_10",
                 [ten, places] { keep(storage::aws::sqs::encode_send(queue_url, ten, places, false)); }});
  all.push_back(
      {"aws/decode_receive_10", [text = sqs_reply(10)] { keep(storage::aws::sqs::decode_receive(text)); }});
  std::vector<storage::Message> held;
  for (std::uint64_t seq = 1; seq <= 10; ++seq) held.push_back(message_of(seq, 184));
  all.push_back({"aws/encode_delete_10",
                 [held, places] { keep(storage::aws::sqs::encode_delete(queue_url, held, places)); }});
  std::string done = "{\"Successful\":[";
  for (int i = 0; i < 10; ++i)
    done += (i == 0 ? "" : ",") + std::string("{\"Id\":\"") + std::to_string(i) + "\"}";
  all.push_back(
      {"aws/decode_batch_10", [done = done + "]}"] { keep(storage::aws::sqs::decode_batch(done, 10)); }});
  all.push_back({"aws/encode_rows_25", [list = rows(25)] {
                   storage::aws::Schema schema;
                   schema.hash = "PartitionKey";
                   schema.range = "RowKey";
                   std::vector<std::string> items;
                   for (auto const& row : list) {
                     storage::aws::ItemKey key;
                     key.hash = row.key.partition;
                     key.range = row.key.row;
                     items.push_back(storage::aws::dynamodb::encode_item(schema, key, row));
                   }
                   std::vector<std::string_view> const views(items.begin(), items.end());
                   keep(storage::aws::dynamodb::encode_batch_write("results", views));
                 }});
}

}  // namespace

std::vector<Operation> operations() {
  std::vector<Operation> all;
  all.push_back({"body/encode", [body = body_of(1)] { keep(app::encode(body)); }});
  all.push_back({"body/decode", [text = app::encode(body_of(1))] { keep(app::decode(text)); }});
  all.push_back({"body/row", [body = body_of(1), message = message_of(1, 28)] {
                   app::RowFacts facts;
                   facts.stamp_name = "dateStamp";
                   facts.consumer = "aqs-app-5d5f7c9b8-x7k2p";
                   facts.now = moment;
                   keep(app::make_row(body, message, facts));
                 }});
  add_azure(all);
  add_aws(all);
  return all;
}

}  // namespace micro
