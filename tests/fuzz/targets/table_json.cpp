// The Table service's rows, alone and in pages, and how a scan goes on.
#include "fuzz/lines.hpp"
#include "fuzz/must.hpp"
#include "fuzz/targets.hpp"
#include "storage/azure/table_wire.hpp"

using namespace storage::azure;

namespace {

void comes_back(storage::Entity const& row) {
  auto const json = encode_entity(row);
  if (!json) {
    fuzz::must(json.error().code == base::Errc::invalid || json.error().code == base::Errc::too_large,
               "a row that can't be held is poison, not to be tried again");
    fuzz::must(!json.error().message.empty(), "an error says something");
    return;
  }
  auto const again = decode_entity(*json);
  fuzz::must(again.has_value(), "a row that was written can be read");
  fuzz::must(again->key == row.key, "a key comes back as it was");
  fuzz::must(again->values == row.values, "values come back as they were");
  fuzz::must(fuzz::is_target(entity_target("/t", row.key)), "a key fits into a request");
}

// Lines: partition, row, then pairs of a name and a value; "#5" is a number, "*700 x" 700 times "x".
storage::Entity row_from(fuzz::Lines lines) {
  storage::Entity row;
  row.key.partition = lines.line();
  row.key.row = lines.line();
  while (lines.more()) {
    std::string const name(lines.line());
    auto value = lines.line();
    if (value.starts_with('#')) {
      row.values[name] = static_cast<std::int64_t>(base::parse_u64(value.substr(1)).value_or(0));
    } else if (value.starts_with('*')) {
      auto const space = std::min(value.find(' '), value.size());
      auto const times = base::parse_u64(value.substr(1, space - 1)).value_or(0) % 70'000;
      std::string text;
      value.remove_prefix(std::min(space + 1, value.size()));
      for (std::uint64_t i = 0; i < times && text.size() < 200'000; ++i) text += value;
      row.values[name] = std::move(text);
    } else {
      row.values[name] = std::string(value);
    }
  }
  return row;
}

}  // namespace

void fuzz::table_json(std::string_view input) {
  if (auto const row = decode_entity(input)) comes_back(*row);
  if (auto const rows = decode_entities(input))
    for (auto const& row : *rows) comes_back(row);
  comes_back(row_from(Lines(input)));

  if (auto const at = decode_continuation(input)) {
    auto const again = decode_continuation(encode_continuation(*at));
    must(again && again->partition == at->partition && again->row == at->row,
         "a continuation comes back as it was");
  }
  Lines lines(input);
  storage::Range range;
  range.from = lines.line();
  std::string const name(lines.line());
  if (!name.empty()) range.where = {name, std::string(lines.rest())};
  auto const target = scan_target("/t", range);
  if (target)
    must(is_target(*target), "a scan fits into a request");
  else
    must(!target.error().message.empty(), "an error says something");
}
