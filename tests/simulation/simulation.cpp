#include "simulation/simulation.hpp"

#include <algorithm>
#include <deque>
#include <exception>

#include "simulation/actor.hpp"
#include "simulation/aws_services.hpp"
#include "simulation/azure_services.hpp"

namespace simulation {

using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t least_messages = 50;

// A place for a process, which is filled again after it ended, as a controller would.
struct Slot {
  std::unique_ptr<Actor> actor;
  std::function<std::unique_ptr<Actor>()> make;
  std::function<bool()> done = [] { return false; };  // it need not come back
  bool consumer = false;
  std::optional<World::Place> coming;  // its next start
};

class Schedule {
 public:
  Schedule(std::uint64_t seed, std::ostream* trace)
      : plan_(make_plan(seed)),
        world_(seed, trace),
        truth_(world_, static_cast<int>(plan_.settings.max_receives)),
        network_(world_, plan_.weather),
        chance_(world_.chance.fork()),
        main_(world_, truth_, "m-", true),
        poison_(world_, truth_, "p-", false),
        tokens_(world_, truth_, plan_.token_life),
        azure_queue_(network_, tokens_),
        azure_table_(network_, tokens_, truth_, "results"),
        sqs_(network_, tokens_),
        dynamodb_(network_, tokens_, truth_, plan_.sample_table) {
    network_.serve(Kind::azure_queue, azure_queue_);
    network_.serve(Kind::azure_table, azure_table_);
    network_.serve(Kind::sqs, sqs_);
    network_.serve(Kind::dynamodb, dynamodb_);
    for (auto const kind : {Kind::entra, Kind::sts, Kind::container}) network_.serve(kind, tokens_);
    std::string const fifo = plan_.fifo ? ".fifo" : "";
    azure_queue_.add("messages", main_);
    azure_queue_.add("messages-poison", poison_);
    sqs_.add("messages" + fifo, main_);
    sqs_.add("messages-poison" + fifo, poison_);
    if (plan_.fifo) truth_.keep_order([this](std::string const& id) { return main_.overtakes(id); });
    sqs_.set_duplicates(plan_.duplicates, plan_.weather.until);
  }

  Outcome run();

 private:
  void people();
  void add_producer(std::size_t index);
  void add_stranger();
  void top_up();
  void start(Slot& slot);
  void leave(Slot& slot, Nanos back_in);
  void crash(Slot& slot, Nanos back_in);
  void drain(Slot& slot, Nanos back_in);
  void strike(Blow const& blow);
  bool sent_all() const;
  void close();
  void check();

  Plan plan_;
  World world_;
  Truth truth_;
  Network network_;
  Chance chance_;
  Mailbox main_;
  Mailbox poison_;
  Tokens tokens_;
  AzureQueueService azure_queue_;
  AzureTableService azure_table_;
  SqsService sqs_;
  DynamoService dynamodb_;

  std::vector<std::unique_ptr<producer::Ledger>> ledgers_;
  std::deque<producer::Run> runs_;  // actors refer to them
  std::vector<Strange> strangers_;
  std::vector<std::unique_ptr<Slot>> slots_;  // consumers, then producers, then the stranger
  int processes_ = 0;
  std::uint64_t crashes_ = 0;
  bool closing_ = false;
};

void Schedule::add_producer(std::size_t index) {
  auto const id = "r" + std::to_string(index);
  truth_.expect_run(id, plan_.runs[index], Nature::plain);
  auto ledger = producer::Ledger::open("", id, plan_.queue_uri(), false, plan_.runs[index]);
  ledgers_.push_back(std::move(*ledger));
  producer::Run run;
  run.id = id;
  run.end = plan_.runs[index];
  run.ledger = ledgers_.back().get();
  run.options.count = run.end;
  run.options.rate = plan_.rate;
  run.options.concurrency = plan_.send_concurrency;
  run.options.payload.size = plan_.size;
  runs_.push_back(std::move(run));
  auto slot = std::make_unique<Slot>();
  slot->make = [this, index] {
    return std::make_unique<ProducerActor>(world_, network_, plan_, processes_++, runs_[index]);
  };
  slot->done = [this, index] { return ledgers_[index]->snapshot().last >= plan_.runs[index]; };
  slots_.push_back(std::move(slot));
}

void Schedule::add_stranger() {
  auto const add = [this](Nature nature, std::string const& run, std::uint64_t count) {
    truth_.expect_run(run, count, nature);
    for (std::uint64_t seq = 1; seq <= count; ++seq) strangers_.push_back({nature, run, seq});
  };
  add(Nature::foreign, "foreign", plan_.foreign);
  add(Nature::unreadable, "unreadable", plan_.unreadable);
  add(Nature::refused_row, "refused", plan_.refused);
  auto slot = std::make_unique<Slot>();
  slot->make = [this] {
    return std::make_unique<StrangerActor>(world_, network_, plan_, processes_++, strangers_);
  };
  slot->done = [this] {
    return std::none_of(strangers_.begin(), strangers_.end(),
                        [](Strange const& strange) { return strange.belief == Belief::never_sent; });
  };
  slots_.push_back(std::move(slot));
}

// Sends fail for good in an outage: another producer makes up for them.
void Schedule::top_up() {
  plan_.runs.push_back(least_messages + 5 - truth_.sent());
  add_producer(plan_.runs.size() - 1);
  auto& slot = *slots_.back();
  slot.coming = world_.after(1s, [this, &slot] { start(slot); });
}

void Schedule::people() {
  for (std::size_t i = 0; i < plan_.consumers; ++i) {
    auto slot = std::make_unique<Slot>();
    slot->consumer = true;
    slot->make = [this] { return std::make_unique<ConsumerActor>(world_, network_, plan_, processes_++); };
    slots_.push_back(std::move(slot));
  }
  for (std::size_t i = 0; i < plan_.runs.size(); ++i) add_producer(i);
  add_stranger();
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    auto& slot = *slots_[i];
    auto const when = i < plan_.consumers ? plan_.consumers_start[i] : Nanos(chance_.below(2'000'000'000));
    slot.coming = world_.at(when, [this, &slot] { start(slot); });
  }
  for (auto const& blow : plan_.blows) world_.at(blow.when, [this, &blow] { strike(blow); });
}

void Schedule::start(Slot& slot) {
  slot.coming.reset();
  if (closing_) return;
  slot.actor = slot.make();
  auto& process = slot.actor->process();
  world_.note(slot.consumer ? "a consumer starts" : "a producer starts", process.number());
  if (&slot == slots_.front().get() && crashes_ == 0)
    process.crash_after_steps(plan_.first_crash_step,
                              [this, &slot] { crash(slot, Nanos(chance_.below(5'000'000'000))); });
  slot.actor->start([this, &slot, number = process.number()] {
    if (!slot.actor || slot.actor->process().number() != number) return;
    world_.note("ends by itself", number);
    slot.actor->check_end();
    leave(slot, 1s + Nanos(chance_.below(4'000'000'000)));
  });
}

void Schedule::leave(Slot& slot, Nanos back_in) {
  slot.actor->end();
  slot.actor.reset();
  if (closing_ || slot.done()) return;
  slot.coming = world_.after(back_in, [this, &slot] { start(slot); });
}

void Schedule::crash(Slot& slot, Nanos back_in) {
  if (!slot.actor) return;
  world_.note("is killed", slot.actor->process().number());
  ++crashes_;
  leave(slot, back_in);
}

void Schedule::drain(Slot& slot, Nanos back_in) {
  if (!slot.actor) return;
  auto const number = slot.actor->process().number();
  world_.note("gets SIGTERM", number);
  if (!slot.actor->drain()) return leave(slot, back_in);
  if (auto const grace = slot.actor->grace())
    world_.after(*grace + 1s, [this, &slot, number, asked = world_.now()] {
      if (slot.actor && slot.actor->process().number() == number &&
          slot.actor->process().thawed_at() <= asked)
        world_.violate("a consumer did not end within its grace");
    });
}

void Schedule::strike(Blow const& blow) {
  if (blow.kind == Blow::Kind::revoke_tokens) {
    world_.note("all tokens are revoked", -1);
    return tokens_.revoke();
  }
  auto& slot = *slots_[blow.victim];
  if (!slot.actor || closing_) return;
  auto& process = slot.actor->process();
  auto* const consumer = dynamic_cast<ConsumerActor*>(slot.actor.get());
  if (consumer && (blow.kind == Blow::Kind::freeze || blow.kind == Blow::Kind::jump_clock))
    consumer->disturbed();
  switch (blow.kind) {
    case Blow::Kind::kill:
      return crash(slot, blow.how_long);
    case Blow::Kind::drain:
      return drain(slot, blow.how_long);
    case Blow::Kind::freeze:
      world_.note("freezes", process.number());
      return process.freeze(world_.now() + blow.how_long);
    case Blow::Kind::jump_clock:
      world_.note("its clock jumps", process.number(), std::to_string(blow.how_long.count()));
      return process.jump_clock(blow.how_long);
    case Blow::Kind::revoke_tokens:
      break;
  }
}

bool Schedule::sent_all() const {
  return std::all_of(slots_.begin(), slots_.end(),
                     [](auto const& slot) { return slot->consumer || (!slot->actor && slot->done()); });
}

void Schedule::close() {
  closing_ = true;
  for (auto const& slot : slots_) {
    if (slot->coming) world_.cancel(*slot->coming);
    slot->coming.reset();
    drain(*slot, 0s);
  }
}

void Schedule::check() {
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    auto const manifest = ledgers_[i]->snapshot();
    for (std::uint64_t seq = 1; seq <= plan_.runs[i]; ++seq)
      truth_.check(runs_[i].id, seq,
                   seq > manifest.last                   ? Belief::never_sent
                   : manifest.acknowledged.contains(seq) ? Belief::acknowledged
                   : manifest.failed.contains(seq)       ? Belief::failed
                                                         : Belief::unknown);
  }
  for (auto const& strange : strangers_) truth_.check(strange.run, strange.seq, strange.belief);
  truth_.check_all();
  if (crashes_ == 0) world_.violate("a tame schedule: no crash");
  if (truth_.sent() < least_messages) world_.violate("a tame schedule: too few messages");
  if (network_.counted() < 5) world_.violate("a tame schedule: fewer than five faults");
}

Outcome Schedule::run() {
  world_.note("plan", -1, plan_.describe());
  people();
  auto const limit = plan_.weather.until + 3h;
  try {
    while (world_.violation().empty()) {
      if (!closing_ && truth_.sent() < least_messages && sent_all()) top_up();
      if (!closing_ && main_.size() == 0 && crashes_ > 0 && sent_all() && network_.all_arrived()) close();
      if (closing_ &&
          std::none_of(slots_.begin(), slots_.end(), [](auto const& slot) { return slot->actor != nullptr; }))
        break;
      if (!world_.step()) world_.violate("everything stands still");
      if (world_.now() > limit)
        world_.violate("the queue still holds " + std::to_string(main_.size()) +
                       " messages after hours of calm");
    }
    if (world_.violation().empty()) check();
  } catch (std::exception const& thrown) {
    world_.violate(std::string("an exception escaped: ") + thrown.what());
  }
  Outcome outcome;
  outcome.seed = plan_.seed;
  outcome.violation = world_.violation();
  outcome.hash = world_.history.hash();
  outcome.events = world_.history.events();
  outcome.messages = truth_.sent();
  outcome.rows = truth_.rows();
  outcome.consumers = plan_.consumers;
  outcome.crashes = crashes_;
  outcome.faults = network_.counted();
  outcome.by_kind = network_.by_kind();
  outcome.lasted = world_.now();
  if (!outcome.violation.empty()) outcome.plan = plan_.describe();
  slots_.clear();
  return outcome;
}

}  // namespace

Outcome simulate(std::uint64_t seed, std::ostream* trace) {
  Schedule schedule(seed, trace);
  return schedule.run();
}

}  // namespace simulation
