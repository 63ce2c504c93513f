#include "storage/aws/keys.hpp"

#include "base/encoding.hpp"

namespace storage::aws {

namespace {

constexpr std::size_t longest_hash = 2048;
constexpr std::size_t longest_range = 1024;

std::string escaped(std::string_view part) {
  std::string out;
  for (char const c : part) {
    if (c == '/')
      out += "%2F";
    else if (c == '%')
      out += "%25";
    else
      out += c;
  }
  return out;
}

std::string unescaped(std::string_view part) {
  return base::percent_decode(part).value_or(std::string(part));
}

}  // namespace

std::string joined_key(Key const& key) { return escaped(key.partition) + '/' + escaped(key.row); }

Result<ItemKey> item_key(Schema const& schema, Entity const& row) {
  if (row.key.partition.empty() || row.key.row.empty())
    return Error(Errc::invalid,
                 "a row needs a partition key and a row key, and DynamoDB takes no empty ones");
  ItemKey key;
  if (schema.joined()) {
    key.hash = joined_key(row.key);
    // A row without a stamp still needs a text there, and the same one each time.
    if (schema.sample()) key.range = row.text("srcStamp").value_or(std::string());
    if (schema.sample() && key.range.empty()) key.range = "-";
  } else {
    key.hash = row.key.partition;
    key.range = row.key.row;
  }
  if (key.hash.size() > longest_hash || key.range.size() > longest_range)
    return Error(Errc::invalid, "the row's key is too long: DynamoDB takes 2048 bytes of " + schema.hash +
                                    " and 1024 bytes of its sort key");
  return key;
}

Key row_key(Schema const& schema, ItemKey const& item) {
  Key key;
  if (!schema.joined()) {
    key.partition = item.hash;
    key.row = item.range;
    return key;
  }
  auto const slash = item.hash.find('/');
  if (slash == std::string::npos || item.hash.find('/', slash + 1) != std::string::npos) {
    key.partition = item.hash;
    return key;
  }
  key.partition = unescaped(std::string_view(item.hash).substr(0, slash));
  key.row = unescaped(std::string_view(item.hash).substr(slash + 1));
  return key;
}

}  // namespace storage::aws
