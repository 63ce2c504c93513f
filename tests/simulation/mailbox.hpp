#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "simulation/network.hpp"
#include "simulation/truth.hpp"

namespace simulation {

// A message as a queue service keeps it.
struct Letter {
  std::string id;
  std::string text;
  std::string group;
  Nanos sent{0};
  Nanos visible_at{0};
  int receives = 0;  // the number of its latest delivery
  int version = 0;   // of that delivery's receipt
  int holder = -1;   // the process of that delivery
  Nanos told{-1};    // when the holder learnt of a receipt that an update gave
  bool removed = false;
};

// One queue of either cloud: visibility, receive counts and receipts.
class Mailbox {
 public:
  // `main`: the queue whose messages must not be lost; the other one takes dead letters.
  Mailbox(World& world, Truth& truth, std::string prefix, bool main)
      : world_(world), truth_(truth), prefix_(std::move(prefix)), main_(main) {}

  Letter& put(std::string text, Nanos delay, std::string group);
  // In the order of the queue, or shuffled a little by `chance` where it promises none.
  std::vector<Letter*> take(std::size_t at_most, Nanos lease, int process, Chance* chance, bool fifo);
  void remove(Letter& letter);

  Letter* find(std::string_view id);
  std::string receipt(Letter const& letter) const;
  // The letter whose receipt this is, current or not.
  struct Presented {
    Letter* letter = nullptr;
    bool current = false;
    bool outdated = false;  // an update has given a newer one within the same delivery, and told so
  };
  Presented present(std::string_view receipt, Exchange const& exchange);

  // Whether one of the same group that came before it is neither a row nor a dead letter.
  bool overtakes(std::string const& id);
  std::size_t size() const { return left_; }
  std::deque<Letter> const& letters() const { return letters_; }
  // When a letter that is not visible now will be; nothing where there is none.
  std::optional<Nanos> next_visible() const;

 private:
  World& world_;
  Truth& truth_;
  std::string prefix_;
  bool main_;
  std::deque<Letter> letters_;
  std::size_t left_ = 0;
};

}  // namespace simulation
