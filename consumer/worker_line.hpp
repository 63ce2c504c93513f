#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace consumer {

// What a worker is asked to do: one message, once.
struct Job {
  std::uint64_t call = 0;  // numbers the calls of a pool, so that an answer can be told from another's
  std::string id;          // the message's original id
  std::string body;
  std::string run;  // empty: not one of our producer's
  std::uint64_t seq = 0;
  std::string group;
  std::string traceparent;  // of the work's span, or as the message had it; empty: none
  int receive_count = 1;
};

// What came of it.
struct Verdict {
  enum class Kind {
    done,       // text: the result, as JSON; empty where there is none
    cancelled,  // nobody waits for it any more
    failed,     // text: why; it may be tried again
    refused,    // text: why; it never will succeed
  };
  Kind kind = Kind::done;
  std::string text;
};

// One line of JSON with its line end: {"call","id","receiveCount","run","seq","group","traceparent","body"};
// run, seq, group and traceparent only where there are any. Bytes of a body that are not UTF-8 become U+FFFD.
std::string encode(Job const& job);

// A worker's line: {"call","id","ok","result","error","retry"}, all of them optional.
struct Answer {
  std::optional<std::uint64_t> call;
  std::optional<std::string> id;
  Verdict verdict;
};
// Nothing for a line that is no JSON object, is nested deeper than 500, or holds one of these keys with a
// value of another type.
std::optional<Answer> decode_answer(std::string_view line);

}  // namespace consumer
