#include "consumer/worker_pool.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>

#include "app/loops.hpp"
#include "consumer/worker_process.hpp"

namespace consumer {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr std::array<std::string_view, 2> private_prefixes{"AWS_", "AZURE_"};
constexpr std::array<std::string_view, 8> private_words{
    "SECRET", "PASSWORD", "PASSWD", "TOKEN", "CREDENTIAL", "ACCESS_KEY", "CONNECTION_STRING", "IDENTITY_"};

bool is_private(std::string const& name) {
  auto const begins = [&name](std::string_view prefix) { return name.starts_with(prefix); };
  auto const speaks = [&name](std::string_view word) { return name.find(word) != std::string::npos; };
  return std::any_of(private_prefixes.begin(), private_prefixes.end(), begins) ||
         std::any_of(private_words.begin(), private_words.end(), speaks);
}

}  // namespace

base::Environment worker_environment(base::Environment const& ours, std::vector<std::string> const& passed) {
  std::map<std::string, std::string, std::less<>> variables;
  for (auto const& name : ours.names(""))
    if (!is_private(name) || std::find(passed.begin(), passed.end(), name) != passed.end())
      variables[name] = ours.get(name).value_or("");
  return base::Environment(std::move(variables));
}

struct WorkerPool::Core : std::enable_shared_from_this<WorkerPool::Core> {
  struct Slot {
    std::shared_ptr<WorkerProcess> process;
    bool taken = false;
  };

  Core(asio::any_io_executor executor_, base::Clock& clock_, base::Log& log_, WorkerSettings settings_)
      : executor(std::move(executor_)),
        clock(clock_),
        log(log_),
        settings(std::move(settings_)),
        slots(std::max<std::size_t>(settings.size, 1)),
        changed(executor) {}

  asio::awaitable<void> carry_out(std::shared_ptr<Call> call, std::stop_token stop);
  asio::awaitable<void> serve(Slot& slot, std::shared_ptr<Call> call);
  bool start(Slot& slot);
  void failed_once();
  bool any() const {
    return std::any_of(slots.begin(), slots.end(), [](Slot const& slot) { return slot.process != nullptr; });
  }

  asio::any_io_executor executor;
  base::Clock& clock;
  base::Log& log;
  WorkerSettings settings;
  std::vector<Slot> slots;
  base::Event changed;
  std::uint64_t calls = 0;
  int failures_in_row = 0;     // of workers, with no answer in between
  base::Steady start_after{};  // the pause before the next one is started
  std::stop_source ending;
  std::string complaint;
};

void WorkerPool::Core::failed_once() {
  auto const pause = std::min<std::chrono::milliseconds>(30s, 100ms * (1 << std::min(failures_in_row, 9)));
  ++failures_in_row;
  start_after = clock.steady() + pause;
}

bool WorkerPool::Core::start(Slot& slot) {
  auto child = base::Child::start(settings.words, settings.environment, executor);
  if (!child) {
    failed_once();
    auto text = "a worker can't be started, messages wait: " + base::describe(child.error());
    if (text != complaint) log.write(base::Level::error, text);
    complaint = std::move(text);
    return false;
  }
  complaint.clear();
  WorkerProcess::World const world{executor, clock, log, settings.limit, settings.longest_line};
  auto const freed = [this, self = shared_from_this(), &slot] {
    failures_in_row = 0;
    slot.taken = false;
    changed.notify();
  };
  auto const gone = [this, self = shared_from_this(), &slot] {
    failed_once();
    slot.process.reset();
    slot.taken = false;
    changed.notify();
  };
  slot.process = std::make_shared<WorkerProcess>(world, std::move(*child), freed, gone);
  slot.process->tend();
  return true;
}

asio::awaitable<void> WorkerPool::Core::serve(Slot& slot, std::shared_ptr<Call> call) {
  while (call->wanted && !ending.stop_requested() && !slot.process) {
    co_await clock.sleep_until(start_after, call->unwanted.get_token());
    if (call->wanted && !ending.stop_requested()) start(slot);
  }
  if (call->wanted && !ending.stop_requested()) {
    slot.process->give(std::move(call));
    co_return;
  }
  slot.taken = false;
  Verdict verdict;
  verdict.kind = Verdict::Kind::cancelled;
  call->settle(std::move(verdict));
  changed.notify();
}

WorkerPool::WorkerPool(asio::any_io_executor executor, base::Clock& clock, base::Log& log,
                       WorkerSettings settings)
    : core_(std::make_shared<Core>(std::move(executor), clock, log, std::move(settings))) {}

WorkerPool::~WorkerPool() {
  kill();
  for (auto& slot : core_->slots) slot.process.reset();  // each holds on to the core
}

asio::awaitable<Verdict> WorkerPool::work(Job job, std::stop_token stop) {
  constexpr int most = 3;  // workers that end of their own accord, between two messages, as they believe
  auto const core = core_;
  for (int attempt = 1;; ++attempt) {
    auto const call = std::make_shared<Call>(core->executor);
    call->job = job;
    auto once = core->carry_out(call, stop);
    co_await std::move(once);
    if (!call->untouched || attempt == most || stop.stop_requested()) co_return call->verdict;
  }
}

// One call by one worker, once one is free.
asio::awaitable<void> WorkerPool::Core::carry_out(std::shared_ptr<Call> call, std::stop_token stop) {
  auto const self = shared_from_this();
  Slot* slot = nullptr;
  {
    std::stop_callback const wake(stop, [this] { changed.notify(); });
    while (!stop.stop_requested() && !ending.stop_requested()) {
      auto const free =
          std::find_if(slots.begin(), slots.end(), [](Slot const& each) { return !each.taken; });
      if (free != slots.end()) {
        slot = &*free;
        break;
      }
      co_await changed.wait();
    }
  }
  call->verdict.kind = Verdict::Kind::cancelled;
  if (!slot || stop.stop_requested()) co_return;
  slot->taken = true;
  call->job.call = ++calls;
  asio::co_spawn(executor, serve(*slot, call), app::rethrow);
  {
    std::stop_callback const wake(stop, [call] { call->settled.notify(); });
    while (!call->done && !stop.stop_requested()) co_await call->settled.wait();
  }
  if (call->done) co_return;
  call->wanted = false;
  call->unwanted.request_stop();
  changed.notify();
}

asio::awaitable<void> WorkerPool::end(std::chrono::nanoseconds patience) {
  auto const core = core_;
  core->ending.request_stop();
  core->changed.notify();
  for (auto& slot : core->slots)
    if (slot.process) slot.process->ask_to_end();
  if (core->any()) {
    std::stop_source over;
    auto const late = [core, token = over.get_token()](std::exception_ptr const& thrown) {
      app::rethrow(thrown);
      if (token.stop_requested()) return;
      for (auto& slot : core->slots)
        if (slot.process) slot.process->kill("did not end when asked to and was killed");
    };
    asio::co_spawn(core->executor, core->clock.sleep(patience, over.get_token()), late);
    while (core->any()) co_await core->changed.wait();
    over.request_stop();
  }
}

void WorkerPool::kill() {
  core_->ending.request_stop();
  for (auto& slot : core_->slots)
    if (slot.process) slot.process->kill("was killed with the consumer");
}

}  // namespace consumer
