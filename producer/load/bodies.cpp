#include "producer/load/bodies.hpp"

#include <algorithm>

#include "app/body.hpp"
#include "base/time.hpp"
#include "producer/load/dice.hpp"

namespace producer {

namespace {

constexpr std::size_t payload_key = sizeof(R"(,"payload":"")") - 1;
constexpr std::size_t hash_length = 64;

app::Body plain(std::string const& run, std::uint64_t seq, base::System now) {
  app::Body body;
  body.msg = "Scale Test Message : COUNT " + std::to_string(seq);
  body.src_stamp = base::stamp(now);
  body.run = run;
  body.seq = seq;
  return body;
}

}  // namespace

std::size_t json_size(std::size_t wire_size, storage::Encoding encoding) {
  return encoding == storage::Encoding::base64 ? wire_size / 4 * 3 : wire_size;
}

Bodies::Bodies(std::string run, Payload payload, storage::Encoding encoding, std::size_t most)
    : run_(std::move(run)),
      chance_(Dice::of(run_)),
      payload_(std::move(payload)),
      encoding_(encoding),
      most_(most),
      groups_(payload_.groups, payload_.skew),
      filler_(payload_.compressible) {}

std::string Bodies::group(std::uint64_t seq) const {
  Dice dice(chance_ ^ 1, seq);  // apart from what the body draws
  return payload_.group_name + '-' + std::to_string(groups_.of(seq, dice));
}

std::string Bodies::make(std::uint64_t seq, base::System now, std::string_view traceparent) const {
  auto body = plain(run_, seq, now);
  body.traceparent = traceparent;
  if (payload_.grouped) body.group = group(seq);
  Dice dice(chance_, seq);
  if (payload_.text)
    body.payload = payload_.text->render({run_, seq, body.group, now}, dice);
  else if (payload_.lines)
    body.payload = payload_.lines->of(seq);
  if (!payload_.size.natural()) {
    auto const size = std::min(json_size(payload_.size.draw(dice), encoding_), most_);
    auto natural = app::encode(body).size() + hash_length;
    if (natural > size && !traceparent.empty()) {
      body.traceparent.clear();
      natural = app::encode(body).size() + hash_length;
    }
    // Too near for another key: what is missing goes into the message itself.
    if (size > natural)
      size <= natural + payload_key ? filler_.append(body.msg, seq, size - natural)
                                    : filler_.append(body.payload, seq, size - natural - payload_key);
  }
  body.hash = app::payload_hash(body.msg, body.payload);
  auto text = app::encode(body);
  if (text.size() > most_ && !body.traceparent.empty()) {
    body.traceparent.clear();
    text = app::encode(body);
  }
  if (payload_.poison.bad(seq)) poison(text);
  return text;
}

std::size_t Bodies::longest(std::uint64_t seq) const {
  auto body = plain(run_, seq, base::System());
  auto const last_group = payload_.group_name + '-' + std::to_string(groups_.count() - 1);
  if (payload_.grouped) body.group = last_group;
  auto size = app::encode(body).size() + hash_length;
  if (payload_.text) size += payload_key + payload_.text->longest(run_.size(), body.group.size());
  if (payload_.lines) size += payload_key + payload_.lines->longest().bytes;
  return size;
}

}  // namespace producer
