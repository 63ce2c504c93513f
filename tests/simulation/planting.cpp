#include "simulation/planting.hpp"

#include <utility>

#include "base/planted.hpp"

namespace simulation {

namespace {

using base::Planted;

constexpr std::pair<std::string_view, Planted> names[] = {
    {"delete-before-persist", Planted::delete_before_persist},
    {"random-row-key", Planted::random_row_key},
    {"ignore-lost-lease", Planted::ignore_lost_lease},
    {"one-look-at-leases", Planted::one_look_at_leases},
    {"no-renewal", Planted::no_renewal},
    {"keep-old-receipt", Planted::keep_old_receipt},
    {"trust-outer-202", Planted::trust_outer_202},
    {"acknowledge-failed-write", Planted::acknowledge_failed_write},
    {"drop-unprocessed-items", Planted::drop_unprocessed_items},
    {"resend-whole-batch", Planted::resend_whole_batch},
    {"partial-failure-as-sent", Planted::partial_failure_as_sent},
    {"unknown-as-failed", Planted::unknown_as_failed},
    {"unknown-as-sent", Planted::unknown_as_sent},
    {"forget-earlier-attempts", Planted::forget_earlier_attempts},
    {"dead-letter-without-id", Planted::dead_letter_without_id},
    {"remove-before-dead-letter", Planted::remove_before_dead_letter},
    {"condemn-on-arrival", Planted::condemn_on_arrival},
    {"exit-without-hand-back", Planted::exit_without_hand_back},
    {"ignore-sigterm", Planted::ignore_sigterm},
    {"receive-without-bound", Planted::receive_without_bound},
    {"ignore-group-order", Planted::ignore_group_order},
};

Planted chosen = Planted::none;  // one for the program, set before its first schedule

}  // namespace

std::vector<std::string> plantable() {
  std::vector<std::string> all;
  for (auto const& [name, fault] : names) all.emplace_back(name);
  return all;
}

bool plant(std::string_view name) {
  for (auto const& [known, fault] : names)
    if (known == name) {
      chosen = fault;
      return true;
    }
  return false;
}

}  // namespace simulation

namespace base {

Planted planted_fault() { return simulation::chosen; }

}  // namespace base
