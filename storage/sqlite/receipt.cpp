#include "storage/sqlite/receipt.hpp"

#include <limits>

#include "base/encoding.hpp"

namespace storage::sqlite {

std::string Receipt::text() const { return std::to_string(seq) + '-' + std::to_string(token); }

std::optional<Receipt> Receipt::parse(std::string_view text) {
  constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  auto const dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  auto const seq = base::parse_u64(text.substr(0, dash));
  auto const token = base::parse_u64(text.substr(dash + 1));
  if (!seq || !token || *seq > largest || *token > largest || *token == 0) return std::nullopt;
  Receipt receipt;
  receipt.seq = static_cast<std::int64_t>(*seq);
  receipt.token = static_cast<std::int64_t>(*token);
  return receipt;
}

}  // namespace storage::sqlite
