// The envelope of a dead letter, and a message that has been moved back.
#include "app/dead_letter.hpp"

#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "fuzz/lines.hpp"
#include "fuzz/must.hpp"
#include "fuzz/targets.hpp"

namespace {

bool same(app::DeadLetter const& a, app::DeadLetter const& b) {
  return a.reason == b.reason && a.receive_count == b.receive_count && a.first == b.first &&
         a.last == b.last && a.original_id == b.original_id && a.queue == b.queue && a.body == b.body;
}

void comes_back(app::DeadLetter const& letter) {
  auto const again = app::decode_dead_letter(app::encode(letter));
  fuzz::must(again && same(*again, letter), "a dead letter comes back as it was");
  auto const original = app::original_of(app::with_original(letter));
  fuzz::must(original.body == letter.body && original.id == letter.original_id,
             "a message moved back is what it was, under its first id");
}

}  // namespace

void fuzz::dead_letters(std::string_view input) {
  std::string const text(input);
  if (auto const letter = app::decode_dead_letter(input)) {
    must(!letter->original_id.empty(), "a dead letter knows its message");
    comes_back(*letter);
  }
  auto const original = app::original_of(text);
  must(!original.id.empty() || original.body == text, "a text that was never moved is its own original");

  Lines lines(input);
  app::DeadLetter letter;
  letter.original_id = lines.line();
  letter.receive_count = static_cast<std::int64_t>(lines.number(1'000'000));
  letter.reason = lines.line();
  letter.last = "2026-11-22 01:02:03.000004";
  letter.body = lines.rest();
  must(base::is_utf8(app::encode(letter)), "a dead letter is UTF-8");
  if (base::is_utf8(input) && !letter.original_id.empty()) comes_back(letter);
}
