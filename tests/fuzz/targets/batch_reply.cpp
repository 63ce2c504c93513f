// The multipart reply to an entity group transaction.
#include "fuzz/lines.hpp"
#include "fuzz/must.hpp"
#include "fuzz/targets.hpp"
#include "storage/azure/batch_wire.hpp"

using namespace storage::azure;

namespace {

// A reply with one part for each line of the input: its number is the status, the line its body.
struct Made {
  std::string text;
  std::vector<int> statuses;
};

Made made_from(fuzz::Lines lines) {
  Made made;
  made.text = "--outer\r\nContent-Type: multipart/mixed; boundary=inner\r\n\r\n";
  while (lines.more() && made.statuses.size() < 100) {
    auto const line = lines.line();
    made.statuses.push_back(static_cast<int>(100 + line.size() % 500));
    made.text +=
        "--inner\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nHTTP/1.1 " +
        std::to_string(made.statuses.back()) +
        " Said\r\nContent-ID: " + std::to_string(made.statuses.size()) +
        "\r\n\r\n{\"n\":" + std::to_string(line.size()) + "}\r\n";
  }
  made.text += "--inner--\r\n--outer--";
  return made;
}

}  // namespace

void fuzz::batch_reply(std::string_view input) {
  Lines lines(input);
  auto const type = lines.line();
  for (auto const& replies :
       {decode_batch(type, lines.rest()), decode_batch("multipart/mixed; boundary=b", input)}) {
    if (!replies) continue;
    must(!replies->empty(), "a batch reply holds a reply");
    for (auto const& reply : *replies) {
      must(reply.response.status >= 0 && reply.response.status <= 999, "a status has three digits");
      must(reply.response.body.size() <= input.size(), "a reply is a part of its batch");
    }
  }

  auto const made = made_from(Lines(input));
  if (made.statuses.empty()) return;
  auto const replies = decode_batch("multipart/mixed; boundary=outer", made.text);
  must(replies && replies->size() == made.statuses.size(), "every reply of a whole batch is found");
  for (std::size_t i = 0; i < made.statuses.size(); ++i) {
    auto const& reply = (*replies)[i];
    must(reply.response.status == made.statuses[i], "a status is read as it was written");
    must(reply.response.ok() || reply.index == i, "a failure tells which row it speaks of");
  }
  // Anywhere, by what the input says: what was cut off is never taken for whole.
  auto const cut = (input.size() * 7919) % made.text.size();
  must(!decode_batch("multipart/mixed; boundary=outer", std::string_view(made.text).substr(0, cut)),
       "a truncated batch is no batch");
}
