#include "storage/sqlite/row.hpp"

#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "base/json_text.hpp"

namespace storage::sqlite {

namespace {

// Letter for letter what nlohmann-json writes, since a scan looks for a value's text in rows of any age.
void append_text(std::string& out, std::string_view utf8) {
  base::append_json(out, utf8, base::JsonEscapes::all);
}

}  // namespace

std::optional<std::string> encode_values(Entity const& row) {
  std::size_t size = 2;
  for (auto const& [name, value] : row.values) {
    auto const* text = std::get_if<std::string>(&value);
    if (!base::is_utf8(name) || (text && !base::is_utf8(*text))) return std::nullopt;
    size += name.size() + (text ? text->size() : 16) + 6;
  }
  std::string json;
  json.reserve(size);
  json += '{';
  for (auto const& [name, value] : row.values) {
    if (json.size() > 1) json += ',';
    append_text(json, name);
    json += ':';
    if (auto const* text = std::get_if<std::string>(&value))
      append_text(json, *text);
    else
      json += std::to_string(std::get<std::int64_t>(value));
  }
  json += '}';
  return json;
}

std::string encode_text(std::string_view text) {
  std::string json;
  if (base::is_utf8(text)) append_text(json, text);
  return json;
}

bool decode_values(std::string_view json, Entity& row) {
  auto const object = nlohmann::json::parse(json, nullptr, false);
  if (!object.is_object()) return false;
  for (auto const& [name, value] : object.items()) {
    if (value.is_string())
      row.values.emplace(name, value.get<std::string>());
    else if (value.is_number_integer())
      row.values.emplace(name, value.get<std::int64_t>());
  }
  return true;
}

std::string encode_position(Key const& after) {
  return std::to_string(after.partition.size()) + ':' + after.partition + after.row;
}

std::optional<Key> decode_position(std::string_view text) {
  auto const colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto const size = base::parse_u64(text.substr(0, colon));
  text.remove_prefix(colon + 1);
  if (!size || *size > text.size()) return std::nullopt;
  Key key;
  key.partition = text.substr(0, *size);
  key.row = text.substr(*size);
  return key;
}

}  // namespace storage::sqlite
