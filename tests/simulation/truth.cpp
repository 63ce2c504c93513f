#include "simulation/truth.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/digest.hpp"
#include "base/encoding.hpp"

namespace simulation {

namespace {

std::size_t after_key(std::string_view json, std::string_view name) {
  std::size_t at = 0;
  while ((at = json.find(name, at)) != json.npos) {
    auto const end = at + name.size();
    if (at > 0 && json[at - 1] == '"' && json.substr(end, 2) == "\":") return end + 2;
    at = end;
  }
  return json.npos;
}

// By the contract, not by the code under test.
std::string partition_of(std::string const& run, std::uint64_t seq) {
  std::array<char, 8> shard{};
  std::snprintf(shard.data(), shard.size(), "%02x-", static_cast<unsigned>(seq / 32 % 256));
  return shard.data() + run;
}
std::string row_of(std::uint64_t seq) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "%012llu", static_cast<unsigned long long>(seq));
  return text.data();
}

}  // namespace

std::optional<std::string_view> json_text(std::string_view json, std::string_view name) {
  auto const begin = after_key(json, name);
  if (begin == json.npos || begin >= json.size() || json[begin] != '"') return std::nullopt;
  for (auto end = begin + 1; end < json.size(); ++end) {
    if (json[end] == '\\')
      ++end;
    else if (json[end] == '"')
      return json.substr(begin + 1, end - begin - 1);
  }
  return std::nullopt;
}

std::optional<std::string> json_string(std::string_view json, std::string_view name) {
  auto const raw = json_text(json, name);
  if (!raw) return std::nullopt;
  if (raw->find('\\') == raw->npos) return std::string(*raw);
  auto const parsed = nlohmann::json::parse('"' + std::string(*raw) + '"', nullptr, false);
  return parsed.is_string() ? std::optional(parsed.get<std::string>()) : std::nullopt;
}

std::optional<std::uint64_t> json_number(std::string_view json, std::string_view name) {
  auto const begin = after_key(json, name);
  if (begin == json.npos) return std::nullopt;
  auto const text = json.substr(begin);
  return base::parse_u64(text.substr(0, text.find_first_not_of("0123456789")));
}

std::string Truth::text_of(Nature nature, std::string const& run, std::uint64_t seq) {
  auto const number = std::to_string(seq);
  // The samples' own form; the mark in it is how the truth knows it again.
  if (nature == Nature::foreign)
    return R"({"msg":"<sample> & \"caf\u00e9\" \\ )" + run + ':' + number +
           R"(","srcStamp":"2026-11-22 00:00:01.000001"})";
  if (nature == Nature::unreadable) return "no JSON < & > " + run + ':' + number + ' ';
  return R"({"msg":"REFUSED )" + number + R"(","srcStamp":"2026-11-22 00:00:01.000001","run":")" + run +
         R"(","seq":)" + number + R"(,"hash":""})";
}

void Truth::expect_run(std::string const& run, std::uint64_t count, Nature nature) {
  runs_[run] = items_.size();
  counts_[run] = count;
  for (std::uint64_t seq = 1; seq <= count; ++seq) {
    Item item;
    item.nature = nature;
    item.run = run;
    item.seq = seq;
    items_.push_back(std::move(item));
  }
}

Item* Truth::by_run(std::string_view run, std::uint64_t seq) {
  auto const first = runs_.find(run);
  if (first == runs_.end() || seq == 0 || seq > counts_.find(run)->second) return nullptr;
  return &items_[first->second + static_cast<std::size_t>(seq) - 1];
}

Item* Truth::find(std::string_view text) {
  auto const run = json_text(text, "run");
  auto const seq = json_number(text, "seq");
  if (run && seq) return by_run(*run, *seq);
  // "… RUN:SEQ" in what is not ours.
  auto const colon = text.find(':', text.find("msg") == text.npos ? 0 : 7);
  if (colon == text.npos) return nullptr;
  auto const space = text.rfind(' ', colon);
  auto const digits = text.substr(colon + 1);
  auto const number = base::parse_u64(digits.substr(0, digits.find_first_not_of("0123456789")));
  if (space == text.npos || !number) return nullptr;
  return by_run(text.substr(space + 1, colon - space - 1), *number);
}

void Truth::asked_to_enqueue(std::string_view text, Nanos sent) {
  auto const* item = find(text);
  if (item && item->told >= Nanos(0) && sent > item->told)
    world_.violate("a message was sent again after its sender had been told that it was taken: " + item->run +
                   ':' + std::to_string(item->seq));
}

void Truth::enqueued(std::string_view text, std::string const& id) {
  auto* const item = find(text);
  if (!item) return world_.violate("a message came that nobody was to send: " + std::string(text));
  if (item->text.empty()) item->text = text;
  if (item->nature != Nature::plain && item->text != text_of(item->nature, item->run, item->seq))
    world_.violate("the text of a message changed on its way to the queue: " + std::string(text));
  item->ids.push_back(id);
  by_id_[id] = static_cast<std::size_t>(item - items_.data());
  ++sent_;
}

void Truth::told(std::string_view text) {
  auto* const item = find(text);
  if (item && item->told < Nanos(0)) item->told = world_.now();
}

bool Truth::settled(std::string const& id) const {
  auto const& item = items_[by_id_.at(id)];
  return item.row || std::find(item.letters.begin(), item.letters.end(), id) != item.letters.end();
}

void Truth::removed(std::string const& id) {
  auto const& item = items_[by_id_.at(id)];
  if (!settled(id))
    world_.violate("a message was removed that is neither a row nor a dead letter: " + item.run + ':' +
                   std::to_string(item.seq) + ", id " + id);
}

void Truth::dead_lettered(std::string const& text) {
  auto const json = nlohmann::json::parse(text, nullptr, false);
  auto const about = json.is_object() ? json.find("deadLetter") : json.end();
  if (!json.is_object() || about == json.end())
    return world_.violate("a dead letter without its reason: " + text);
  auto const id = about->value("originalId", std::string());
  auto const found = by_id_.find(id);
  if (found == by_id_.end()) return world_.violate("a dead letter without the original id: " + text);
  auto& item = items_[found->second];
  if (about->value("reason", std::string()).empty())
    world_.violate("a dead letter without a reason: " + text);
  if (json.value("body", std::string()) != item.text)
    world_.violate("a dead letter whose body is not the message's: " + text);
  int const count = about->value("receiveCount", 0);
  // A sound message is given up only when it seems to kill its consumers.
  if (condemned(item) ? count < max_receives_ : count <= 3 * max_receives_)
    world_.violate("a message was given up too early, at its receive " + std::to_string(count) + ": " + text);
  item.letters.push_back(id);
}

void Truth::row_written(std::string const& partition, std::string const& row, Values const& values) {
  auto const id = values("messageId").value_or("");
  auto const found = by_id_.find(id);
  std::string const where = partition + '/' + row;
  if (found == by_id_.end()) return world_.violate("a row of no message: " + where + " of " + id);
  auto& item = items_[found->second];
  if (partition == "dead-letter") {
    bool const there = std::find(item.letters.begin(), item.letters.end(), id) != item.letters.end();
    if (!there || row != id)
      world_.violate("a row tells of a dead letter that is not there: " + where + " of " + id);
    return;
  }
  bool const keyed = item.nature == Nature::foreign
                         ? partition == base::sha256_hex(id).substr(0, 2) + "-~id" && row == id
                         : partition == partition_of(item.run, item.seq) && row == row_of(item.seq);
  if (!keyed)
    return world_.violate("a row under a wrong key: " + where + " of " + item.run + ':' +
                          std::to_string(item.seq));
  auto const& text = item.text;
  bool right =
      values("data") == json_string(text, "msg") && values("srcStamp") == json_string(text, "srcStamp");
  if (item.nature == Nature::plain)
    right = right && values("hash") == json_string(text, "hash") && values("run") == item.run &&
            values("seq") == std::to_string(item.seq) &&
            values("hash") == base::sha256_hex(values("data").value_or("") + values("payload").value_or(""));
  if (!right) return world_.violate("a row that differs from its message: " + where);
  if (!item.row && overtakes_ && overtakes_(id))
    return world_.violate("a row was written before one that stands before it in its group: " + where);
  item.row = true;
  rows_[where] = found->second;
}

void Truth::check(std::string const& run, std::uint64_t seq, Belief belief) {
  auto const* item = by_run(run, seq);
  auto const name = run + ':' + std::to_string(seq);
  bool const there = !item->ids.empty();
  if (belief == Belief::acknowledged && !there)
    world_.violate("the producer counts a message as acknowledged that never reached the queue: " + name);
  if (belief == Belief::failed && there)
    world_.violate("the producer counts a message as failed that is on the queue: " + name);
  if (belief == Belief::never_sent && there)
    world_.violate("the producer does not know of a message that it sent: " + name);
  if (belief == Belief::acknowledged && !item->row && item->letters.empty())
    world_.violate("an acknowledged message is neither a row nor a dead letter: " + name);
}

void Truth::check_all() {
  for (auto const& item : items_) {
    auto const name = item.run + ':' + std::to_string(item.seq);
    if (condemned(item) && item.row) world_.violate("a row of a message that can have none: " + name);
    if (!item.ids.empty() && !item.row && item.letters.empty())
      world_.violate("a message of the queue is neither a row nor a dead letter: " + name);
    if (condemned(item) && item.letters.size() < item.ids.size())
      world_.violate("copies of a message that can't be processed are missing from the dead letters: " +
                     name);
  }
}

}  // namespace simulation
