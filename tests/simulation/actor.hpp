#pragma once

#include <memory>
#include <string>

#include "consumer/lane.hpp"
#include "producer/sender.hpp"
#include "simulation/plan.hpp"
#include "simulation/process.hpp"
#include "simulation/truth.hpp"
#include "simulation/watch.hpp"

namespace simulation {

base::Environment environment_of(Plan const& plan);

// One simulated process with something to do.
class Actor {
 public:
  Actor(World& world, Network& network, Plan const& plan, int number)
      : plan_(plan), process_(world, network, number, environment_of(plan)) {}
  virtual ~Actor() = default;

  // `ended` runs as an event of its own once main() has come to its end by itself.
  void start(std::function<void()> ended);
  // SIGTERM. False where the program does not listen yet: then it simply ends.
  bool drain();
  // SIGKILL.
  void end() { process_.end_coroutines(); }
  Process& process() { return process_; }

  // What must hold once it has ended by itself.
  virtual void check_end() {}
  // How long it may take to end after SIGTERM.
  virtual std::optional<Nanos> grace() const { return std::nullopt; }

 protected:
  virtual boost::asio::awaitable<void> main() = 0;

  Plan const& plan_;
  Process process_;
  bool listening_ = false;
  std::optional<Nanos> drained_at_;
};

// `consumer run`: opens its stores, then the shipped lane.
class ConsumerActor final : public Actor {
 public:
  ConsumerActor(World& world, Network& network, Plan const& plan, int number);
  ~ConsumerActor() override;
  void check_end() override;
  std::optional<Nanos> grace() const override { return plan_.settings.grace; }
  void disturbed() { disturbed_ = true; }

 private:
  boost::asio::awaitable<void> main() override;

  consumer::Lane::Shared shared_;
  Watch watch_;
  std::unique_ptr<consumer::Lane> lane_;
  bool disturbed_ = false;
};

// `producer send`: the shipped sender. The ledger outlives it, as the manifest does.
class ProducerActor final : public Actor {
 public:
  ProducerActor(World& world, Network& network, Plan const& plan, int number, producer::Run const& run);
  ~ProducerActor() override;

 private:
  boost::asio::awaitable<void> main() override;

  producer::Run run_;
  std::unique_ptr<storage::Queue> queue_;
  std::unique_ptr<producer::Sender> sender_;
};

// What a stranger puts on the queue.
struct Strange {
  Nature nature;
  std::string run;
  std::uint64_t seq;
  Belief belief = Belief::never_sent;
};

// Sends strange messages one after the other, each once. The list outlives it.
class StrangerActor final : public Actor {
 public:
  StrangerActor(World& world, Network& network, Plan const& plan, int number, std::vector<Strange>& list)
      : Actor(world, network, plan, number), list_(list) {}
  ~StrangerActor() override { process_.end_coroutines(); }

 private:
  boost::asio::awaitable<void> main() override;

  std::vector<Strange>& list_;
  std::unique_ptr<storage::Queue> queue_;
};

}  // namespace simulation
