#include "simulation/actor.hpp"

#include <boost/asio/co_spawn.hpp>

namespace simulation {

namespace asio = boost::asio;
using namespace std::chrono_literals;

base::Environment environment_of(Plan const& plan) {
  std::map<std::string, std::string, std::less<>> variables;
  if (plan.azure_identity == Plan::Identity::key) {
    variables["AZURE_STORAGE_CONNECTION_STRING"] =
        "DefaultEndpointsProtocol=https;AccountName=simulated;AccountKey=c2ltdWxhdGVk;"
        "EndpointSuffix=core.windows.net";
  } else {
    variables["AZURE_TENANT_ID"] = "00000000-0000-4000-8000-00000000000a";
    variables["AZURE_CLIENT_ID"] = "00000000-0000-4000-8000-00000000000b";
    variables["AZURE_FEDERATED_TOKEN_FILE"] = EDW_SIMULATED_TOKEN_FILE;
  }
  variables["AWS_REGION"] = "eu-west-1";
  if (plan.aws_identity == Plan::Identity::key) {
    variables["AWS_ACCESS_KEY_ID"] = "AKIASIMULATED";
    variables["AWS_SECRET_ACCESS_KEY"] = "simulated";
  } else if (plan.container) {
    variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://169.254.170.23/v1/credentials";
    variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "simulated";
  } else {
    variables["AWS_ROLE_ARN"] = "arn:aws:iam::123456789012:role/simulated";
    variables["AWS_ROLE_SESSION_NAME"] = "simulated";
    variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = EDW_SIMULATED_TOKEN_FILE;
  }
  return base::Environment(std::move(variables));
}

void Actor::start(std::function<void()> ended) {
  asio::co_spawn(process_.loop().io(), main(),
                 [this, ended = std::move(ended)](std::exception_ptr const& thrown) {
                   app::rethrow(thrown);
                   process_.world().after(0ns, ended);
                 });
  process_.wake();
}

bool Actor::drain() {
  if (!listening_) return false;
  if (!drained_at_) drained_at_ = process_.world().now();
  process_.loop().request_stop();
  process_.wake();
  return true;
}

ConsumerActor::ConsumerActor(World& world, Network& network, Plan const& plan, int number)
    : Actor(world, network, plan, number), watch_(world, process_.loop().clock(), number) {
  shared_.settings = plan.settings;
  shared_.settings.name = "consumer-" + std::to_string(number);
  shared_.queue_uri = plan.queue_uri();
}

ConsumerActor::~ConsumerActor() { process_.end_coroutines(); }

asio::awaitable<void> ConsumerActor::main() {
  auto& stores = process_.loop().stores();
  auto queue = stores.queue(plan_.queue_uri(), storage::Encoding::automatic);
  auto table = stores.table(plan_.table_uri());
  if (!queue || !table) {
    process_.world().violate("a store can't be made: " + (queue ? table.error() : queue.error()).message);
    co_return;
  }
  auto const queue_open = co_await (*queue)->open(true);
  if (!queue_open) co_return;
  auto const table_open = co_await (*table)->open(true);
  if (!table_open) co_return;
  lane_ = std::make_unique<consumer::Lane>(process_.loop(), watched(std::move(*queue), watch_),
                                           watched(std::move(*table), watch_), shared_, 0);
  watch_.bound([this] { return lane_->still_held(); }, shared_.settings.concurrency);
  watch_.excuse(
      [this] { return !disturbed_ && process_.network().last_fault(process_.number()) < Nanos(0); });
  listening_ = true;
  co_await lane_->run();
}

void ConsumerActor::check_end() {
  if (!lane_) return;
  auto& world = process_.world();
  if (!lane_->cut_short()) return watch_.check_end();
  auto const calm = process_.network().last_fault(process_.number()) < Nanos(0);
  if (calm && !disturbed_ && drained_at_)
    world.violate("a consumer did not end within its grace although nothing went wrong");
}

ProducerActor::ProducerActor(World& world, Network& network, Plan const& plan, int number,
                             producer::Run const& run)
    : Actor(world, network, plan, number), run_(run) {}

ProducerActor::~ProducerActor() { process_.end_coroutines(); }

asio::awaitable<void> ProducerActor::main() {
  auto& loop = process_.loop();
  auto queue = loop.stores().queue(plan_.queue_uri(), storage::Encoding::automatic);
  if (!queue) {
    process_.world().violate("the queue can't be made: " + queue.error().message);
    co_return;
  }
  queue_ = std::move(*queue);
  auto const opened = co_await queue_->open(true);
  if (!opened) co_return;
  sender_ = std::make_unique<producer::Sender>(loop, *queue_, run_, 0, 1);
  listening_ = true;
  auto const probed = co_await sender_->probe();
  if (!probed && probed.error().code != base::Errc::throttled) co_return;
  run_.start = loop.clock().steady();
  run_.deadline = base::Steady::max();
  co_await sender_->run();
}

asio::awaitable<void> StrangerActor::main() {
  auto queue = process_.loop().stores().queue(plan_.queue_uri(), storage::Encoding::automatic);
  if (!queue) co_return;
  queue_ = std::move(*queue);
  auto const opened = co_await queue_->open(true);
  if (!opened) co_return;
  for (auto& strange : list_) {
    if (strange.belief != Belief::never_sent) continue;
    strange.belief = Belief::unknown;
    storage::Outgoing message;
    message.body = Truth::text_of(strange.nature, strange.run, strange.seq);
    if (queue_->limits().fifo) {
      message.group = "stranger-" + std::to_string(strange.seq);
      message.deduplication_id = strange.run + std::to_string(strange.seq);
    }
    std::vector<storage::Outgoing> const messages(1, message);
    auto const result = co_await queue_->send(messages);
    std::optional<base::Error> failure;
    if (!result)
      failure = result.error();
    else if (!result->empty())
      failure = result->front().error;
    if (!failure)
      strange.belief = Belief::acknowledged;
    else if (!failure->maybe_applied)
      strange.belief = Belief::failed;
  }
}

}  // namespace simulation
