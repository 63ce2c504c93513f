// Runs schedules by their seeds: see docs/simulation.md.
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "app/parse.hpp"
#include "base/encoding.hpp"
#include "simulation/planting.hpp"
#include "simulation/simulation.hpp"

namespace {

using Steady = std::chrono::steady_clock;

constexpr char const* usage = R"(Usage: simulate [OPTIONS]

Runs simulated schedules of the shipped producer and consumer and checks after each that nothing was lost,
doubled or written after a lost lease. One seed is one schedule.

  --seeds A..B      these seeds [1..1000]
  --seed N          this one
  --duration TIME   from A on for so long, e.g. 8h, instead of up to B
  --jobs N          processes side by side [1]
  --trace           with --seed: print everything that happens
  --repeat          run every seed twice and compare the whole histories
  --fault NAME      plant this fault in the code under test (simulate_planted only; "list" lists them)
  --until-caught    succeed with the first seed that catches the fault, fail where none does
)";

struct Options {
  std::uint64_t from = 1, to = 1000;
  std::optional<std::chrono::microseconds> duration;
  std::uint64_t jobs = 1;
  bool trace = false, repeat = false, until_caught = false;
  std::string fault;
};

// What the jobs tell the one that waits for them.
struct Totals {
  std::atomic<std::uint64_t> schedules{0}, messages{0}, rows{0}, crashes{0}, faults{0}, violations{0},
      caught_by{0};
  std::atomic<std::uint64_t> events{0}, least_faults{UINT64_MAX}, least_messages{UINT64_MAX};
  std::atomic<bool> stop{false};
};

void keep_least(std::atomic<std::uint64_t>& least, std::uint64_t value) {
  auto seen = least.load();
  while (value < seen && !least.compare_exchange_weak(seen, value)) {
  }
}

void report(simulation::Outcome const& outcome, std::string const& what, std::string const& fault) {
  auto const seed = std::to_string(outcome.seed);
  std::string const text = "seed " + seed + ": " + what + "\n    " + outcome.plan + "\n    replay: simulate" +
                           (fault.empty() ? "" : "_planted --fault " + fault) + " --seed " + seed +
                           " --trace\n";
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

void work(Options const& options, std::uint64_t job, Steady::time_point end, Totals& totals) {
  auto const last = options.duration ? UINT64_MAX - options.jobs : options.to;
  for (auto seed = options.from + job; seed <= last && !totals.stop; seed += options.jobs) {
    if (options.duration && Steady::now() >= end) return;
    auto const outcome = simulation::simulate(seed, options.trace ? &std::cout : nullptr);
    ++totals.schedules;
    totals.messages += outcome.messages;
    totals.rows += outcome.rows;
    totals.crashes += outcome.crashes;
    totals.faults += outcome.faults;
    totals.events += outcome.events;
    if (outcome.violation.empty()) {
      keep_least(totals.least_faults, outcome.faults);
      keep_least(totals.least_messages, outcome.messages);
    }
    bool bad = !outcome.violation.empty();
    if (bad) report(outcome, outcome.violation, options.fault);
    if (!bad && options.repeat && simulation::simulate(seed).hash != outcome.hash) {
      bad = true;
      report(outcome, "a second run of the same seed went another way", options.fault);
    }
    if (!bad) continue;
    totals.caught_by = seed;
    if (++totals.violations >= 10 || options.until_caught) totals.stop = true;
  }
}

std::string grouped(std::uint64_t number) {
  auto text = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

void print_totals(Totals const& totals, Steady::time_point begun, bool final) {
  double const seconds = std::chrono::duration<double>(Steady::now() - begun).count();
  rusage used{};
  getrusage(final ? RUSAGE_CHILDREN : RUSAGE_SELF, &used);
  auto const cpu = [](timeval const& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  double const count = static_cast<double>(std::max<std::uint64_t>(totals.schedules, 1));
  std::string text = (final ? "simulated " : "so far ") + grouped(totals.schedules) + " schedules in ";
  char line[96];
  std::snprintf(line, sizeof line, "%.1f s", seconds);
  text += line;
  if (final) {
    std::snprintf(line, sizeof line, " (%.2f ms CPU each)",
                  (cpu(used.ru_utime) + cpu(used.ru_stime)) * 1000 / count);
    text += line;
  }
  text += ": " + grouped(totals.messages) + " messages, " + grouped(totals.rows) + " rows, " +
          grouped(totals.faults) + " faults, " + grouped(totals.crashes) + " crashes";
  if (final && totals.least_faults != UINT64_MAX)
    text += " (a schedule had " + grouped(totals.least_messages) + " messages and " +
            grouped(totals.least_faults) + " faults at least)";
  text += "; " + grouped(totals.violations) + " violations\n";
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

bool parse_range(std::string_view text, Options& options) {
  auto const dots = text.find("..");
  auto const from = base::parse_u64(text.substr(0, dots));
  auto const to = dots == text.npos ? from : base::parse_u64(text.substr(dots + 2));
  if (!from || !to || *to < *from) return false;
  options.from = *from;
  options.to = *to;
  return true;
}

std::optional<Options> parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    std::string_view const name = argv[i];
    if (name == "--trace")
      options.trace = true;
    else if (name == "--repeat")
      options.repeat = true;
    else if (name == "--until-caught")
      options.until_caught = true;
    else if (++i >= argc)
      return std::nullopt;
    else if (name == "--seeds" || name == "--seed") {
      if (!parse_range(argv[i], options)) return std::nullopt;
    } else if (name == "--jobs") {
      auto const jobs = base::parse_u64(argv[i]);
      if (!jobs || *jobs == 0 || *jobs > 256) return std::nullopt;
      options.jobs = *jobs;
    } else if (name == "--duration") {
      auto const duration = app::parse_duration(argv[i]);
      if (!duration) return std::nullopt;
      options.duration = *duration;
    } else if (name == "--fault") {
      options.fault = argv[i];
    } else {
      return std::nullopt;
    }
  }
  if (options.trace && options.from != options.to) return std::nullopt;
  return options;
}

int run(Options const& options) {
  auto const begun = Steady::now();
  auto const end = begun + options.duration.value_or(std::chrono::microseconds(0));
  void* const shared =
      mmap(nullptr, sizeof(Totals), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) {
    std::perror("simulate: memory for the totals");
    return 2;
  }
  auto& totals = *new (shared) Totals;
  std::vector<pid_t> jobs;
  for (std::uint64_t job = 0; job < options.jobs; ++job) {
    auto const child = fork();
    if (child < 0) {
      std::perror("simulate: fork");
      totals.stop = true;
      break;
    }
    if (child == 0) {
      work(options, job, end, totals);
      std::cout.flush();
      std::_Exit(0);
    }
    jobs.push_back(child);
  }
  bool crashed = jobs.size() < options.jobs;
  auto next_report = begun + std::chrono::seconds(30);
  while (!jobs.empty()) {
    int status = 0;
    auto const ended = waitpid(jobs.back(), &status, WNOHANG);
    if (ended == jobs.back()) {
      crashed = crashed || status != 0;
      jobs.pop_back();
      continue;
    }
    usleep(20'000);
    if (Steady::now() < next_report) continue;
    next_report += std::chrono::seconds(30);
    print_totals(totals, begun, false);
  }
  print_totals(totals, begun, true);
  if (crashed) std::fputs("simulate: a job ended by a signal: the code under test crashed\n", stdout);
  if (options.until_caught) {
    if (totals.violations > 0)
      std::printf("the fault %s was caught by seed %llu\n", options.fault.c_str(),
                  static_cast<unsigned long long>(totals.caught_by.load()));
    else
      std::printf("the fault %s was not caught\n", options.fault.c_str());
    return totals.violations > 0 && !crashed ? 0 : 1;
  }
  return totals.violations > 0 || crashed ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  auto const options = parse(argc, argv);
  if (!options) {
    std::fputs(usage, stderr);
    return 2;
  }
  if (options->fault == "list") {
    for (auto const& name : simulation::plantable()) std::printf("%s\n", name.c_str());
    return 0;
  }
  if (!options->fault.empty() && !simulation::plant(options->fault)) {
    std::fprintf(
        stderr,
        "simulate: no fault \"%s\" can be planted in this program; see simulate_planted --fault list\n",
        options->fault.c_str());
    return 2;
  }
  return run(*options);
}
