#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "simulation/world.hpp"

namespace simulation {

enum class Nature {
  plain,        // of our producer
  foreign,      // JSON of somebody else: no run, no seq
  unreadable,   // no JSON at all: must become a dead letter
  refused_row,  // its row is refused for ever: must become a dead letter
};

// One message that somebody was to send, and everything that really became of it.
struct Item {
  Nature nature = Nature::plain;
  std::string run;  // empty for a foreign one
  std::uint64_t seq = 0;
  std::string text;              // as the queue took it first
  std::vector<std::string> ids;  // of its copies on the queue
  Nanos told{-1};                // when its sender learnt that it was taken
  bool row = false;
  std::vector<std::string> letters;  // original ids of its dead letters
};

// What the sender believes.
enum class Belief { never_sent, acknowledged, failed, unknown };

// What is so, seen from the services' side, and what must always hold. The first thing that does not ends the
// schedule.
class Truth {
 public:
  Truth(World& world, int max_receives) : world_(world), max_receives_(max_receives) {}

  // Before the schedule: the messages of one run, seq 1..count.
  void expect_run(std::string const& run, std::uint64_t count, Nature nature);
  // The text of a message that is not our producer's own.
  static std::string text_of(Nature nature, std::string const& run, std::uint64_t seq);

  // From the queues.
  void enqueued(std::string_view text, std::string const& id);
  void asked_to_enqueue(std::string_view text, Nanos sent);
  void told(std::string_view text);
  void removed(std::string const& id);
  // Whether that message is a row or a dead letter.
  bool settled(std::string const& id) const;
  // Tells whether a message stands before that one in its FIFO group that is neither.
  void keep_order(std::function<bool(std::string const& id)> overtakes) { overtakes_ = std::move(overtakes); }
  void dead_lettered(std::string const& text);
  // From the tables: the values of a row that was just written.
  using Values = std::function<std::optional<std::string>(std::string_view)>;
  void row_written(std::string const& partition, std::string const& row, Values const& values);

  // At the end.
  void check(std::string const& run, std::uint64_t seq, Belief belief);
  void check_all();
  std::uint64_t sent() const { return sent_; }
  std::uint64_t rows() const { return rows_.size(); }

 private:
  Item* find(std::string_view text);
  Item* by_run(std::string_view run, std::uint64_t seq);
  bool condemned(Item const& item) const {
    return item.nature == Nature::unreadable || item.nature == Nature::refused_row;
  }

  World& world_;
  std::function<bool(std::string const&)> overtakes_;
  int max_receives_;
  std::vector<Item> items_;
  std::map<std::string, std::size_t, std::less<>> runs_;  // to the run's first item
  std::map<std::string, std::uint64_t, std::less<>> counts_;
  std::unordered_map<std::string, std::size_t> by_id_;  // looked up only, never walked
  std::map<std::string, std::size_t> rows_;             // by "partition/row"
  std::uint64_t sent_ = 0;
};

// The raw text between the quotes of a member of flat JSON, e.g. msg; nothing where it is not there.
std::optional<std::string_view> json_text(std::string_view json, std::string_view name);
// The same without escapes.
std::optional<std::string> json_string(std::string_view json, std::string_view name);
std::optional<std::uint64_t> json_number(std::string_view json, std::string_view name);

}  // namespace simulation
