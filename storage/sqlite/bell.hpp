#pragma once

#include <cstdint>
#include <stop_token>
#include <vector>

#include "base/clock.hpp"

namespace storage::sqlite {

// Wakes those who wait for a message of one queue on one event loop. Keep it by shared_ptr while waiting.
class Bell {
 public:
  void ring();
  std::uint64_t rings() const { return rings_; }
  // Until the next ring, `deadline`, or a stop. Returns at once where it has rung since `seen`.
  boost::asio::awaitable<void> wait(base::Clock& clock, std::uint64_t seen, base::Steady deadline,
                                    std::stop_token stop);

 private:
  std::uint64_t rings_ = 0;
  std::vector<std::stop_source> waiting_;
};

}  // namespace storage::sqlite
