#include "http/reply.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "http/wire.hpp"

namespace http {

namespace {

// A peer that promises much must also send it, before the memory is there.
constexpr std::uint64_t most_reserved = std::uint64_t{1} << 20;

// Where the header section ends, its empty line included; npos: not yet. A lone LF ends a line too (RFC 9112,
// section 2.2).
std::size_t end_of_head(std::string_view text, std::size_t from) {
  for (auto at = text.find('\n', from); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    auto const rest = text.substr(at + 1);
    if (rest.starts_with('\n')) return at + 2;
    if (rest.starts_with("\r\n")) return at + 3;
  }
  return std::string_view::npos;
}

std::string_view next_line(std::string_view& text) {
  auto const end = std::min(text.find('\n'), text.size());
  auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

void Reply::fail(char const* why) {
  state_ = State::broken;
  fault_ = why;
}

bool Reply::spend(std::size_t bytes) {
  spent_ += bytes;
  if (spent_ <= max_head) return true;
  fail("its header section is too long");
  return false;
}

std::size_t Reply::take(std::string_view bytes) {
  auto const given = bytes.size();
  begun_ = begun_ || given != 0;
  while (!bytes.empty() && !over()) {
    if (state_ == State::head)
      take_head(bytes);
    else
      take_body(bytes);
  }
  return given - bytes.size();
}

void Reply::end() {
  if (state_ == State::body && framing_ == Framing::until_end) state_ = State::whole;
}

// The head

void Reply::take_head(std::string_view& bytes) {
  static constexpr std::string_view protocol = "HTTP/1.";
  if (pending_.empty()) {  // mostly it comes whole, and needs no copy
    auto const end = end_of_head(bytes, 0);
    if (end != std::string_view::npos) {
      auto const head = bytes.substr(0, end);
      bytes.remove_prefix(end);
      if (spend(end)) read_head(head);
      return;
    }
  }
  auto const before = pending_.size();
  pending_.append(bytes.substr(0, max_head + 1 - std::min(before, max_head)));
  auto const known = std::min(pending_.size(), protocol.size());
  if (std::string_view(pending_).substr(0, known) != protocol.substr(0, known)) {
    fail("it does not begin with HTTP/1");
    return;
  }
  auto const end = end_of_head(pending_, before < 3 ? 0 : before - 3);
  if (end == std::string_view::npos) {
    if (spent_ + pending_.size() > max_head) spend(pending_.size());
    bytes = {};
    return;
  }
  bytes.remove_prefix(end - before);
  std::string const head = std::move(pending_).substr(0, end);
  pending_.clear();
  if (spend(end)) read_head(head);
}

void Reply::read_head(std::string_view head) {
  if (!read_status(next_line(head))) {
    fail("its status line is not one of HTTP/1");
    return;
  }
  if (response_.status == 101) {
    fail("it changes to a protocol that nobody asked for");
    return;
  }
  if (response_.status < 200) return;  // an interim answer: the final one follows
  auto const fields = static_cast<std::size_t>(std::count(head.begin(), head.end(), '\n'));
  response_.headers.reserve(fields, head.size());
  while (!head.empty()) {
    auto const line = next_line(head);
    if (!line.empty() && !read_field(line)) return;
  }
  frame();
}

bool Reply::read_status(std::string_view line) {
  if (!line.starts_with("HTTP/1.") || line.size() < 12 || (line[7] != '0' && line[7] != '1')) return false;
  if (line[8] != ' ' || line[9] < '1' || !is_digit(line[9]) || !is_digit(line[10]) || !is_digit(line[11]))
    return false;
  if (line.size() > 12 && line[12] != ' ') return false;
  old_ = line[7] == '0';
  lasting_ = !old_;
  response_.status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  return true;
}

bool Reply::read_field(std::string_view line) {
  auto const colon = line.find(':');
  auto const name = line.substr(0, std::min(colon, line.size()));
  if (colon == std::string_view::npos || !is_token(name)) {
    fail("a line of its header section is no header");
    return false;
  }
  auto const value = trim_blanks(line.substr(colon + 1));
  if (has_control(value)) {
    fail("a header holds a control character");
    return false;
  }
  if (name.size() == 14 && base::iequals(name, "Content-Length") && !read_length(value)) {
    fail("its Content-Length is not one number");
    return false;
  }
  if (name.size() == 17 && base::iequals(name, "Transfer-Encoding")) {
    if (chunked_ || !base::iequals(value, "chunked")) {
      fail("its Transfer-Encoding is not just chunked");
      return false;
    }
    chunked_ = true;
  }
  if ((name.size() == 10 && base::iequals(name, "Connection")) ||
      (name.size() == 16 && base::iequals(name, "Proxy-Connection")))
    read_connection(value);
  response_.headers.add(name, value);
  return true;
}

// RFC 9110 section 8.6: the same number may stand there more than once.
bool Reply::read_length(std::string_view value) {
  while (true) {
    auto const comma = std::min(value.find(','), value.size());
    auto const number = base::parse_u64(trim_blanks(value.substr(0, comma)));
    if (!number || (has_length_ && *number != length_)) return false;
    length_ = *number;
    has_length_ = true;
    if (comma == value.size()) return true;
    value.remove_prefix(comma + 1);
  }
}

void Reply::read_connection(std::string_view value) {
  while (!value.empty()) {
    auto const comma = std::min(value.find(','), value.size());
    auto const word = trim_blanks(value.substr(0, comma));
    if (base::iequals(word, "close")) lasting_ = false;
    if (old_ && base::iequals(word, "keep-alive")) lasting_ = true;
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
}

// RFC 9112 section 6.3.
void Reply::frame() {
  state_ = State::body;
  if (to_head_ || response_.status == 204 || response_.status == 304) {
    state_ = State::whole;
  } else if (chunked_) {
    // Both, or chunks from before there were chunks, hint at somebody between who reads it otherwise.
    if (has_length_ || old_) lasting_ = false;
    framing_ = Framing::chunk_size;
  } else if (has_length_) {
    framing_ = Framing::length;
    left_ = length_;
    if (left_ > max_body_) state_ = State::too_large;
    if (left_ == 0) state_ = State::whole;
    if (state_ == State::body) response_.body.reserve(std::min(left_, most_reserved));
  } else {
    framing_ = Framing::until_end;
    lasting_ = false;
  }
}

// The body

void Reply::append(std::string_view bytes) {
  if (bytes.size() > max_body_ - response_.body.size())
    state_ = State::too_large;
  else
    response_.body.append(bytes);
}

void Reply::take_body(std::string_view& bytes) {
  switch (framing_) {
    case Framing::until_end:
      append(bytes);
      bytes = {};
      return;
    case Framing::length:
    case Framing::chunk: {
      auto const part = bytes.substr(0, std::min<std::uint64_t>(left_, bytes.size()));
      bytes.remove_prefix(part.size());
      left_ -= part.size();
      append(part);
      if (left_ != 0 || over()) return;
      if (framing_ == Framing::length)
        state_ = State::whole;
      else
        framing_ = Framing::chunk_end;
      return;
    }
    default:
      take_line(bytes);
  }
}

// The lines between the chunks and after them (RFC 9112 section 7.1).
void Reply::take_line(std::string_view& bytes) {
  auto const end = bytes.find('\n');
  auto const part = bytes.substr(0, end == std::string_view::npos ? bytes.size() : end + 1);
  bytes.remove_prefix(part.size());
  if (!spend(part.size())) return;
  pending_.append(part);
  if (end == std::string_view::npos) return;
  std::string_view text = pending_;
  auto const line = next_line(text);
  if (framing_ == Framing::chunk_size) {
    read_chunk_size(line);
  } else if (framing_ == Framing::trailers) {
    if (line.empty()) state_ = State::whole;
  } else if (line.empty()) {
    framing_ = Framing::chunk_size;
  } else {
    fail("a chunk is longer than it says");
  }
  pending_.clear();
}

void Reply::read_chunk_size(std::string_view line) {
  std::size_t digits = 0;
  left_ = 0;
  for (; digits < line.size() && digits < 16 && hex_digit(line[digits]) >= 0; ++digits)
    left_ = left_ * 16 + static_cast<std::uint64_t>(hex_digit(line[digits]));
  auto const rest = trim_blanks(line.substr(digits));
  if (digits == 0 || (!rest.empty() && rest.front() != ';') || has_control(rest)) {
    fail("the size of a chunk is not one number");
    return;
  }
  if (left_ > max_body_ - response_.body.size())
    state_ = State::too_large;
  else
    framing_ = left_ == 0 ? Framing::trailers : Framing::chunk;
}

}  // namespace http
