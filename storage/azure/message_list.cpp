#include "storage/azure/message_list.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <utility>

#include "base/encoding.hpp"

namespace storage::azure {

namespace {

bool take(std::string_view& text, std::string_view what) {
  if (!text.starts_with(what)) return false;
  text.remove_prefix(what.size());
  return true;
}

// <Name>text</Name>, where the text holds no element.
bool take_element(std::string_view& xml, std::string_view& name, std::string_view& text) {
  if (!take(xml, "<")) return false;
  auto const named = xml.find_first_of("> \t\r\n/<");
  if (named == 0 || named == std::string_view::npos || xml[named] != '>') return false;
  name = xml.substr(0, named);
  xml.remove_prefix(named + 1);
  auto const end = xml.find('<');
  if (end == std::string_view::npos) return false;
  text = xml.substr(0, end);
  xml.remove_prefix(end);
  return take(xml, "</") && take(xml, name) && take(xml, ">");
}

bool read_message(std::string_view& xml, ListedMessage& message) {
  using Place = std::pair<std::string_view, std::string_view ListedMessage::*>;
  static constexpr std::array<Place, 7> places{{{"MessageId", &ListedMessage::id},
                                                {"InsertionTime", &ListedMessage::inserted},
                                                {"ExpirationTime", &ListedMessage::expires},
                                                {"PopReceipt", &ListedMessage::receipt},
                                                {"TimeNextVisible", nullptr},
                                                {"DequeueCount", &ListedMessage::count},
                                                {"MessageText", &ListedMessage::text}}};
  if (!take(xml, "<QueueMessage>")) return false;
  std::size_t expected = 0;  // the services keep their order
  while (!take(xml, "</QueueMessage>")) {
    std::string_view name, text;
    if (!take_element(xml, name, text)) return false;
    while (expected < places.size() && places[expected].first != name) ++expected;
    if (expected == places.size()) return false;
    auto const place = places[expected++].second;
    if (place == nullptr) continue;
    bool const whole = place == &ListedMessage::text;
    if (!whole && (text.empty() || text.find('&') != std::string_view::npos)) return false;
    if (place == &ListedMessage::count && !base::parse_u64(text)) return false;
    message.*place = text;
  }
  return !message.id.empty() && !message.receipt.empty();
}

}  // namespace

bool read_message_list(std::string_view xml, std::vector<ListedMessage>& messages) {
  if (xml.find('\0') != std::string_view::npos) return false;
  take(xml, "\xEF\xBB\xBF");
  if (xml.starts_with("<?xml ")) {
    auto const end = xml.find("?>");
    if (end == std::string_view::npos) return false;
    xml.remove_prefix(end + 2);
  }
  if (!take(xml, "<QueueMessagesList>")) return false;
  while (!take(xml, "</QueueMessagesList>"))
    if (!read_message(xml, messages.emplace_back())) return false;
  return xml.empty();
}

bool unescape(std::string_view escaped, std::string& text) {
  static constexpr std::array<std::pair<std::string_view, char>, 6> escapes{
      {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}, {"&#xD;", '\r'}}};
  text.clear();
  text.reserve(escaped.size());
  while (true) {
    auto const run = std::min(escaped.find('&'), escaped.size());
    text.append(escaped, 0, run);
    escaped.remove_prefix(run);
    if (escaped.empty()) return true;
    bool known = false;
    for (auto const& [form, stands_for] : escapes) {
      if (!take(escaped, form)) continue;
      text += stands_for;
      known = true;
      break;
    }
    if (!known) return false;
  }
}

char const* xml_run(char const* at, char const* end) {
  static_assert(std::endian::native == std::endian::little, "the lowest byte of a word is the first one");
  constexpr std::uint64_t ones = 0x0101010101010101U;
  // By eights, since text is mostly free of them; < and > differ in one bit.
  for (; end - at >= 8; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    auto const ampersands = word ^ (ones * '&');
    auto const returns = word ^ (ones * '\r');
    auto const angles = (word & ~(ones * 0x02U)) ^ (ones * '<');
    // A byte's top bit: it is one of them, or it borrowed from such a one before it.
    auto const found =
        ((ampersands - ones) & ~ampersands) | ((returns - ones) & ~returns) | ((angles - ones) & ~angles);
    if (auto const marks = found & (ones * 0x80U)) return at + std::countr_zero(marks) / 8;
  }
  while (at != end && *at != '&' && *at != '<' && *at != '>' && *at != '\r') ++at;
  return at;
}

}  // namespace storage::azure
