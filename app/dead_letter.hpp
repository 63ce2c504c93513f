#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "app/body.hpp"
#include "storage/core/table.hpp"

namespace app {

// Why a message was given up, and the message itself.
struct DeadLetter {
  std::string reason;
  std::int64_t receive_count = 0;
  std::string first;  // stamps: when it was sent, as far as told, and when it was given up
  std::string last;
  std::string original_id;  // the id that the service gave it first
  std::string queue;        // the URI of the queue that it came from
  std::string body;         // its own text
};

// The dead-letter queue's URI for a queue's: its name + "-poison", before ".fifo" where present.
std::string dead_letter_uri(std::string const& queue);

// One JSON object: {"deadLetter":{"reason","receiveCount","first","last","originalId","queue"},"body"}.
std::string encode(DeadLetter const& letter);
// Nothing for a text that is no such object.
std::optional<DeadLetter> decode_dead_letter(std::string_view text);

// Where the row about a dead letter stands: ("dead-letter", original id).
storage::Key dead_letter_key(std::string const& original_id);
// That row. `body` says of which run; a moved letter's row says since when (`redriven`, a stamp), and no
// longer counts as one. Its run and seq stand under names of their own, so that it is no message's row.
storage::Entity dead_letter_row(DeadLetter const& letter, Body const& body, std::string const& redriven);
// Where the same stands for a letter that could take no envelope: by its text, which is all that it has.
storage::Key dead_letter_body_key(std::string_view body);
constexpr std::string_view letter_run = "letterRun";
constexpr std::string_view letter_seq = "letterSeq";

// A message's own text, and the id that it had before it was moved; empty for one that never was.
struct Original {
  std::string body;
  std::string id;
};
// The text under which a message goes back to its queue. A JSON object is what it was, with one more key at
// its end, edwOriginalId, which other readers overlook; any other text stays in its envelope.
std::string with_original(DeadLetter const& letter);
// Undoes it; any other text is its own original.
Original original_of(std::string text);

}  // namespace app
