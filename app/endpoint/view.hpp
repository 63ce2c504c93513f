#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/endpoint/endpoint.hpp"
#include "app/endpoint/trend.hpp"
#include "base/clock.hpp"

namespace app {

enum class Phase { starting, working, draining };

// One look at a program's state: what every page is made of. Pure: no clock, no threads.
struct View {
  Endpoint::Setting setting;
  Phase phase = Phase::starting;
  base::Steady now;
  base::System today;
  base::Steady started;  // when the endpoint was opened
  std::vector<Told> const* loops = nullptr;
  Trend const* trend = nullptr;

  // Nothing: it is alive. Else the sentence that says why not.
  std::optional<std::string> ailing() const;
  // Nothing: it is ready. Else the sentence that says why not.
  std::optional<std::string> unready() const;

  std::uint64_t in_flight() const;
  std::uint64_t finished() const;
  // The counts of the queue that were told last; null before.
  QueueMeters const* counted() const;
  std::optional<double> reached_age() const;  // seconds since the queue answered last
  double oldest_age() const;                  // seconds, an estimate
  double seconds_to_drain() const;            // an estimate, at most a day

  // Loops that have not turned for so long are taken for stuck.
  static constexpr std::chrono::minutes stuck{5};
  // The queue was reached lately: an answer no older than this, or no trouble since the last one.
  static constexpr std::chrono::seconds lately{60};
};

// Fills in what the view knows beside the loops' own metrics.
void tell(Sheet& sheet, View const& view);

std::string scaling_json(View const& view);
std::string status_page(View const& view, Sheet const& sheet);

}  // namespace app
