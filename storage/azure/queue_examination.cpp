#include "storage/azure/queue_examination.hpp"

#include "base/encoding.hpp"
#include "storage/azure/queue_wire.hpp"

namespace storage::azure {

namespace {

using namespace std::chrono_literals;

constexpr Grant to_send{"Storage Queue Data Message Sender", 'a', "add"};
constexpr Grant to_read{"Storage Queue Data Contributor", 'r', "read"};
constexpr Grant to_process{"Storage Queue Data Contributor", 'p', "process"};
constexpr Grant to_update{"Storage Queue Data Contributor", 'u', "update"};
constexpr Grant to_create{"Storage Queue Data Contributor", 'c', "create"};

// The service wants a lifetime longer than the invisibility. A probe that can't be taken back is visible for
// its last second.
constexpr auto probe_hidden = 59s;
constexpr auto probe_life = 60s;

std::vector<std::string> steps(QueueUse const& use) {
  std::vector<std::string> all{"queue"};
  if (use.send) all.emplace_back("send");
  if (use.receive)
    for (auto const* step : {"receive", "delete", "extend"}) all.emplace_back(step);
  return all;
}

http::Request request_of(std::string method, std::string target, std::string operation) {
  http::Request request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.operation = std::move(operation);
  return request;
}

}  // namespace

QueueExamination::QueueExamination(std::unique_ptr<Channel> channel, QueueUse use)
    : channel_(std::move(channel)), use_(use), examiner_(*channel_, steps(use)) {}

// A message that is not there, with a receipt of the service's own form.
Message QueueExamination::nothing() const {
  Message message;
  message.id = base::uuid(channel_->random());
  message.receipt = "AgAAAAMAAAAAAAAA16lwkqrW2gE=";
  return message;
}

asio::awaitable<Examined> QueueExamination::run() {
  bool const begun = co_await examiner_.find_credential() && co_await find_queue();
  if (begun) {
    auto const deletion = co_await try_delete();
    if (use_.send) co_await try_send(deletion);
    if (use_.receive) {
      co_await try_receive(deletion);
      co_await try_extend();
    }
  }
  examiner_.sheet().leave_rest("it was not come to");
  co_return std::move(examiner_.sheet().examined());
}

asio::awaitable<bool> QueueExamination::find_queue() {
  auto request = request_of("GET", channel_->path() + "?comp=metadata", "GetQueueMetadata");
  auto const reply = co_await examiner_.ask(request);
  auto& sheet = examiner_.sheet();
  if (!examiner_.reached(reply)) co_return false;
  if (reply.good()) {
    auto const text = reply.response->headers.find("x-ms-approximate-messages-count");
    auto const count = text ? base::parse_u64(*text) : std::nullopt;
    sheet.ok("queue", "is there" + (count ? ", with about " + counted(*count, "message") : std::string()));
    co_return true;
  }
  if (reply.not_there()) {
    examiner_.absent(reply, use_.made_when_absent, to_create);
    co_return false;
  }
  if (reply.lacks_permission()) {
    if (use_.receive)
      examiner_.missing("queue", "its count of messages may not be read, which --drain needs", to_read);
    else
      sheet.set("queue", Verdict::untested, "its properties may not be read, which sending does not need");
    co_return true;
  }
  examiner_.unclear("queue", reply);
  sheet.leave_rest("the queue could not be examined");
  co_return false;
}

asio::awaitable<QueueExamination::Leave> QueueExamination::try_delete() {
  auto request = request_of("DELETE", delete_target(channel_->path(), nothing()), "DeleteMessage");
  auto const reply = co_await examiner_.ask(request);
  auto& sheet = examiner_.sheet();
  if (reply.is("MessageNotFound") || reply.is("PopReceiptMismatch")) {
    if (use_.receive) sheet.ok("delete", "allowed: a message that is not there was looked for");
    co_return Leave::given;
  }
  if (reply.lacks_permission()) {
    if (use_.receive) examiner_.missing("delete", "messages may not be deleted", to_process);
    co_return Leave::refused;
  }
  // Who may not read its properties learns only here that there is no queue.
  if (reply.not_there())
    examiner_.absent(reply, use_.made_when_absent, to_create);
  else if (use_.receive)
    examiner_.unclear("delete", reply);
  co_return Leave::unclear;
}

asio::awaitable<void> QueueExamination::try_receive(Leave deletion) {
  auto& sheet = examiner_.sheet();
  if (use_.probe) co_return co_await take_one();
  auto request =
      request_of("GET", channel_->path() + "/messages?peekonly=true&numofmessages=1", "PeekMessages");
  auto const peeked = co_await examiner_.ask(request);
  if (peeked.not_there()) co_return;
  bool const peeks = peeked.good();
  if (deletion == Leave::given && (peeks || examiner_.by_sas())) {
    // Receiving takes "process", or "delete" with "read"; deleting takes one of the first two.
    sheet.ok("receive", "allowed: whoever may look at messages and delete them may receive them");
    co_return;
  }
  if (peeked.lacks_permission() && deletion != Leave::given) {
    examiner_.missing("receive", "messages may neither be looked at nor be received", to_process);
    co_return;
  }
  if (peeks && deletion == Leave::refused) {
    examiner_.missing("receive", "messages may be looked at and not be received", to_process);
    co_return;
  }
  if (!peeks && !peeked.lacks_permission()) {
    examiner_.unclear("receive", peeked);
    co_return;
  }
  sheet.set("receive", Verdict::untested, "only a message that is taken would tell",
            "--probe takes one and hands it back");
}

asio::awaitable<void> QueueExamination::take_one() {
  auto& sheet = examiner_.sheet();
  auto request = request_of("GET", get_target(channel_->path(), 1, 1s), "GetMessages");
  request.repeatable = false;
  auto const reply = co_await examiner_.ask(request);
  if (reply.lacks_permission())
    co_return examiner_.missing("receive", "messages may not be received", to_process);
  if (!reply.good()) co_return examiner_.unclear("receive", reply);
  auto const messages = decode_messages(reply.response->body);
  if (!messages) co_return examiner_.unclear("receive", reply);
  if (messages->empty()) co_return sheet.ok("receive", "allowed: there was no message to take");
  auto back = request_of("PUT", update_target(channel_->path(), messages->front(), 0s), "UpdateMessage");
  auto const handed = co_await examiner_.ask(back);
  sheet.ok("receive", handed.good()
                          ? "allowed: one message was taken and handed back, which counts as a receive"
                          : "allowed: one message was taken; it comes back within a second");
}

asio::awaitable<void> QueueExamination::try_extend() {
  auto request = request_of("PUT", update_target(channel_->path(), nothing(), 30s), "UpdateMessage");
  auto const reply = co_await examiner_.ask(request);
  if (reply.not_there()) co_return;
  if (reply.is("MessageNotFound") || reply.is("PopReceiptMismatch"))
    examiner_.sheet().ok("extend", "allowed: a message that is not there was looked for");
  else if (reply.lacks_permission())
    examiner_.missing("extend",
                      "leases may not be extended, nor messages handed back (the role \"Storage Queue Data "
                      "Message Processor\" is not enough)",
                      to_update);
  else
    examiner_.unclear("extend", reply);
}

asio::awaitable<void> QueueExamination::try_send(Leave deletion) {
  if (deletion == Leave::given) co_return co_await put_probe(true);
  if (use_.probe) co_return co_await put_probe(false);
  co_return co_await try_malformed();
}

// What is no message can't be stored, so a refusal for want of the permission is all that it can bring.
asio::awaitable<void> QueueExamination::try_malformed() {
  auto request = request_of("POST", put_target(channel_->path(), probe_hidden, probe_life), "PutMessage");
  request.headers.set("Content-Type", "application/xml");
  request.body = "<NoMessage/>";
  request.repeatable = false;
  auto const reply = co_await examiner_.ask(request);
  if (reply.not_there()) co_return examiner_.absent(reply, use_.made_when_absent, to_create);
  if (reply.lacks_permission()) co_return examiner_.missing("send", "messages may not be added", to_send);
  if (!reply.response || reply.error.code == Errc::transient || reply.error.code == Errc::throttled)
    co_return examiner_.unclear("send", reply);
  examiner_.sheet().set(
      "send", Verdict::untested,
      "most likely allowed: what can't be stored was refused for its form, not for want of a "
      "permission; a message can't be tried, since this identity could not take it back",
      "--probe sends one that nobody sees but in its last second, after " +
          std::to_string(probe_hidden.count()) + " s");
}

asio::awaitable<void> QueueExamination::put_probe(bool take_back) {
  auto& sheet = examiner_.sheet();
  auto request = request_of("POST", put_target(channel_->path(), probe_hidden, probe_life), "PutMessage");
  request.headers.set("Content-Type", "application/xml");
  request.body = encode_message(R"({"msg":"a probe of doctor, which expires by itself"})");
  request.repeatable = false;  // a second one would be nobody's to delete
  auto const reply = co_await examiner_.ask(request);
  if (reply.not_there()) co_return examiner_.absent(reply, use_.made_when_absent, to_create);
  if (reply.lacks_permission()) co_return examiner_.missing("send", "messages may not be added", to_send);
  auto const lost =
      "the probe may be on the queue: it is invisible, and expires within " + span_text(probe_life);
  auto const messages = reply.good() ? decode_messages(reply.response->body) : std::nullopt;
  if (!messages || messages->empty()) {
    if (reply.good() || reply.error.maybe_applied) sheet.warn(lost);
    co_return examiner_.unclear("send", reply);
  }
  if (!take_back) {
    sheet.ok("send",
             "allowed: a message was put; it is invisible but in its last second, and expires within " +
                 span_text(probe_life));
    co_return;
  }
  auto removal = request_of("DELETE", delete_target(channel_->path(), messages->front()), "DeleteMessage");
  auto const removed = co_await examiner_.ask(removal);
  sheet.ok("send", "allowed: an invisible message was put and deleted");
  if (!removed.good() && !removed.is("MessageNotFound")) sheet.warn(lost);
}

}  // namespace storage::azure
