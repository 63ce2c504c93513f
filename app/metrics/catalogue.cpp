#include "app/metrics/catalogue.hpp"

namespace app {

namespace {

enum class Who { producer, consumer, both };

struct Row {
  Who who;
  Family family;
};

constexpr Row rows[] = {
    {Who::both,
     {"messaging_client_operation_duration_seconds", Kind::histogram,
      "One call of the queue (a batch of messages), its retries and waits included."}},
    {Who::both,
     {"messaging_client_sent_messages_total", Kind::counter,
      "Messages the queue took, or refused by kind of error; the consumer sends dead letters."}},
    {Who::consumer, {"messaging_client_consumed_messages_total", Kind::counter, "Messages received."}},
    {Who::consumer,
     {"messaging_process_duration_seconds", Kind::histogram,
      "Processing of one message (--process), without the wait for its turn."}},
    {Who::consumer,
     {"db_client_operation_duration_seconds", Kind::histogram,
      "One call of the table (a batch of rows), its retries and waits included."}},
    {Who::both,
     {"http_client_request_duration_seconds", Kind::histogram,
      "One attempt of one request to the cloud, token requests included; a long poll's wait too."}},
    {Who::consumer,
     {"edw_processed_messages_total", Kind::counter, "Messages processed, or not, by the reason."}},
    {Who::consumer,
     {"edw_persisted_messages_total", Kind::counter,
      "Messages whose row was written, or could not be at one attempt."}},
    {Who::consumer,
     {"edw_acknowledged_messages_total", Kind::counter,
      "Messages removed from the queue after their row was written, or not at one attempt."}},
    {Who::consumer,
     {"edw_abandoned_messages_total", Kind::counter,
      "Messages handed back: after a failure, behind a failed one of their group, since their dead letter "
      "could not be sent, at the program's end."}},
    {Who::consumer,
     {"edw_dead_lettered_messages_total", Kind::counter,
      "Messages moved to the dead letters: failed too often, refused by the worker, not readable, refused by "
      "the table, delivered too often without an end."}},
    {Who::consumer,
     {"edw_dead_letter_failures_total", Kind::counter,
      "Dead letters that could not be sent; their messages stay on the queue."}},
    {Who::consumer, {"edw_leases_renewed_total", Kind::counter, "Leases extended while work went on."}},
    {Who::consumer,
     {"edw_lease_renewal_failures_total", Kind::counter, "Leases that one renewal did not extend."}},
    {Who::consumer,
     {"edw_leases_lost_total", Kind::counter, "Messages that went to another delivery while we held them."}},
    {Who::consumer,
     {"edw_end_to_end_seconds", Kind::histogram,
      "From when a message was produced to when its row was written."}},
    {Who::producer,
     {"edw_send_latency_seconds", Kind::histogram,
      "From when a message was due to when the queue had it (free of coordinated omission)."}},
    {Who::both,
     {"edw_in_flight_messages", Kind::gauge, "Messages held (consumer) or on their way (producer)."}},
    {Who::both,
     {"edw_queue_messages", Kind::gauge,
      "The queue's own count, asked every 15 s; Azure tells total alone, leased and delayed ones included."}},
    {Who::both, {"edw_queue_depth_age_seconds", Kind::gauge, "How long ago the queue told these counts."}},
    {Who::consumer,
     {"edw_oldest_message_age_seconds", Kind::gauge,
      "Age of the oldest message seen: held now, or received in the last minute; 0 where the queue is empty. "
      "An estimate."}},
    {Who::consumer,
     {"edw_seconds_to_drain", Kind::gauge,
      "How long this consumer alone would need for total at the rate of its last minute; 0 while there is no "
      "rate yet. An estimate."}},
    {Who::both, {"edw_retries_total", Kind::counter, "Requests sent again."}},
    {Who::both,
     {"edw_throttles_total", Kind::counter,
      "Answers of a service that it is asked too fast, also for a part of a batch alone."}},
    {Who::both,
     {"edw_token_refreshes_total", Kind::counter, "Tokens or temporary credentials fetched, or not."}},
    {Who::both,
     {"edw_token_age_seconds", Kind::gauge, "Age of the token in use; absent where none is needed."}},
    {Who::both, {"edw_token_remaining_seconds", Kind::gauge, "Until it expires; absent likewise."}},
    {Who::both, {"edw_ready", Kind::gauge, "1 where /readyz says yes."}},
    {Who::both, {"edw_draining", Kind::gauge, "1 from the first SIGTERM on."}},
    {Who::both, {"edw_queue_reached_age_seconds", Kind::gauge, "How long ago the queue answered last."}},
    {Who::both,
     {"edw_spans_exported_total", Kind::counter,
      "Spans the collector took; absent where nothing is traced."}},
    {Who::both,
     {"edw_spans_dropped_total", Kind::counter,
      "Spans nobody will see: the collector did not take them, or not in time; absent likewise."}},
    {Who::both, {"edw_build_info", Kind::gauge, "1."}},
    {Who::both, {"edw_endpoint_requests_total", Kind::counter, "Requests answered here."}},
    {Who::both,
     {"edw_endpoint_refused_total", Kind::counter,
      "Connections ended here: too long a request, none that can be read, too slow, one too many."}},
    {Who::both, {"process_cpu_seconds_total", Kind::counter, "Processor time used."}},
    {Who::both, {"process_resident_memory_bytes", Kind::gauge, "Memory in use."}},
    {Who::both, {"process_open_fds", Kind::gauge, "Open file descriptors."}},
    {Who::both, {"process_max_fds", Kind::gauge, "How many there may be."}},
    {Who::both,
     {"process_start_time_seconds", Kind::gauge,
      "When the process began; changes() of it finds crash loops."}},
};

}  // namespace

std::vector<Family> families_of(Role role) {
  auto const mine = role == Role::producer ? Who::producer : Who::consumer;
  std::vector<Family> families;
  for (auto const& [who, family] : rows)
    if (who == Who::both || who == mine) families.push_back(family);
  return families;
}

}  // namespace app
