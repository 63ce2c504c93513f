#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace app {

constexpr std::uint64_t max_seq = 999'999'999'999;  // twelve digits, as in row keys

// What a message says. The samples write only `msg` and `src_stamp`.
struct Body {
  std::string msg;
  std::string src_stamp;
  std::string run;  // empty: not one of our producer's
  std::uint64_t seq = 0;
  std::string hash;
  std::string group;        // of a run whose messages belong to groups; else empty
  std::string traceparent;  // W3C trace context of its producer's span; empty: none
  std::string payload;      // what --size, --template or --lines adds to msg
  std::string original_id;  // of a message that was moved back from the dead letters; else empty
};

// [A-Za-z0-9._-]{1,64}
bool is_run_id(std::string_view text);

// SHA-256, in hex, of msg followed by payload.
std::string payload_hash(std::string_view msg, std::string_view payload);

// One line of JSON with the samples' two keys first; `group`, `traceparent` and `payload` only where there is
// one.
std::string encode(Body const& body);

// How many bytes a text takes between the quotes of a JSON string as encode() writes it.
std::size_t json_length(std::string_view text);

// invalid: not a JSON object. An object of somebody else's making is taken whole as `msg`; run, seq and
// traceparent that are malformed count as absent.
base::Result<Body> decode(std::string_view text);

// What a text that is no whole JSON object says of itself before it breaks off: msg, srcStamp, run, seq,
// hash. For finding out whose it was; nothing to process. An empty run where it does not say.
Body salvage(std::string_view text);

}  // namespace app
