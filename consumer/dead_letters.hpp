#pragma once

#include <memory>
#include <string>

#include "app/dead_letter.hpp"
#include "app/loops.hpp"
#include "app/metrics/store_meters.hpp"
#include "consumer/held.hpp"
#include "storage/core/queue.hpp"
#include "storage/core/table.hpp"

namespace consumer {

// Where poison messages go. The queue is made when first needed.
class DeadLetters {
 public:
  DeadLetters(app::Loop& loop, storage::Queue const& source, storage::Table& table, std::string uri,
              std::string queue, storage::Encoding encoding,
              std::shared_ptr<app::QueueMeters> meters = nullptr);

  // What is said about the message: its reason is cut to 1,000 bytes.
  app::DeadLetter letter(Held const& held, std::string reason);
  // Stores a copy of the message with its reason; one that leaves no room for that goes unchanged. The caller
  // records it, and removes the original last.
  base::Task<> send(app::DeadLetter const& letter, storage::Message const& message);
  // Writes the row ("dead-letter", original id) for a message of a run, by which an audit knows where it is,
  // and for one that went unchanged. invalid, too_large: the table refuses the row for ever.
  base::Task<> record(app::DeadLetter const& letter, app::Body const& body);

 private:
  base::Task<> open();
  bool fits(app::DeadLetter const& letter, std::string const& envelope) const;

  app::Loop& loop_;
  storage::Queue const& from_;
  storage::Table& table_;
  std::string uri_;
  std::string source_;
  storage::Encoding encoding_;
  std::shared_ptr<app::QueueMeters> meters_;  // null: not measured
  std::unique_ptr<storage::Queue> queue_;
};

}  // namespace consumer
