#pragma once

#include <string>

#include "base/random.hpp"
#include "storage/core/context.hpp"
#include "storage/core/queue.hpp"
#include "storage/sqlite/bell.hpp"
#include "storage/sqlite/database.hpp"

namespace storage::sqlite {

// A queue in an SQLite file: leases and receive counts as the clouds have them, by the injected clock, since
// several processes share the file. A receipt is good until another receives the message or it is released,
// even past its lease.
class Queue final : public storage::Queue {
 public:
  Queue(Context const& context, std::shared_ptr<Jobs> jobs, std::shared_ptr<Bell> bell, std::string name)
      : clock_(context.clock),
        random_(context.random),
        jobs_(std::move(jobs)),
        bell_(std::move(bell)),
        name_(std::move(name)) {}

  Task<> open(bool create) override;
  QueueLimits limits() const override;
  Task<std::vector<Rejected>> send(std::span<Outgoing const> messages) override;
  Task<std::vector<Message>> receive(Receive options) override;
  Task<std::vector<Rejected>> extend(std::span<Message> messages, std::chrono::seconds lease) override;
  Task<std::vector<Rejected>> release(std::span<Message> messages, std::chrono::seconds delay) override;
  Task<std::vector<Rejected>> remove(std::span<Message const> messages) override;
  Task<Depth> depth() override;

 private:
  Task<std::vector<Message>> lease(int at_most, std::chrono::seconds lease);
  std::int64_t now() const;
  std::int64_t token();

  base::Clock& clock_;
  base::Random& random_;
  std::shared_ptr<Jobs> jobs_;
  std::shared_ptr<Bell> bell_;
  std::string name_;
  std::int64_t id_ = 0;
};

}  // namespace storage::sqlite
