#include "producer/load/marked.hpp"

#include <algorithm>

#include "base/encoding.hpp"

namespace producer {

namespace {

constexpr std::size_t near = 60;  // bytes to show on each side

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// Columns, not bytes: the bytes that continue a character in UTF-8 take none.
std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !continues(c); }));
}

std::string shown(std::string_view text) {
  std::string safe(text);
  bool const utf8 = base::is_utf8(text);
  for (char& c : safe) {
    auto const byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F || (!utf8 && byte >= 0x80)) c = '?';
  }
  return safe;
}

}  // namespace

std::string marked(std::string_view text, Complaint const& complaint) {
  auto const at = std::min(complaint.at, text.size());
  auto const before = at == 0 ? text.npos : text.rfind('\n', at - 1);
  std::size_t begin = before == text.npos ? 0 : before + 1;
  std::size_t end = std::min(text.find('\n', at), text.size());
  auto const line_begin = begin;
  auto const line_end = end;
  begin = std::max(begin, at - std::min(at, near));
  end = std::min(end, at + near);
  while (begin > line_begin && continues(text[begin])) --begin;
  while (end < line_end && continues(text[end])) ++end;
  auto const head = shown(text.substr(begin, at - begin));
  auto const tail = shown(text.substr(at, end - at));
  std::string const cut = begin > line_begin ? "…" : "";
  return complaint.message + "\n  " + cut + head + tail + (end < line_end ? "…" : "") + "\n  " +
         std::string(columns(cut) + columns(head), ' ') + "^";
}

}  // namespace producer
