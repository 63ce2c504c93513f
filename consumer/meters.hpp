#pragma once

#include "app/metrics/sheet.hpp"
#include "base/tally.hpp"
#include "consumer/counts.hpp"
#include "http/traffic.hpp"

namespace consumer {

enum class Processing { done, failed, refused, undecodable, cancelled, lease_lost };
// Why a message was handed back.
enum class HandBack { failed, group, not_dead_lettered, ending };
// Why a message went to the dead letters.
enum class Condemned { failed, refused, undecodable, row_refused, suspect };

// What a lane did: counted on its loop's thread, read from any.
struct Meters {
  base::Tallies<Processing, Processing::lease_lost> processed;
  std::array<base::Timings, decltype(processed)::size> processing;
  base::Tally persisted, acknowledged, leases_lost;
  http::Errors unpersisted, unacknowledged, letters_failed;
  base::Tallies<HandBack, HandBack::ending> abandoned;
  base::Tallies<Condemned, Condemned::suspect> dead_lettered;
  base::Timings end_to_end{base::way_bounds};

  void processing_ended(Processing how, std::chrono::nanoseconds taken) {
    ++processed[how];
    processing[static_cast<std::size_t>(how)].record(taken);
  }
  // Messages the lane is done with for good.
  std::uint64_t finished() const;
};

// `queue` gives messaging_system and messaging_destination_name, `db` db_system_name.
void tell(app::Sheet& sheet, Meters const& meters, app::Labels const& queue, std::string const& db);

}  // namespace consumer
