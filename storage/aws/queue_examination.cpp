#include "storage/aws/queue_examination.hpp"

#include "base/random.hpp"
#include "storage/aws/json.hpp"
#include "storage/aws/sqs_wire.hpp"

namespace storage::aws {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t first_only[] = {0};
constexpr auto too_long = 901s;  // one second more than any queue delays a message

std::vector<std::string> steps(QueueUse const& use) {
  std::vector<std::string> all{"queue"};
  if (use.send) all.emplace_back("send");
  if (use.receive)
    for (auto const* step : {"receive", "delete", "extend"}) all.emplace_back(step);
  return all;
}

}  // namespace

QueueExamination::QueueExamination(Service service, Actor actor, base::Clock& clock, base::Random& random,
                                   QueueUse use)
    : service_(std::move(service)),
      random_(random),
      use_(use),
      examiner_(service_, std::move(actor), clock, steps(use)),
      url_(service_.endpoint().queue_url) {
  auto const& endpoint = service_.endpoint();
  examiner_.name_resource(queue_arn(endpoint.region, account_of(url_), endpoint.name));
}

boost::asio::awaitable<Examined> QueueExamination::run() {
  bool const begun = co_await examiner_.find_credential() && co_await find_queue();
  if (begun) {
    if (use_.send) co_await try_send();
    if (use_.receive) {
      co_await try_receive();
      std::vector<Message> messages(1);
      messages.front().receipt = "no-receipt-of-" + base::uuid(random_);
      auto deletion = sqs::encode_delete(url_, messages, first_only);
      co_await try_entry("delete", "DeleteMessageBatch", std::move(deletion));
      auto extension = sqs::encode_change_visibility(url_, messages, first_only, 30s);
      co_await try_entry("extend", "ChangeMessageVisibilityBatch", std::move(extension));
    }
  }
  examiner_.sheet().leave_rest("it was not come to");
  co_return std::move(examiner_.sheet().examined());
}

boost::asio::awaitable<bool> QueueExamination::find_queue() {
  if (!url_.empty()) co_return co_await read_attributes(true);
  auto body = sqs::encode_get_queue_url(service_.endpoint().name);
  auto const reply = co_await examiner_.ask("GetQueueUrl", std::move(body));
  auto& sheet = examiner_.sheet();
  if (!examiner_.reached(reply)) co_return false;
  auto const url = reply.good() ? sqs::decode_queue_url(reply.response->body) : std::nullopt;
  if (url) {
    url_ = *url;
    examiner_.name_resource(
        queue_arn(service_.endpoint().region, account_of(url_), service_.endpoint().name));
    co_return co_await read_attributes(false);
  }
  if (reply.absent()) {
    examiner_.absent(reply, use_.made_when_absent, "sqs:CreateQueue");
  } else if (reply.denied()) {
    examiner_.missing("queue", reply, {"sqs:GetQueueUrl"});
    sheet.leave_rest("the queue's URL is not known: grant sqs:GetQueueUrl, or give the URL as --queue");
  } else {
    examiner_.unclear("queue", reply);
    sheet.leave_rest("the queue could not be examined");
  }
  co_return false;
}

boost::asio::awaitable<bool> QueueExamination::read_attributes(bool first) {
  constexpr std::string_view names[] = {"ApproximateNumberOfMessages", "RedrivePolicy",
                                        "MessageRetentionPeriod", "DelaySeconds", "KmsMasterKeyId"};
  auto body = sqs::encode_get_attributes(url_, names);
  auto const reply = co_await examiner_.ask("GetQueueAttributes", std::move(body));
  auto& sheet = examiner_.sheet();
  if (first && !examiner_.reached(reply)) co_return false;
  if (reply.absent()) {
    examiner_.absent(reply, use_.made_when_absent, "sqs:CreateQueue");
    co_return false;
  }
  if (reply.denied()) {
    examiner_.missing("queue", reply, {"sqs:GetQueueAttributes"});
    co_return true;
  }
  if (!reply.good()) {
    examiner_.unclear("queue", reply);
    sheet.leave_rest("the queue could not be examined");
    co_return false;
  }
  auto attributes = sqs::decode_attributes(reply.response->body);
  if (!attributes) attributes.emplace();  // an emulator may have nothing to tell
  sheet.ok("queue",
           "is there" + (attributes->visible
                             ? ", with about " + counted(*attributes->visible, "message") + " to receive"
                             : std::string()));
  QueueFacts facts;
  facts.redrive_policy = attributes->redrive_policy;
  facts.retention = attributes->retention;
  facts.delay = attributes->delay;
  facts.key = attributes->key;
  for (auto& warning : queue_warnings(facts, use_)) sheet.warn(std::move(warning));
  if (auto const redrive = parse_redrive(facts.redrive_policy))
    sheet.examined().redrives_to =
        redrive->target + " after " + std::to_string(redrive->max_receives) + " receives";
  co_return true;
}

// A batch whose one entry can't succeed.
boost::asio::awaitable<void> QueueExamination::try_entry(std::string_view step, std::string_view action,
                                                         std::string body) {
  auto const reply = co_await examiner_.ask(action, std::move(body));
  auto permission = std::string(action.substr(0, action.size() - 5));  // without "Batch"
  if (reply.denied()) co_return examiner_.missing(step, reply, {"sqs:" + permission});
  auto const outcomes = reply.good() ? sqs::decode_batch(reply.response->body, 1) : std::nullopt;
  if (!outcomes) co_return examiner_.unclear(step, reply);
  examiner_.sheet().ok(step,
                       "allowed: a receipt that is none was judged (" + outcomes->front().fault.code + ')');
}

std::string QueueExamination::send_body(std::string_view text, std::chrono::seconds delay) const {
  std::vector<Outgoing> messages(1);
  messages.front().body = text;
  messages.front().delay = delay;
  messages.front().group = "doctor";
  messages.front().deduplication_id = base::uuid(random_);
  return sqs::encode_send(url_, messages, first_only, service_.endpoint().name.ends_with(".fifo"));
}

boost::asio::awaitable<void> QueueExamination::try_send() {
  if (use_.probe) co_return co_await send_probe();
  // Refused twice over: for a character that SQS can't carry, and for its delay.
  auto body = send_body(std::string_view("\0", 1), too_long);
  auto const reply = co_await examiner_.ask("SendMessageBatch", std::move(body));
  if (reply.denied()) co_return examiner_.missing("send", reply, {"sqs:SendMessage"});
  if (reply.passing()) co_return examiner_.unclear("send", reply);
  auto& sheet = examiner_.sheet();
  auto const outcomes = reply.good() ? sqs::decode_batch(reply.response->body, 1) : std::nullopt;
  if (!outcomes) {
    sheet.set(
        "send", Verdict::untested,
        "most likely allowed: what can't be sent was refused for its form, not for want of a permission",
        "--probe sends a real message, which a consumer will receive");
    co_return;
  }
  sheet.ok("send", "allowed: a message that no queue takes was judged (" +
                       (outcomes->front().done ? "taken!" : outcomes->front().fault.code) + ')');
  if (outcomes->front().done)
    sheet.warn("this service took a message that SQS refuses: a message of one character is on the queue");
}

boost::asio::awaitable<void> QueueExamination::send_probe() {
  auto body = send_body(R"({"msg":"a probe of doctor, sent with --probe","srcStamp":""})", 0s);
  auto const reply = co_await examiner_.ask("SendMessageBatch", std::move(body));
  if (reply.denied()) co_return examiner_.missing("send", reply, {"sqs:SendMessage"});
  auto const outcomes = reply.good() ? sqs::decode_batch(reply.response->body, 1) : std::nullopt;
  if (!outcomes) co_return examiner_.unclear("send", reply);
  auto const& outcome = outcomes->front();
  if (outcome.done)
    co_return examiner_.sheet().ok("send", "allowed: a message was sent, which a consumer will receive");
  Reply entry = reply;
  entry.error = entry_failure(outcome.fault, outcome.sender_fault, service_.target(), "SendMessageBatch");
  if (entry.denied()) co_return examiner_.missing("send", entry, {"sqs:SendMessage"});
  examiner_.sheet().failed("send", *entry.error);
}

boost::asio::awaitable<void> QueueExamination::try_receive() {
  sqs::Poll poll;
  poll.at_most = use_.probe ? 1 : 0;  // none at all is no request that SQS takes
  auto body = sqs::encode_receive(url_, poll);
  auto const reply = co_await examiner_.ask("ReceiveMessage", std::move(body));
  if (reply.denied()) co_return examiner_.missing("receive", reply, {"sqs:ReceiveMessage"});
  if (reply.passing()) co_return examiner_.unclear("receive", reply);
  auto& sheet = examiner_.sheet();
  if (use_.probe && reply.good()) {
    auto const messages = sqs::decode_receive(reply.response->body);
    sheet.ok("receive", messages && !messages->empty()
                            ? "allowed: one message was taken and is visible again, which counts as a receive"
                            : "allowed: there was no message to take");
    co_return;
  }
  if (use_.probe) co_return examiner_.unclear("receive", reply);
  sheet.set(
      "receive", Verdict::untested,
      "most likely allowed: a request for no messages was refused for its form, not for want of a permission",
      "--probe receives one message and makes it visible again at once, which counts as a receive");
}

}  // namespace storage::aws
