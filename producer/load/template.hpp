#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"

namespace producer {

// What a template can say about the message that it becomes.
struct Subject {
  std::string_view run;
  std::uint64_t seq = 0;
  std::string_view group;  // empty where the run has none
  base::System now;
};

// A text with placeholders, filled in anew for each message:
//   {{seq}} {{run}} {{group}} {{uuid}}
//   {{now}} (ISO 8601, with microseconds) {{now:unix}} {{now:ms}} {{now:stamp}}
//   {{random:int:1..100}} {{random:decimal:0.00..9.99}} {{random:hex:16}} {{random:text:12}}
//   {{random:word}} {{random:words:3}} {{random:choose:red|green|blue}}
// "{{{{" stands for "{{".
class Template {
 public:
  // Of the text itself, or of the file that it names: as @FILE, or a text without a placeholder. One line end
  // at the end of a file is left out. invalid: the end of a sentence that points at the character.
  static base::Result<Template> load(std::string const& text_or_file);
  // invalid: as above.
  static base::Result<Template> parse(std::string_view text);

  std::string render(Subject const& subject, base::Random& random) const;
  bool names_groups() const;
  // No text is longer, counted as it stands in a JSON string, for a run and groups with names of these
  // lengths.
  std::size_t longest(std::size_t run, std::size_t group) const;

 private:
  enum class Kind {
    literal,
    seq,
    run,
    group,
    uuid,
    now,
    unix_time,
    unix_ms,
    stamp,
    whole,
    decimal,
    hex,
    text,
    words,
    choose
  };
  struct Piece {
    Kind kind = Kind::literal;
    std::string text;                  // literal
    std::int64_t least = 0;            // whole, decimal: in units of its last digit
    std::uint64_t span = 0;            // … how many values
    std::size_t count = 0;             // hex, text, words: how many; decimal: digits behind the point
    std::vector<std::string> choices;  // choose
  };
  class Reader;
  static void append(std::string& out, Piece const& piece, Subject const& subject, base::Random& random);

  std::vector<Piece> pieces_;
};

}  // namespace producer
