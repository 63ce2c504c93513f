#include "storage/sqlite/bell.hpp"

#include <algorithm>

namespace storage::sqlite {

void Bell::ring() {
  ++rings_;
  for (auto& waiting : std::exchange(waiting_, {})) waiting.request_stop();
}

boost::asio::awaitable<void> Bell::wait(base::Clock& clock, std::uint64_t seen, base::Steady deadline,
                                        std::stop_token stop) {
  if (seen != rings_) co_return;
  std::stop_source wake;
  waiting_.push_back(wake);
  std::stop_callback const pass_on(stop, [&wake] { wake.request_stop(); });
  auto token = wake.get_token();
  co_await clock.sleep_until(deadline, token);
  std::erase(waiting_, wake);
}

}  // namespace storage::sqlite
