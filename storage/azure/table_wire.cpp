#include "storage/azure/table_wire.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "storage/azure/json_text.hpp"

namespace storage::azure {

using nlohmann::json;

namespace {

bool fits_key(std::string_view key) {
  for (std::size_t i = 0; i < key.size(); ++i) {
    auto const byte = static_cast<unsigned char>(key[i]);
    if (byte < 0x20 || byte == 0x7F || key[i] == '/' || key[i] == '\\' || key[i] == '#' || key[i] == '?')
      return false;
    // U+0080 to U+009F are control characters too.
    if (byte == 0xC2 && i + 1 < key.size() && static_cast<unsigned char>(key[i + 1]) < 0xA0) return false;
  }
  return base::is_utf8(key) && base::utf16_length(key) <= max_key;
}

constexpr std::size_t longest_name = 255;  // UTF-16 units

bool is_property_name(std::string_view name) {
  auto const word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
  };
  if (name.empty() || !word(name.front())) return false;
  if (!std::all_of(name.begin(), name.end(), [&](char c) { return word(c) || (c >= '0' && c <= '9'); }))
    return false;
  if (base::ascii_run(name) == name.size()) return name.size() <= longest_name;
  return base::is_utf8(name) && base::utf16_length(name) <= longest_name;
}

bool is_reserved(std::string_view name) {
  return name == "PartitionKey" || name == "RowKey" || name == "Timestamp";
}

std::string piece_name(std::string_view name, std::size_t number) {
  return number == 1 ? std::string(name) : std::string(name) + '_' + std::to_string(number);
}

bool is_full(std::string_view text) {
  // Bytes are never fewer than units, and counting is not free.
  if (text.size() < text_piece - 1) return false;
  auto const units = base::utf16_length(text);
  return units == text_piece || units == text_piece - 1;
}

// Names and texts that the service takes, whatever their length.
Result<> check(Values const& values) {
  for (auto const& [name, value] : values) {
    if (!is_property_name(name) || is_reserved(name))
      return Error(Errc::invalid, "\"" + name + "\" can't name a property of Azure Table storage");
    auto const* text = std::get_if<std::string>(&value);
    if (text && !base::is_utf8(*text))
      return Error(Errc::invalid, "the text under \"" + name + "\" is not UTF-8");
  }
  return {};
}

// Bytes are never fewer than units.
bool may_need_pieces(Value const& value) {
  auto const* text = std::get_if<std::string>(&value);
  return text && text->size() >= text_piece - 1;
}

// The row's values with long texts in pieces.
Result<Values> in_pieces(Values const& values) {
  Values properties;
  auto const add = [&](std::string name, Value value) {
    return properties.emplace(std::move(name), std::move(value)).second;
  };
  for (auto const& [name, value] : values) {
    bool unique = true;
    if (auto const* text = std::get_if<std::string>(&value)) {
      auto const pieces = split_text(*text);
      for (std::size_t i = 0; i < pieces.size(); ++i)
        unique = add(piece_name(name, i + 1), pieces[i]) && unique;
    } else {
      unique = add(name, value);
    }
    if (!unique)
      return Error(Errc::invalid, "the long text under \"" + name +
                                      "\" needs names that the row uses for other values: rename those");
  }
  return properties;
}

// https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
std::size_t size_of(Key const& key, Values const& properties) {
  std::size_t bytes = 4 + 2 * (base::utf16_length(key.partition) + base::utf16_length(key.row));
  for (auto const& [name, value] : properties) {
    auto const* text = std::get_if<std::string>(&value);
    bytes += 8 + 2 * base::utf16_length(name) + (text ? 4 + 2 * base::utf16_length(*text) : 8);
  }
  return bytes;
}

Value to_value(json const& item, std::string_view type) {
  if (item.is_string()) {
    auto const& text = item.get_ref<std::string const&>();
    if (type != "Edm.Int64") return text;
    std::int64_t number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return text;
    return number;
  }
  bool const fits = item.is_number_integer() &&
                    (!item.is_number_unsigned() || item.get<std::uint64_t>() <= std::uint64_t{INT64_MAX});
  if (fits && type != "Edm.Double") return item.get<std::int64_t>();
  return item.dump(-1, ' ', false, json::error_handler_t::replace);
}

void join_pieces(Values& properties) {
  for (auto it = properties.begin(); it != properties.end(); ++it) {
    auto* whole = std::get_if<std::string>(&it->second);
    if (!whole || !is_full(*whole)) continue;
    bool full = true;
    for (std::size_t number = 2; full; ++number) {
      auto const next = properties.find(piece_name(it->first, number));
      auto const* piece = next == properties.end() ? nullptr : std::get_if<std::string>(&next->second);
      if (!piece) break;
      full = is_full(*piece);
      *whole += *piece;
      properties.erase(next);
    }
  }
}

std::optional<Entity> to_entity(json const& object) {
  if (!object.is_object()) return std::nullopt;
  auto const text = [&object](char const* name) -> std::string const* {
    auto const found = object.find(name);
    return found != object.end() && found->is_string() ? &found->get_ref<std::string const&>() : nullptr;
  };
  auto const* partition = text("PartitionKey");
  auto const* row = text("RowKey");
  if (!partition || !row) return std::nullopt;
  Entity entity;
  entity.key.partition = *partition;
  entity.key.row = *row;
  for (auto const& [name, item] : object.items()) {
    if (is_reserved(name) || name.starts_with("odata.") || name.find('@') != std::string::npos ||
        item.is_null())
      continue;
    if (item.is_structured()) return std::nullopt;  // the service has flat rows only
    auto const* type = text((name + "@odata.type").c_str());
    entity.values.emplace(name, to_value(item, type ? std::string_view(*type) : std::string_view()));
  }
  join_pieces(entity.values);
  return entity;
}

std::string doubled_quotes(std::string_view text) {
  std::string doubled;
  doubled.reserve(text.size());
  for (char const c : text) {
    if (c == '\'') doubled += c;
    doubled += c;
  }
  return doubled;
}

// Rows whose text is split can't be found by the service: the caller compares every row anyway.
std::string filter(std::string const& name, std::string const& text) {
  std::string clause = name + " eq '" + doubled_quotes(text) + "'";
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  if (std::to_string(number) == text) clause += " or " + name + " eq " + text + 'L';
  return clause;
}

}  // namespace

std::vector<std::string> split_text(std::string_view text) {
  std::vector<std::string> pieces;
  if (text.size() < text_piece - 1 || base::utf16_length(text) < text_piece - 1) {
    pieces.emplace_back(text);
    return pieces;
  }
  std::size_t begin = 0;
  std::size_t units = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto const byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0U) == 0x80U) continue;
    std::size_t const width = byte >= 0xF0 ? 2 : 1;
    if (units + width > text_piece) {
      pieces.emplace_back(text.substr(begin, i - begin));
      begin = i;
      units = 0;
    }
    units += width;
  }
  pieces.emplace_back(text.substr(begin));
  // A full last piece would ask for one more.
  if (is_full(pieces.back())) pieces.emplace_back();
  return pieces;
}

Result<std::string> encode_entity(Entity const& row) {
  if (!fits_key(row.key.partition) || !fits_key(row.key.row))
    return Error(Errc::invalid,
                 "a key of the row is not one that Azure Table storage takes: at most 1,024 characters of "
                 "UTF-8, without / \\ # ? and control characters");
  if (auto const good = check(row.values); !good) return good.error();
  // Few rows hold a text that long: the others are written as they stand.
  std::optional<Values> pieces;
  if (std::any_of(row.values.begin(), row.values.end(),
                  [](auto const& named) { return may_need_pieces(named.second); })) {
    auto split = in_pieces(row.values);
    if (!split) return split.error();
    pieces = std::move(*split);
  }
  auto const& properties = pieces ? *pieces : row.values;
  auto const bytes = size_of(row.key, properties);
  if (properties.size() > max_properties || bytes > max_entity)
    return Error(Errc::too_large, "the row has " + std::to_string(bytes) + " bytes in " +
                                      std::to_string(properties.size()) +
                                      " properties; Azure Table storage takes 1 MiB (text as UTF-16) in 252");
  std::string text;
  text.reserve(bytes / 2 + properties.size() * 24 + 64);
  text += "{\"PartitionKey\":";
  append_json(text, row.key.partition);
  text += ",\"RowKey\":";
  append_json(text, row.key.row);
  for (auto const& [name, value] : properties) {
    text += ',';
    append_json(text, name);
    text += ':';
    if (auto const* string = std::get_if<std::string>(&value)) {
      append_json(text, *string);
      continue;
    }
    // A number of 64 bits travels as text, or JSON readers would round it.
    text.append("\"").append(std::to_string(std::get<std::int64_t>(value))).append("\",");
    append_json(text, name);
    text.back() = '@';  // goes on within the quotes
    text += "odata.type\":\"Edm.Int64\"";
  }
  text += '}';
  return text;
}

std::optional<Entity> decode_entity(std::string_view text) {
  return to_entity(json::parse(text.begin(), text.end(), nullptr, false));
}

std::optional<std::vector<Entity>> decode_entities(std::string_view text) {
  auto const document = json::parse(text.begin(), text.end(), nullptr, false);
  if (!document.is_object()) return std::nullopt;
  auto const list = document.find("value");
  if (list == document.end() || !list->is_array()) return std::nullopt;
  std::vector<Entity> rows;
  rows.reserve(list->size());
  for (auto const& item : *list) {
    auto row = to_entity(item);
    if (!row) return std::nullopt;
    rows.push_back(std::move(*row));
  }
  return rows;
}

std::string entity_target(std::string_view table, Key const& key) {
  std::string target(table);
  target += "(PartitionKey='";
  target += base::percent_encode(doubled_quotes(key.partition));
  target += "',RowKey='";
  target += base::percent_encode(doubled_quotes(key.row));
  return target += "')";
}

Result<std::string> scan_target(std::string_view table, Range const& range) {
  auto target = std::string(table) + "()?$top=" + std::to_string(std::clamp(range.at_most, 1, 1000));
  if (range.where) {
    auto const& [name, text] = *range.where;
    if (!is_property_name(name) || !base::is_utf8(text))
      return Error(Errc::invalid, "\"" + name + "\" can't be searched for in Azure Table storage");
    if (split_text(text).size() == 1) target += "&$filter=" + base::percent_encode(filter(name, text));
  }
  if (range.from.empty()) return target;
  auto const from = decode_continuation(range.from);
  if (!from) return Error(Errc::invalid, "the scan can't go on from where it is told to: begin it anew");
  target += "&NextPartitionKey=" + base::percent_encode(from->partition);
  if (!from->row.empty()) target += "&NextRowKey=" + base::percent_encode(from->row);
  return target;
}

std::string encode_continuation(Continuation const& continuation) {
  return base::percent_encode(continuation.partition) + '&' + base::percent_encode(continuation.row);
}

std::optional<Continuation> decode_continuation(std::string_view text) {
  auto const middle = text.find('&');
  if (middle == std::string_view::npos) return std::nullopt;
  auto partition = base::percent_decode(text.substr(0, middle));
  auto row = base::percent_decode(text.substr(middle + 1));
  if (!partition || partition->empty() || !row) return std::nullopt;
  Continuation continuation;
  continuation.partition = std::move(*partition);
  continuation.row = std::move(*row);
  return continuation;
}

}  // namespace storage::azure
