#include "simulation/mailbox.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/encoding.hpp"

namespace simulation {

namespace {

bool leased(Letter const& letter, Nanos now) { return letter.visible_at > now; }

}  // namespace

Letter& Mailbox::put(std::string text, Nanos delay, std::string group) {
  std::array<char, 16> number{};
  std::snprintf(number.data(), number.size(), "%012zu", letters_.size());
  Letter letter;
  letter.id = prefix_ + number.data();
  letter.text = std::move(text);
  letter.group = std::move(group);
  letter.sent = world_.now();
  letter.visible_at = world_.now() + delay;
  letters_.push_back(std::move(letter));
  ++left_;
  auto& kept = letters_.back();
  if (main_)
    truth_.enqueued(kept.text, kept.id);
  else
    truth_.dead_lettered(kept.text);
  return kept;
}

std::vector<Letter*> Mailbox::take(std::size_t at_most, Nanos lease, int process, Chance* chance, bool fifo) {
  auto const now = world_.now();
  std::vector<std::string_view> blocked;  // groups of which a message is out
  std::vector<Letter*> free;
  if (fifo)
    for (auto const& letter : letters_)
      if (!letter.removed && letter.receives > 0 && leased(letter, now)) blocked.emplace_back(letter.group);
  for (auto& letter : letters_) {
    if (letter.removed) continue;
    if (leased(letter, now)) {
      // Nothing overtakes a message of its group that waits for its time.
      if (fifo) blocked.emplace_back(letter.group);
      continue;
    }
    if (fifo && std::find(blocked.begin(), blocked.end(), letter.group) != blocked.end()) continue;
    free.push_back(&letter);
  }
  if (chance)
    for (std::size_t i = free.size(); i > 1; --i)
      if (chance->happens(0.2)) std::swap(free[i - 1], free[chance->below(i)]);
  free.resize(std::min(free.size(), at_most));
  for (auto* const letter : free) {
    ++letter->receives;
    letter->version = 0;
    letter->holder = process;
    letter->told = Nanos(-1);
    letter->visible_at = now + lease;
  }
  return free;
}

void Mailbox::remove(Letter& letter) {
  if (letter.removed) return;
  letter.removed = true;
  --left_;
  if (main_) truth_.removed(letter.id);
}

Letter* Mailbox::find(std::string_view id) {
  if (id.size() <= prefix_.size()) return nullptr;
  auto const number = base::parse_u64(id.substr(prefix_.size()));
  if (!number || *number >= letters_.size()) return nullptr;
  return &letters_[static_cast<std::size_t>(*number)];
}

bool Mailbox::overtakes(std::string const& id) {
  auto const* const letter = find(id);
  for (auto const& other : letters_) {
    if (&other == letter) break;
    if (!other.removed && other.group == letter->group && !truth_.settled(other.id)) return true;
  }
  return false;
}

// With the characters of base64, which have to be escaped in a URL.
std::string Mailbox::receipt(Letter const& letter) const {
  return letter.id + '+' + std::to_string(letter.receives) + '/' + std::to_string(letter.version) + "==";
}

Mailbox::Presented Mailbox::present(std::string_view receipt, Exchange const& exchange) {
  Presented presented;
  auto const plus = receipt.find('+');
  auto const slash = receipt.find('/');
  if (plus == receipt.npos || slash == receipt.npos || !receipt.ends_with("==")) return presented;
  presented.letter = find(receipt.substr(0, plus));
  if (!presented.letter) return presented;
  auto const& letter = *presented.letter;
  auto const receives = base::parse_u64(receipt.substr(plus + 1, slash - plus - 1));
  auto const version = base::parse_u64(receipt.substr(slash + 1, receipt.size() - slash - 3));
  bool const same = receives == static_cast<std::uint64_t>(letter.receives);
  presented.current = same && version == static_cast<std::uint64_t>(letter.version);
  presented.outdated = same && !presented.current && letter.told >= Nanos(0) && exchange.sent > letter.told;
  return presented;
}

std::optional<Nanos> Mailbox::next_visible() const {
  std::optional<Nanos> next;
  for (auto const& letter : letters_)
    if (!letter.removed && leased(letter, world_.now()) && (!next || letter.visible_at < *next))
      next = letter.visible_at;
  return next;
}

}  // namespace simulation
