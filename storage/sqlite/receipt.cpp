#include "storage/sqlite/receipt.hpp"

#include <iterator>
#include <limits>

#include "base/encoding.hpp"

namespace storage::sqlite {

std::string Receipt::text() const {
  return std::to_string(visible_at) + '-' + std::to_string(seq) + '-' + std::to_string(token);
}

std::optional<Receipt> Receipt::parse(std::string_view text) {
  std::int64_t numbers[3] = {};
  for (auto& number : numbers) {
    bool const last = &number == std::end(numbers) - 1;
    auto const dash = text.find('-');
    if ((dash == std::string_view::npos) != last) return std::nullopt;
    auto const parsed = base::parse_u64(text.substr(0, dash));
    constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (!parsed || *parsed > largest) return std::nullopt;
    number = static_cast<std::int64_t>(*parsed);
    if (!last) text.remove_prefix(dash + 1);
  }
  if (numbers[2] == 0) return std::nullopt;
  Receipt receipt;
  receipt.visible_at = numbers[0];
  receipt.seq = numbers[1];
  receipt.token = numbers[2];
  return receipt;
}

}  // namespace storage::sqlite
