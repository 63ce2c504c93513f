#include "producer/load/template_reader.hpp"

#include <algorithm>
#include <charconv>

#include "app/parse.hpp"

namespace producer {

namespace {

constexpr std::string_view open = "{{";
constexpr std::string_view close = "}}";
constexpr std::uint64_t longest_random = 1'000'000;

}  // namespace

bool Template::Reader::take(std::string_view word) {
  if (!text_.substr(at_).starts_with(word)) return false;
  at_ += word.size();
  return true;
}

void Template::Reader::literal(std::vector<Piece>& pieces, std::string_view text) {
  if (text.empty()) return;
  if (pieces.empty() || pieces.back().kind != Kind::literal) pieces.emplace_back();
  pieces.back().text += text;
}

void Template::Reader::read(std::vector<Piece>& pieces) {
  while (at_ < text_.size()) {
    auto const next = std::min(text_.find(open, at_), text_.size());
    literal(pieces, text_.substr(at_, next - at_));
    at_ = next;
    if (take("{{{{"))
      literal(pieces, open);
    else if (take(open)) {
      pieces.push_back(placeholder());
      if (!take(close)) fail("'}}' was expected here, after the placeholder");
    }
  }
}

Template::Piece Template::Reader::placeholder() {
  Piece piece;
  // The whole word, so that "sequence" is no "seq".
  auto const word = text_.substr(at_, text_.find_first_not_of("abcdefghijklmnopqrstuvwxyz", at_) - at_);
  if (word == "seq")
    piece.kind = Kind::seq;
  else if (word == "run")
    piece.kind = Kind::run;
  else if (word == "group")
    piece.kind = Kind::group;
  else if (word == "uuid")
    piece.kind = Kind::uuid;
  else if (take("now"))
    return moment();
  else if (take("random:"))
    return random();
  else
    fail(
        "a placeholder was expected here: seq, run, group, uuid, now, or random: with int:, decimal:, hex:, "
        "text:, word, words: "
        "or choose: behind it");
  at_ += word.size();
  return piece;
}

Template::Piece Template::Reader::moment() {
  Piece piece;
  piece.kind = Kind::now;
  if (!take(":")) return piece;
  if (take("unix"))
    piece.kind = Kind::unix_time;
  else if (take("ms"))
    piece.kind = Kind::unix_ms;
  else if (take("stamp"))
    piece.kind = Kind::stamp;
  else if (!take("iso"))
    fail("unix, ms, stamp or iso was expected here");
  return piece;
}

Template::Piece Template::Reader::random() {
  if (take("int:")) return number(Kind::whole);
  if (take("decimal:")) return number(Kind::decimal);
  if (take("hex:")) return counted(Kind::hex, "a number of digits, 1 to 1,000,000, was expected here");
  if (take("text:")) return counted(Kind::text, "a number of characters, 1 to 1,000,000, was expected here");
  if (take("words:")) return counted(Kind::words, "a number of words, 1 to 1,000,000, was expected here");
  if (take("choose:")) return choice();
  if (!take("word")) fail("int:, decimal:, hex:, text:, word, words: or choose: was expected here");
  Piece piece;
  piece.kind = Kind::words;
  piece.count = 1;
  return piece;
}

// A number in units of its last digit.
std::int64_t Template::Reader::bound(std::size_t& decimals, bool fraction) {
  auto const begin = at_;
  take("-");
  at_ = std::min(text_.find_first_not_of("0123456789", at_), text_.size());
  std::string digits(text_.substr(begin, at_ - begin));
  decimals = 0;
  if (fraction && at_ + 1 < text_.size() && text_[at_] == '.' && text_[at_ + 1] != '.') {
    auto const end = std::min(text_.find_first_not_of("0123456789", at_ + 1), text_.size());
    digits += text_.substr(at_ + 1, end - at_ - 1);
    decimals = end - at_ - 1;
    at_ = end;
  }
  std::int64_t value = 0;
  auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size() || digits.size() > 18) {
    at_ = begin;
    fail("a number of at most 17 digits was expected here");
  }
  return value;
}

Template::Piece Template::Reader::number(Kind kind) {
  Piece piece;
  piece.kind = kind;
  std::size_t less_digits = 0, more_digits = 0;
  piece.least = bound(less_digits, kind == Kind::decimal);
  if (!take("..")) fail("'..' was expected here, between the least and the most");
  auto const at = at_;
  auto most = bound(more_digits, kind == Kind::decimal);
  piece.count = std::max(less_digits, more_digits);
  auto const widen = [&](std::int64_t& value, std::size_t digits) {
    for (; digits < piece.count; ++digits)
      if (__builtin_mul_overflow(value, 10, &value)) fail("the numbers have too many digits");
  };
  widen(piece.least, less_digits);
  widen(most, more_digits);
  if (most < piece.least) {
    at_ = at;
    fail("the most is less than the least");
  }
  piece.span = static_cast<std::uint64_t>(most) - static_cast<std::uint64_t>(piece.least) + 1;
  return piece;
}

Template::Piece Template::Reader::counted(Kind kind, char const* meaning) {
  Piece piece;
  piece.kind = kind;
  auto const end = std::min(text_.find_first_not_of("0123456789", at_), text_.size());
  auto const count = app::parse_whole(text_.substr(at_, end - at_), 1, longest_random);
  if (!count) fail(meaning);
  piece.count = *count;
  at_ = end;
  return piece;
}

Template::Piece Template::Reader::choice() {
  Piece piece;
  piece.kind = Kind::choose;
  auto const end = text_.find(close, at_);
  if (end == text_.npos) fail("'}}' is missing behind the choices");
  for (;;) {
    auto const next = std::min(text_.find('|', at_), end);
    piece.choices.emplace_back(text_.substr(at_, next - at_));
    at_ = next;
    if (next == end) return piece;
    ++at_;
  }
}

}  // namespace producer
