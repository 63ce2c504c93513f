#include "producer/ledger.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "app/body.hpp"

namespace producer {

using base::Errc;
using base::Error;
using base::Result;

namespace {

std::string named(Share const& share) {
  return "instance " + std::to_string(share.remainder) + " of " + std::to_string(share.instances);
}

}  // namespace

Result<std::unique_ptr<Ledger>> Ledger::open(std::string const& path, std::string const& run,
                                             std::string queue, bool resume, Seq end, Share share,
                                             Poison poison) {
  Manifest manifest;
  manifest.share = share;
  manifest.run = run;
  manifest.queue = std::move(queue);
  Lock only;
  if (!path.empty()) {
    std::error_code made;
    auto const folder = std::filesystem::path(path).parent_path();
    if (!folder.empty()) std::filesystem::create_directories(folder, made);
    if (made)
      return Error(Errc::invalid,
                   "cannot make the folder " + folder.string() + " for the manifest: " + made.message() +
                       "; give --manifest a file that can be written, or none to keep no manifest");
    auto taken = Lock::take(path);
    if (!taken) return taken.error();
    only = std::move(*taken);
    auto const existing = Manifest::load(path);
    if (existing && !resume)
      return Error(Errc::conflict, "run " + run + " was sent before: " + path +
                                       " exists; choose another --run, or continue it with --resume");
    if (!existing && existing.error().code != Errc::absent) return existing.error();
    if (existing && existing->run != run)
      return Error(Errc::invalid, path + " is the manifest of run " + existing->run + ", not of run " + run);
    if (!existing && resume)
      return Error(Errc::absent,
                   "--resume: there is no manifest " + path + " to continue; leave --resume out to begin");
    if (existing && existing->queue != manifest.queue)
      return Error(Errc::invalid,
                   "--resume: run " + run + " was sent to " + existing->queue + ", not to " + manifest.queue);
    if (existing && existing->share != share)
      return Error(Errc::invalid,
                   "--resume: " + path + " is of " + named(existing->share) + ", not of " + named(share));
    if (existing) {
      manifest = *existing;
      manifest.complete = false;
    }
  }
  std::unique_ptr<Ledger> ledger(new Ledger(path, std::move(manifest), end, poison, std::move(only)));
  if (auto const failure = ledger->failure()) return Error(Errc::invalid, *failure);
  return ledger;
}

Ledger::Ledger(std::string path, Manifest manifest, Seq end, Poison poison, Lock only)
    : path_(std::move(path)),
      lock_(std::move(only)),
      manifest_(std::move(manifest)),
      end_(end),
      poison_(poison),
      poison_from_(manifest_.last + 1),
      claimed_at_write_(manifest_.last) {
  if (path_.empty()) {
    reserved_ = app::max_seq;
    return;
  }
  {
    std::unique_lock lock(mutex_);
    auto const written = write(lock, reservation());
    if (!written) {
      failure_ = written.error().message;
      return;
    }
  }
  writer_ = std::thread([this] { keep_writing(); });
}

Ledger::~Ledger() {
  {
    std::scoped_lock const lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  if (writer_.joinable()) writer_.join();
}

std::pair<Ledger::Seq, Ledger::Seq> Ledger::claim(Seq count, Seq end) {
  std::scoped_lock const lock(mutex_);
  if (manifest_.last >= end) return {1, 0};
  Seq const first = manifest_.last + 1;
  manifest_.last = std::min(end, manifest_.last + count);
  return {first, manifest_.last};
}

bool Ledger::covers(Seq seq) {
  std::scoped_lock const lock(mutex_);
  if (seq + ahead_ / 2 > reserved_ && reserved_ < end_) wake_.notify_all();
  return seq <= reserved_;
}

void Ledger::record(Seq seq, Outcome outcome) {
  std::scoped_lock const lock(mutex_);
  if (outcome == Outcome::acknowledged) manifest_.acknowledged.insert(seq);
  if (outcome == Outcome::failed) manifest_.failed.insert(seq);
}

std::optional<std::string> Ledger::failure() {
  std::scoped_lock const lock(mutex_);
  return failure_;
}

Manifest Ledger::snapshot() {
  std::scoped_lock const lock(mutex_);
  return manifest_;
}

// Never less than what the file already grants.
Ledger::Seq Ledger::reservation() const {
  return std::max({reserved_, manifest_.last, std::min(end_, manifest_.last + ahead_)});
}

// Called with the lock held; writes without it, so that nobody waits for the disk.
Result<void> Ledger::write(std::unique_lock<std::mutex>& lock, Seq reserve) {
  Manifest copy = manifest_;
  copy.last = reserve;
  lock.unlock();
  auto const bad = poison_.list(copy.share, poison_from_, reserve);
  copy.poison.insert(copy.poison.end(), bad.begin(), bad.end());
  auto const stored = store(copy, path_);
  lock.lock();
  if (stored) reserved_ = reserve;
  return stored;
}

void Ledger::keep_writing() {
  using namespace std::chrono_literals;
  std::unique_lock lock(mutex_);
  auto last_write = std::chrono::steady_clock::now();
  while (!ending_) {
    auto const wanted = [this] {
      return ending_ || (manifest_.last + ahead_ / 2 > reserved_ && reserved_ < end_);
    };
    wake_.wait_for(lock, 1s, wanted);
    if (ending_) return;
    // Reserve for a quarter of a second of the pace since the last write: the disk is quicker than that. A
    // burst of a few milliseconds is no pace, and what is reserved in vain is skipped after a SIGKILL.
    auto const now = std::chrono::steady_clock::now();
    double const seconds = std::max(std::chrono::duration<double>(now - last_write).count(), 0.05);
    double const pace = static_cast<double>(manifest_.last - claimed_at_write_) / seconds;
    ahead_ = std::clamp(static_cast<Seq>(pace / 4), Seq{32}, Seq{1'000'000});
    claimed_at_write_ = manifest_.last;
    last_write = now;
    auto const written = write(lock, reservation());
    if (!written) {
      failure_ = written.error().message;
      return;
    }
  }
}

Result<void> Ledger::finish() {
  {
    std::scoped_lock const lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  if (writer_.joinable()) writer_.join();
  if (path_.empty()) return {};
  std::unique_lock lock(mutex_);
  manifest_.complete = true;
  return write(lock, manifest_.last);
}

void Ledger::discard() {
  {
    std::scoped_lock const lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  if (writer_.joinable()) writer_.join();
  if (!path_.empty()) ::unlink(path_.c_str());
}

}  // namespace producer
