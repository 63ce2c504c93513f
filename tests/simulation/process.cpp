#include "simulation/process.hpp"

#include "simulation/network.hpp"

namespace simulation {

namespace asio = boost::asio;

namespace {

// The world's time as a process sees it.
class Clock final : public base::Clock {
 public:
  explicit Clock(Process& process) : process_(process) {}
  base::Steady steady() const override {
    return base::Steady(std::chrono::hours(1) + process_.world().now());
  }
  base::System system() const override { return process_.system(); }
  asio::awaitable<void> sleep_until(base::Steady deadline, std::stop_token stop) override {
    if (stop.stop_requested() || deadline <= steady()) co_return;
    struct Alarm {
      World& world;
      World::Place place;
      ~Alarm() { world.cancel(place); }
    };
    Wait wait(process_);
    auto& world = process_.world();
    Alarm const alarm{world, world.after(deadline - steady(), [&wait] { wait.resume(); })};
    std::stop_callback const stopped(stop, [&wait] { wait.resume(); });
    co_await wait.wait();
  }

 private:
  Process& process_;
};

// io_context tears down its pending coroutines only when it dies, and then what they refer to is gone; here
// they go first.
struct Teardown : asio::io_context {
  static void of(asio::execution_context& context) {
    void (asio::execution_context::* const shut)() = &Teardown::shutdown;
    (context.*shut)();
  }
};

}  // namespace

template <class Handler>
struct Wait::ParkedHandler final : Wait::Parked {
  ParkedHandler(Handler&& handler_, asio::io_context& io_) : handler(std::move(handler_)), io(io_) {}
  void post() override { asio::post(io, std::move(handler)); }
  Handler handler;
  asio::io_context& io;
};

Wait::Wait(Process& process) : process_(process) {
  self_ = process_.waits_.insert(process_.waits_.end(), this);
}

Wait::~Wait() { process_.waits_.erase(self_); }

asio::awaitable<void> Wait::wait() {
  if (resumed_) co_return;
  auto park = [this](auto&& handler) {
    using Handler = std::decay_t<decltype(handler)>;
    parked_ = std::make_unique<ParkedHandler<Handler>>(std::move(handler), process_.loop_->io());
  };
  auto token = asio::use_awaitable;
  co_await asio::async_initiate<decltype(token), void()>(park, token);
}

void Wait::resume() {
  if (resumed_) return;
  resumed_ = true;
  if (!parked_) return;
  auto const parked = std::move(parked_);
  parked->post();
  process_.wake();
}

Process::Process(World& world, Network& network, int number, base::Environment environment)
    : world_(world), network_(network), number_(number), environment_(std::move(environment)) {
  loop_ = std::make_unique<app::Loop>(std::make_unique<Clock>(*this),
                                      std::make_unique<Chance>(world.chance.next()), log_);
  auto transport = std::make_unique<Wire>(*this);
  storage::Context const context{
      loop_->io().get_executor(), *transport, loop_->clock(), loop_->random(), environment_, log_, &gates_};
  auto stores = std::make_unique<storage::Stores>(context);
  loop_->use(std::move(transport), std::move(stores));
}

Process::~Process() {
  if (!ended_) end_coroutines();
}

void Process::wake() {
  if (queued_ || ended_ || frozen_) return;
  queued_ = true;
  world_.ready(*this);
}

void Process::freeze(Nanos until) {
  if (frozen_ || ended_) return;
  frozen_ = true;
  thawed_at_ = until;
  thaw_ = world_.at(until, [this] {
    thaw_.reset();
    frozen_ = false;
    wake();
  });
}

void Process::crash_after_steps(std::uint64_t steps, std::function<void()> crashed) {
  steps_left_ = steps;
  crashed_ = std::move(crashed);
}

void Process::run() {
  queued_ = false;
  if (ended_ || frozen_) return;
  auto& io = loop_->io();
  io.restart();
  if (steps_left_ == 0) {
    io.poll();
    return;
  }
  while (io.poll_one() > 0) {
    if (--steps_left_ > 0) continue;
    auto const crashed = std::move(crashed_);
    crashed();  // destroys this
    return;
  }
}

void Process::end_coroutines() {
  ended_ = true;
  world_.forget(*this);
  if (thaw_) world_.cancel(*thaw_);
  for (auto* const wait : waits_) wait->parked_.reset();  // unwinding is posted, so the list stands
  Teardown::of(loop_->io());
}

}  // namespace simulation
