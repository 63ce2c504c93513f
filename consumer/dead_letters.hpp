#pragma once

#include <memory>
#include <string>

#include "app/loops.hpp"
#include "storage/core/queue.hpp"
#include "storage/core/table.hpp"

namespace consumer {

// The dead-letter queue's URI for a queue's: its name + "-poison", before ".fifo" where present.
std::string dead_letter_uri(std::string const& queue);

// The text of a dead letter: one JSON object with the reason, counts, times and original id beside the
// message's own text, which `consumer redrive` and people find under "body".
std::string dead_letter_body(storage::Message const& message, std::string const& reason,
                             std::string const& queue, base::System now);

// Where poison messages go. The queue is made when first needed.
class DeadLetters {
 public:
  DeadLetters(app::Loop& loop, storage::Table& table, std::string uri, std::string queue,
              storage::Encoding encoding);
  // Stores a copy with its reason; the caller removes the original afterwards. A body that leaves no room for
  // the reason goes unchanged and the reason to the row ("dead-letter", original id).
  base::Task<> take(storage::Message const& message, std::string const& reason);

 private:
  base::Task<> open();

  app::Loop& loop_;
  storage::Table& table_;
  std::string uri_;
  std::string source_;
  storage::Encoding encoding_;
  std::unique_ptr<storage::Queue> queue_;
};

}  // namespace consumer
