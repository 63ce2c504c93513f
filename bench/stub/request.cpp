#include "stub/request.hpp"

#include <charconv>
#include <cstring>

namespace stub {

namespace {

constexpr std::size_t largest_head = std::size_t{64} << 10;

bool same(std::string_view name, std::string_view lower) {
  if (name.size() != lower.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    auto const c = static_cast<unsigned char>(name[i]);
    auto const folded = c >= 'A' && c <= 'Z' ? c + 32 : c;
    if (folded != static_cast<unsigned char>(lower[i])) return false;
  }
  return true;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

struct Fields {
  std::size_t length = 0;
  bool chunked = false;
  bool expects = false;
};

void take_field(std::string_view line, Request& request, Fields& fields) {
  auto const colon = line.find(':');
  if (colon == std::string_view::npos) return;
  auto const name = line.substr(0, colon);
  // By length first: most fields are none of ours.
  switch (name.size()) {
    case 4:
      if (same(name, "host")) request.host = trimmed(line.substr(colon + 1));
      break;
    case 6:
      if (same(name, "expect")) fields.expects = true;
      if (same(name, "prefer")) request.prefer = trimmed(line.substr(colon + 1));
      break;
    case 10:
      if (same(name, "connection")) request.close = same(trimmed(line.substr(colon + 1)), "close");
      break;
    case 12:
      if (same(name, "x-amz-target")) request.target_header = trimmed(line.substr(colon + 1));
      break;
    case 14:
      if (same(name, "content-length")) fields.length = number(trimmed(line.substr(colon + 1)), 0);
      break;
    case 17:
      if (same(name, "transfer-encoding")) fields.chunked = true;
      break;
    default:
      break;
  }
}

}  // namespace

Parsed parse(std::string_view buffer) {
  Parsed parsed;
  auto const end = buffer.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    if (buffer.size() > largest_head) parsed.progress = Progress::malformed;
    return parsed;
  }
  auto head = buffer.substr(0, end);
  auto const first = head.substr(0, head.find("\r\n"));
  auto const space = first.find(' ');
  auto const last = first.rfind(' ');
  if (space == std::string_view::npos || last <= space || !first.substr(last + 1).starts_with("HTTP/1.")) {
    parsed.progress = Progress::malformed;
    return parsed;
  }
  auto& request = parsed.request;
  request.method = first.substr(0, space);
  auto const target = first.substr(space + 1, last - space - 1);
  auto const mark = target.find('?');
  request.path = target.substr(0, mark);
  if (mark != std::string_view::npos) request.query = target.substr(mark + 1);
  request.http10 = first.ends_with('0');
  Fields fields;
  head.remove_prefix(std::min(head.size(), first.size() + 2));
  while (!head.empty()) {
    auto const stop = head.find("\r\n");
    take_field(head.substr(0, stop), request, fields);
    head.remove_prefix(stop == std::string_view::npos ? head.size() : stop + 2);
  }
  if (fields.chunked) {
    parsed.progress = Progress::length_required;
    return parsed;
  }
  auto const body = end + 4;
  if (buffer.size() - body < fields.length) {
    parsed.progress = fields.expects ? Progress::wants_continue : Progress::incomplete;
    return parsed;
  }
  request.body = buffer.substr(body, fields.length);
  parsed.size = body + fields.length;
  parsed.progress = Progress::complete;
  return parsed;
}

std::string_view parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    auto const end = query.find('&');
    auto const part = query.substr(0, end);
    if (part.size() > name.size() && part[name.size()] == '=' && part.starts_with(name))
      return part.substr(name.size() + 1);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
  }
  return {};
}

std::size_t number(std::string_view text, std::size_t otherwise) {
  std::size_t value = 0;
  auto const [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
  return wrong == std::errc() && end == text.data() + text.size() && !text.empty() ? value : otherwise;
}

}  // namespace stub
