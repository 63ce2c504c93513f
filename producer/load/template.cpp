#include "producer/load/template.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "app/body.hpp"
#include "base/encoding.hpp"
#include "base/time.hpp"
#include "producer/load/template_reader.hpp"
#include "producer/load/text_file.hpp"

namespace producer {

using base::Errc;
using base::Error;
using base::Result;

namespace {

constexpr std::array<std::string_view, 64> words{
    "amber",  "anchor",  "apple",  "arrow",  "autumn", "basket", "beacon", "birch",   "blue",   "bridge",
    "bright", "candle",  "canvas", "cedar",  "cloud",  "coral",  "copper", "cotton",  "dawn",   "delta",
    "ember",  "falcon",  "fern",   "field",  "flint",  "forest", "frost",  "garden",  "glass",  "golden",
    "grain",  "harbor",  "hazel",  "hollow", "island", "ivory",  "jade",   "lantern", "lemon",  "maple",
    "marble", "meadow",  "mint",   "mirror", "north",  "oak",    "ocean",  "olive",   "paper",  "pebble",
    "pine",   "quartz",  "rain",   "river",  "sand",   "silver", "slate",  "snow",    "spring", "stone",
    "summer", "thunder", "valley", "willow"};
constexpr std::size_t longest_word = 7;

void append_number(std::string& out, std::int64_t units, std::size_t decimals) {
  bool const negative = units < 0;
  auto digits =
      std::to_string(negative ? 0 - static_cast<std::uint64_t>(units) : static_cast<std::uint64_t>(units));
  if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
  if (decimals > 0) digits.insert(digits.size() - decimals, ".");
  if (negative) out += '-';
  out += digits;
}

std::string iso_micros(base::System now) {
  auto text = base::stamp(now) + 'Z';
  text[10] = 'T';
  return text;
}

template <class Unit>
std::string since_epoch(base::System now) {
  return std::to_string(std::chrono::floor<Unit>(now).time_since_epoch().count());
}

void append_characters(std::string& out, std::size_t count, std::size_t of, base::Random& random) {
  static constexpr char characters[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  for (std::size_t i = 0; i < count; ++i) out += characters[random.below(of)];
}

}  // namespace

Result<Template> Template::load(std::string const& text_or_file) {
  bool const named = text_or_file.starts_with('@');
  if (!named && text_or_file.find("{{") != std::string::npos) return parse(text_or_file);
  auto const path = named ? text_or_file.substr(1) : text_or_file;
  auto text = read_text_file(path);
  if (!text)
    return Error(
        Errc::invalid,
        text.error().message + (named ? "" : "; a text that is no file has a placeholder in it, as {{seq}}"));
  std::string_view whole = *text;
  if (whole.ends_with('\n')) whole.remove_suffix(1);
  if (whole.ends_with('\r')) whole.remove_suffix(1);
  return parse(whole);
}

Result<Template> Template::parse(std::string_view text) {
  if (!base::is_utf8(text)) return Error(Errc::invalid, "is not a template: it is not UTF-8");
  if (text.empty()) return Error(Errc::invalid, "is not a template: it is empty");
  try {
    Template made;
    Reader(text).read(made.pieces_);
    return made;
  } catch (Complaint const& complaint) {
    return Error(Errc::invalid, "is not a template: " + marked(text, complaint));
  }
}

void Template::append(std::string& out, Piece const& piece, Subject const& subject, base::Random& random) {
  switch (piece.kind) {
    case Kind::literal:
      out += piece.text;
      break;
    case Kind::seq:
      out += std::to_string(subject.seq);
      break;
    case Kind::run:
      out += subject.run;
      break;
    case Kind::group:
      out += subject.group;
      break;
    case Kind::uuid:
      out += base::uuid(random);
      break;
    case Kind::now:
      out += iso_micros(subject.now);
      break;
    case Kind::unix_time:
      out += since_epoch<std::chrono::seconds>(subject.now);
      break;
    case Kind::unix_ms:
      out += since_epoch<std::chrono::milliseconds>(subject.now);
      break;
    case Kind::stamp:
      out += base::stamp(subject.now);
      break;
    case Kind::whole:
    case Kind::decimal: {
      auto const drawn = piece.span == 0 ? random.next() : random.below(piece.span);
      append_number(out, static_cast<std::int64_t>(static_cast<std::uint64_t>(piece.least) + drawn),
                    piece.count);
      break;
    }
    case Kind::hex:
      append_characters(out, piece.count, 16, random);
      break;
    case Kind::text:
      append_characters(out, piece.count, 62, random);
      break;
    case Kind::words:
      for (std::size_t i = 0; i < piece.count; ++i) {
        if (i > 0) out += ' ';
        out += words[random.below(words.size())];
      }
      break;
    case Kind::choose:
      out += piece.choices[random.below(piece.choices.size())];
      break;
  }
}

std::string Template::render(Subject const& subject, base::Random& random) const {
  std::string out;
  for (auto const& piece : pieces_) append(out, piece, subject, random);
  return out;
}

bool Template::names_groups() const {
  return std::any_of(pieces_.begin(), pieces_.end(),
                     [](Piece const& piece) { return piece.kind == Kind::group; });
}

std::size_t Template::longest(std::size_t run, std::size_t group) const {
  std::size_t all = 0;
  for (auto const& piece : pieces_) {
    std::size_t choice = 0;
    for (auto const& each : piece.choices) choice = std::max(choice, app::json_length(each));
    switch (piece.kind) {
      case Kind::literal:
        all += app::json_length(piece.text);
        break;
      case Kind::run:
        all += run;
        break;
      case Kind::group:
        all += group;
        break;
      case Kind::hex:
      case Kind::text:
        all += piece.count;
        break;
      case Kind::words:
        all += piece.count * (longest_word + 1);
        break;
      case Kind::choose:
        all += choice;
        break;
      default:
        all += 36;  // a UUID; no moment or number is longer
    }
  }
  return all;
}

}  // namespace producer
