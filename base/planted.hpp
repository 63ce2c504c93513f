#pragma once

namespace base {

// Faults that the simulation plants in the code, each to show that it would be found (docs/simulation.md).
// Nothing of them is in the programs: there planted() is the constant false.
enum class Planted {
  none,
  delete_before_persist,
  random_row_key,
  ignore_lost_lease,
  one_look_at_leases,
  no_renewal,
  keep_old_receipt,
  trust_outer_202,
  acknowledge_failed_write,
  drop_unprocessed_items,
  resend_whole_batch,
  partial_failure_as_sent,
  unknown_as_failed,
  unknown_as_sent,
  forget_earlier_attempts,
  dead_letter_without_id,
  remove_before_dead_letter,
  condemn_on_arrival,
  exit_without_hand_back,
  ignore_sigterm,
  receive_without_bound,
  ignore_group_order,
};

#ifdef EDW_PLANTED_FAULTS
Planted planted_fault();
inline bool planted(Planted fault) { return planted_fault() == fault; }
#else
constexpr bool planted(Planted) { return false; }
#endif

}  // namespace base
