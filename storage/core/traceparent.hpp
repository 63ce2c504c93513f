#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace storage {

// A W3C trace context that stands in place, since each message sent may carry one. Version 00 has 55 bytes;
// a text of more than `most`, which no version has yet, is taken for none.
class Traceparent {
 public:
  static constexpr std::size_t most = 119;

  Traceparent() = default;
  template <std::convertible_to<std::string_view> Text>
  Traceparent(Text const& given) {  // NOLINT(google-explicit-constructor): it is a text
    std::string_view const text = given;
    if (text.size() > most) return;
    text.copy(text_.data(), text.size());
    size_ = static_cast<std::uint8_t>(text.size());
  }
  operator std::string_view() const { return {text_.data(), size_}; }  // NOLINT(google-explicit-constructor)
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  std::array<char, most> text_;  // the first size_ of it
  std::uint8_t size_ = 0;
};

}  // namespace storage
