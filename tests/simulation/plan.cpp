#include "simulation/plan.hpp"

#include <algorithm>

#include "app/dead_letter.hpp"

namespace simulation {

using namespace std::chrono_literals;

namespace {

Nanos up_to(Chance& chance, Nanos most) {
  return Nanos(static_cast<std::int64_t>(chance.below(static_cast<std::uint64_t>(most.count()))));
}

void choose_clouds(Plan& plan, Chance& chance) {
  double const draw = chance.unit();
  plan.queue_cloud = draw < 0.45 ? Plan::Cloud::azure : Plan::Cloud::aws;
  bool const mixed = chance.happens(0.25);
  plan.table_cloud =
      (plan.queue_cloud == Plan::Cloud::azure) != mixed ? Plan::Cloud::azure : Plan::Cloud::aws;
  plan.fifo = plan.queue_cloud == Plan::Cloud::aws && chance.happens(0.3);
  plan.sample_table = plan.table_cloud == Plan::Cloud::aws && chance.happens(0.2);
  plan.azure_identity = chance.happens(0.5) ? Plan::Identity::token : Plan::Identity::key;
  plan.aws_identity = chance.happens(0.5) ? Plan::Identity::token : Plan::Identity::key;
  plan.container = chance.happens(0.5);
  plan.token_life = 30s + up_to(chance, 300s);
}

void choose_load(Plan& plan, Chance& chance) {
  auto const total = chance.between(50, 64);
  if (chance.happens(0.3)) {
    auto const first = chance.between(10, total - 10);
    plan.runs = {first, total - first};
  } else {
    plan.runs = {total};
  }
  plan.rate = chance.happens(0.5) ? 0 : static_cast<double>(chance.between(2, 40));
  plan.send_concurrency = chance.between(1, 32);
  plan.size = chance.happens(0.2) ? chance.between(200, 2000) : 0;
  plan.foreign = chance.between(2, 4);
  plan.unreadable = chance.between(2, 3);
  plan.refused = chance.between(2, 3);
}

void choose_consumers(Plan& plan, Chance& chance) {
  plan.rough = chance.happens(0.15);
  plan.consumers = chance.between(2, 4);
  auto& settings = plan.settings;
  settings.concurrency = chance.between(1, 32);
  settings.lease = std::chrono::seconds(chance.between(4, 20));
  settings.max_receives = chance.between(2, 5);
  settings.retry_delay = std::chrono::milliseconds(chance.between(100, 2000));
  settings.grace = std::chrono::seconds(chance.between(3, 25));
  if (chance.happens(0.6)) {
    settings.process.kind = consumer::Process::Kind::sleep;
    // Some of it takes longer than a lease, so that leases have to be renewed.
    auto const most = plan.rough || chance.happens(0.4) ? settings.lease.count() * 2500 : 2000;
    settings.process.time = std::chrono::milliseconds(chance.between(1, static_cast<std::uint64_t>(most)));
    if (settings.process.time > 2s) settings.concurrency = std::max<std::uint64_t>(settings.concurrency, 12);
  }
  settings.dead_letter = app::dead_letter_uri(plan.queue_uri());
  for (std::size_t i = 0; i < plan.consumers; ++i)
    plan.consumers_start.push_back(up_to(chance, i == 0 ? 1s : 10s));
}

void choose_weather(Plan& plan, Chance& chance) {
  auto& weather = plan.weather;
  weather.until = plan.rough ? 20s + up_to(chance, 60s) : 5s + up_to(chance, 25s);
  static constexpr double levels[] = {0, 0.004, 0.01, 0.04};
  for (std::size_t i = 1; i < faults; ++i)
    weather.odds.at(i) = levels[chance.below(4)] * (plan.rough ? 2 : 1);
  weather.odds.at(static_cast<std::size_t>(Fault::partial)) *= 3;
  weather.odds.at(static_cast<std::size_t>(Fault::stalled)) /= 3;
  if (chance.happens(0.3)) {
    auto const kind = chance.below(kinds);
    weather.from.at(kind) = up_to(chance, weather.until);
    weather.to.at(kind) = weather.from.at(kind) + up_to(chance, 30s);
  }
  // Five at least, whatever the odds.
  for (int i = 0; i < 6;) {
    auto const bit = std::uint64_t{1} << chance.between(2, 30);
    if ((weather.forced & bit) != 0) continue;
    weather.forced |= bit;
    ++i;
  }
  plan.duplicates = chance.happens(0.5) ? 0.1 * chance.unit() : 0;
}

void choose_blows(Plan& plan, Chance& chance) {
  plan.first_crash_step = chance.between(20, 200);
  auto const count = chance.between(0, 5);
  for (std::uint64_t i = 0; i < count; ++i) {
    Blow blow;
    blow.kind = static_cast<Blow::Kind>(chance.below(5));
    blow.when = 1s + up_to(chance, plan.weather.until);
    blow.victim = static_cast<std::size_t>(chance.below(plan.consumers + plan.runs.size()));
    blow.how_long = up_to(chance, chance.happens(0.5) ? 5s : 60s);
    if (blow.kind == Blow::Kind::jump_clock && chance.happens(0.5)) blow.how_long *= 100;
    if (blow.kind == Blow::Kind::jump_clock && chance.happens(0.5)) blow.how_long = -blow.how_long;
    plan.blows.push_back(blow);
  }
}

}  // namespace

std::string Plan::queue_uri() const {
  if (queue_cloud == Cloud::azure) return "azure://simulated/messages";
  return fifo ? "aws://eu-west-1/messages.fifo" : "aws://eu-west-1/messages";
}

std::string Plan::table_uri() const {
  return table_cloud == Cloud::azure ? "azure://simulated/results" : "aws://eu-west-1/results";
}

std::string Plan::describe() const {
  std::string text = queue_uri() + " -> " + table_uri() + (sample_table ? " (sample's keys)" : "");
  text += ", consumers " + std::to_string(consumers) + " x " + std::to_string(settings.concurrency);
  text += ", lease " + std::to_string(settings.lease.count()) + " s, work " +
          std::to_string(settings.process.time.count() / 1000) + " ms, max-receives " +
          std::to_string(settings.max_receives) + ", grace " +
          std::to_string(settings.grace.count() / 1'000'000) + " s";
  return text;
}

Plan make_plan(std::uint64_t seed) {
  Chance chance(seed * 0x2545F4914F6CDD1DULL + 1);
  Plan plan;
  plan.seed = seed;
  choose_clouds(plan, chance);
  choose_load(plan, chance);
  choose_consumers(plan, chance);
  choose_weather(plan, chance);
  choose_blows(plan, chance);
  return plan;
}

}  // namespace simulation
