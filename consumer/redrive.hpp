#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "app/dead_letter.hpp"
#include "app/loops.hpp"
#include "storage/core/queue.hpp"
#include "storage/core/table.hpp"

namespace consumer {

// Which dead letters are meant: those whose reason, id, run or body holds a text.
struct LetterFilter {
  enum class Part { all, reason, id, run, body };
  Part part = Part::all;
  std::string text;
  bool matches(app::DeadLetter const& letter, app::Body const& body) const;
};
// "reason=TEXT", "id=ID", "run=ID" (these two exactly), "body=TEXT", or a TEXT that the reason holds.
LetterFilter parse_letter_filter(std::string_view text);

struct RedriveSettings {
  std::optional<std::uint64_t> limit;
  LetterFilter filter;
  bool dry_run = false;
};

// One dead letter, as a dry run shows it.
struct Listed {
  std::string id, reason, run;
  std::uint64_t seq = 0;
  std::int64_t count = 0;
  std::optional<std::chrono::seconds> age;  // since it was given up
  std::size_t bytes = 0;                    // of its own text
};

// Moves dead letters back to their queue: each is sent first and removed second, so that an end at any time
// leaves a copy too many and never one too few. Copies have the same original id, hence the same row.
class Redrive {
 public:
  static constexpr std::size_t most_held = 10'000;  // that are looked at and stay: what a dry run can list

  // `to` and `table` may be nothing: for a dry run, and where no rows are kept.
  Redrive(app::Loop& loop, storage::Queue& from, storage::Queue* to, storage::Table* table,
          RedriveSettings settings);
  // Until nothing is left, the limit is reached or the loop is to stop; then hands back what stays. An error
  // says why the dead letters could not be read, or none could be sent.
  base::Task<> run();

  std::uint64_t moved() const { return moved_; }
  std::uint64_t failed() const { return failed_; }
  std::uint64_t skipped() const { return skipped_; }
  // Not looked at: behind others of their group, or more than can be held.
  bool cut_short() const { return cut_short_; }
  std::vector<Listed> const& listed() const { return listed_; }

 private:
  struct Letter {
    storage::Message message;
    app::DeadLetter letter;
    app::Body body;
    bool bare = false;  // it came without its envelope
  };
  using Letters = std::vector<Letter>;

  base::Task<Letters> receive();
  base::Task<> explain(Letter& letter);
  base::Task<> move(Letters letters);
  base::Task<> move_one_by_one(Letters letters);
  base::Task<> note(Letters const& letters);
  storage::Outgoing copy_of(Letter const& letter) const;
  void warn(std::string const& text, Letter const& letter) const;
  void keep(Letter const& letter);
  void list(Letter const& letter);
  boost::asio::awaitable<void> release();

  app::Loop& loop_;
  storage::Queue& from_;
  storage::Queue* to_;
  storage::Table* table_;
  RedriveSettings settings_;
  std::map<std::string, storage::Message> kept_;  // by id: leased until the end, without their texts
  std::unordered_set<std::string> met_;           // original ids that were moved: they may die again at once
  std::vector<Listed> listed_;
  std::uint64_t moved_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t skipped_ = 0;
  bool cut_short_ = false;
};

}  // namespace consumer
