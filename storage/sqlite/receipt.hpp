#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace storage::sqlite {

// What a message's receipt says: where its lease stands, and which delivery it was.
struct Receipt {
  std::int64_t visible_at = 0;  // microseconds since 1970: when the lease ends
  std::int64_t seq = 0;
  std::int64_t token = 0;  // > 0

  std::string text() const;
  // Nothing for a text that is no receipt of ours.
  static std::optional<Receipt> parse(std::string_view text);
};

}  // namespace storage::sqlite
