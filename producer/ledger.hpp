#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>

#include "producer/load/poison.hpp"
#include "producer/lock.hpp"
#include "producer/manifest.hpp"

namespace producer {

enum class Outcome { acknowledged, failed, unknown };

// Keeps the manifest of a running producer, on disk at least once a second. No message is sent before the
// file says that it may have been: sequence numbers are reserved ahead, so that after a SIGKILL the tail is
// unknown rather than forgotten. It counts an instance's own numbers, 1, 2, 3, …: its share makes sequence
// numbers of them. Safe to use from several threads.
class Ledger {
 public:
  using Seq = app::SeqSet::Seq;

  // Nothing is written where `path` is empty; no number above `end` is ever reserved. conflict: the file
  // exists and `resume` is not asked for, or another producer is at it; absent: it does not exist and is to
  // be resumed; invalid: the file belongs to another run or queue, or can't be made.
  static base::Result<std::unique_ptr<Ledger>> open(std::string const& path, std::string const& run,
                                                    std::string queue, bool resume, Seq end, Share share = {},
                                                    Poison poison = {});
  ~Ledger();

  // The next `count` numbers, fewer where `end` comes before. {1, 0} when there are none left.
  std::pair<Seq, Seq> claim(Seq count, Seq end);
  // Whether the file already covers `seq`. Where not, it is being written: ask again soon.
  bool covers(Seq seq);
  void record(Seq seq, Outcome outcome);

  // Why the file could not be written, once it could not.
  std::optional<std::string> failure();
  Manifest snapshot();
  // Writes the end. The error is a sentence for the user.
  base::Result<void> finish();
  // Removes the file of a run that never sent anything.
  void discard();

 private:
  Ledger(std::string path, Manifest manifest, Seq end, Poison poison, Lock only);
  void keep_writing();
  Seq reservation() const;
  base::Result<void> write(std::unique_lock<std::mutex>& lock, Seq reserve);

  std::string path_;
  Lock lock_;
  std::mutex mutex_;
  std::condition_variable wake_;
  Manifest manifest_;  // its `last` is what has been claimed
  Seq reserved_ = 0;   // what the file on disk says may have been sent
  Seq ahead_ = 128;    // how far to reserve: what an unclean end leaves unknown; grows with the pace
  Seq end_;
  Poison poison_;
  Seq poison_from_;  // before it are those of a run that is resumed
  Seq claimed_at_write_ = 0;
  bool ending_ = false;
  std::optional<std::string> failure_;
  std::thread writer_;
};

}  // namespace producer
