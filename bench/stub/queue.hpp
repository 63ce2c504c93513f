#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

namespace stub {

using Time = std::chrono::steady_clock::time_point;

// A queue in memory. Messages keep their place for good, so that rewind() can hand them out again; a receipt
// is the place and the number of the lease.
class Queue {
 public:
  struct Message {
    std::string text;        // escaped as its protocol sent it
    std::string md5;         // hex, where its protocol wants it
    std::string attributes;  // raw members as its protocol hands them out; empty where there are none
    std::int64_t sent_ms = 0;
    std::uint32_t receives = 0;
    std::uint32_t lease = 0;   // as receipts name it
    std::uint32_t change = 0;  // grows with every new end of a lease
    bool visible = false;
    bool gone = false;
  };
  struct Receipt {
    std::uint32_t place = 0;
    std::uint32_t lease = 0;
  };

  std::uint32_t add(Message message, std::chrono::seconds delay, Time now);
  // Leases up to `at_most` messages.
  void receive(std::size_t at_most, std::chrono::seconds lease, Time now, std::vector<Receipt>& out);
  // False where the lease is another's, or the message gone.
  bool remove(Receipt receipt);
  // The receipt becomes the new lease's, unless `same` keeps the old one good.
  bool renew(Receipt& receipt, std::chrono::seconds lease, bool same, Time now);

  Message const& at(std::uint32_t place) const { return messages_[place]; }
  bool known(std::uint32_t place) const { return place < messages_.size() && !messages_[place].gone; }
  std::size_t visible() const { return live_ - hidden_; }
  std::size_t hidden() const { return hidden_; }  // leased or delayed
  std::size_t total() const { return live_; }
  void return_due(Time now);  // leases and delays that are over
  // Every message ever sent is there again, as if nobody had received it.
  void rewind();

 private:
  struct Hidden {
    Time until;
    std::uint32_t place;
    std::uint32_t change;
    bool operator>(Hidden const& other) const { return until > other.until; }
  };
  void show(std::uint32_t place);
  void hide(std::uint32_t place, Time until);

  std::vector<Message> messages_;
  std::deque<std::uint32_t> visible_;  // may name some that are gone meanwhile
  std::priority_queue<Hidden, std::vector<Hidden>, std::greater<>> waiting_;
  std::size_t live_ = 0;
  std::size_t hidden_ = 0;
};

}  // namespace stub
