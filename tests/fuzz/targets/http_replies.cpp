// Answers of HTTP/1.1 as a peer may frame them.
#include <array>
#include <cstdio>
#include <string>

#include "fuzz/lines.hpp"
#include "fuzz/must.hpp"
#include "fuzz/targets.hpp"
#include "http/reply.hpp"
#include "http/wire.hpp"

namespace {

using http::Reply;

struct Read {
  Reply reply;
  std::size_t used = 0;
};

// In pieces of this size.
Read read(std::string_view bytes, bool to_head, std::size_t max_body, std::size_t piece) {
  Read read{Reply(to_head, max_body), 0};
  while (read.used < bytes.size() && !read.reply.over()) {
    auto const part = bytes.substr(read.used, piece);
    auto const used = read.reply.take(part);
    fuzz::must(used == part.size() || read.reply.over(), "all is taken until the answer is over");
    fuzz::must(used <= part.size(), "no more is taken than there is");
    read.used += used;
  }
  read.reply.end();
  return read;
}

void must_be_equal(Read& a, Read& b) {
  using fuzz::must;
  must(a.reply.state() == b.reply.state(), "where it is cut does not change what an answer is");
  must(a.reply.lasting() == b.reply.lasting(), "nor whether the connection lasts");
  if (a.reply.state() != Reply::State::whole) return;
  must(a.used == b.used, "nor where it ends");
  must(a.reply.response().status == b.reply.response().status, "nor its status");
  must(a.reply.response().body == b.reply.response().body, "nor its body");
  auto const& others = b.reply.response().headers;
  must(a.reply.response().headers.size() == others.size(), "nor how many headers it has");
  auto other = others.begin();
  for (auto const& [name, value] : a.reply.response().headers) {
    auto const [other_name, other_value] = *other;
    must(other_name == name && other_value == value, "nor its headers");
    ++other;
  }
}

// A reply whose chunks are the input's lines.
struct Made {
  std::string text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  std::string body;
};

Made made_from(fuzz::Lines lines) {
  Made made;
  std::array<char, 20> digits{};
  while (lines.more()) {
    auto const line = lines.line();
    if (line.empty()) continue;
    std::snprintf(digits.data(), digits.size(), "%zx", line.size());
    made.text.append(digits.data()).append(";x=y\r\n").append(line).append("\r\n");
    made.body.append(line);
  }
  made.text += "0\r\nTrailer: x\r\n\r\n";
  return made;
}

}  // namespace

void fuzz::http_replies(std::string_view input) {
  std::size_t const max_body = 4096;
  for (bool const to_head : {false, true}) {
    auto whole = read(input, to_head, max_body, input.size() + 1);
    for (std::size_t const piece : {std::size_t{1}, 2 + input.size() % 61}) {
      auto cut = read(input, to_head, max_body, piece);
      must_be_equal(whole, cut);
    }
    auto const& response = whole.reply.response();
    must(response.body.size() <= max_body, "a body is no larger than was allowed");
    if (whole.reply.state() != Reply::State::whole) continue;
    must(response.status >= 200 && response.status <= 999, "a final answer has a final status");
    must(!to_head || response.body.empty(), "the answer to HEAD has no body");
    for (auto const& [name, value] : response.headers) {
      must(http::is_token(name), "a header's name is a token");
      must(!http::has_control(value), "a header's value is one line");
    }
  }

  auto const made = made_from(Lines(input));
  auto again = read(made.text + "HTTP/1.1", false, made.body.size(), 1 + input.size() % 97);
  must(again.reply.state() == Reply::State::whole && again.reply.response().body == made.body,
       "a body is read as it was written");
  must(again.used == made.text.size() && again.reply.lasting(), "what follows it is left alone");
  auto const cut = (input.size() * 7919) % made.text.size();
  auto part = read(std::string_view(made.text).substr(0, cut), false, made.body.size(), made.text.size());
  must(!part.reply.over(), "what was cut off is never taken for whole");
  if (made.body.empty()) return;
  auto capped = read(made.text, false, made.body.size() - 1, 1 + input.size() % 97);
  must(capped.reply.state() == Reply::State::too_large, "a body that is too large is refused");
}
