#include "consumer/meters.hpp"

#include "app/metrics/store_meters.hpp"

namespace consumer {

namespace {

std::string word(Processing how) {
  switch (how) {
    case Processing::done:
      return "";
    case Processing::failed:
      return "failed";
    case Processing::refused:
      return "refused";
    case Processing::undecodable:
      return "undecodable";
    case Processing::cancelled:
      return "cancelled";
    case Processing::lease_lost:
      return "lease_lost";
  }
  return "other";
}

std::string word(HandBack why) {
  switch (why) {
    case HandBack::failed:
      return "failed";
    case HandBack::group:
      return "group";
    case HandBack::not_dead_lettered:
      return "not_dead_lettered";
    case HandBack::ending:
      return "ending";
  }
  return "other";
}

std::string word(Condemned why) {
  switch (why) {
    case Condemned::failed:
      return "failed";
    case Condemned::refused:
      return "refused";
    case Condemned::undecodable:
      return "undecodable";
    case Condemned::row_refused:
      return "row_refused";
    case Condemned::suspect:
      return "suspect";
  }
  return "other";
}

app::Labels with(app::Labels labels, std::string_view name, std::string value) {
  labels.emplace_back(name, std::move(value));
  return labels;
}

using app::tell_errors;

template <class Enum, Enum Last>
void tell_words(app::Sheet& sheet, std::string_view name, app::Labels const& labels, std::string_view label,
                base::Tallies<Enum, Last> const& tallies) {
  for (std::size_t i = 0; i < base::Tallies<Enum, Last>::size; ++i) {
    auto const which = static_cast<Enum>(i);
    sheet.add(name, with(labels, label, word(which)), static_cast<double>(tallies[which].value()));
  }
}

}  // namespace

std::uint64_t Meters::finished() const {
  auto sum = acknowledged.value();
  for (std::size_t i = 0; i < decltype(dead_lettered)::size; ++i)
    sum += dead_lettered[static_cast<Condemned>(i)];
  return sum;
}

void tell(app::Sheet& sheet, Meters const& meters, app::Labels const& queue, std::string const& db) {
  app::Labels const system{queue.front()};
  app::Labels const rows{{"db_system_name", db}};
  for (std::size_t i = 0; i < meters.processing.size(); ++i) {
    auto const how = static_cast<Processing>(i);
    auto labels = with(queue, "messaging_operation_name", "process");
    if (how == Processing::done || meters.processed[how] > 0U)
      sheet.add("messaging_process_duration_seconds", with(std::move(labels), "error_type", word(how)),
                meters.processing[i]);
  }
  tell_words(sheet, "edw_processed_messages_total", system, "error_type", meters.processed);
  sheet.add("edw_persisted_messages_total", rows, static_cast<double>(meters.persisted.value()));
  tell_errors(sheet, "edw_persisted_messages_total", rows, meters.unpersisted);
  sheet.add("edw_acknowledged_messages_total", system, static_cast<double>(meters.acknowledged.value()));
  tell_errors(sheet, "edw_acknowledged_messages_total", system, meters.unacknowledged);
  tell_words(sheet, "edw_abandoned_messages_total", system, "reason", meters.abandoned);
  tell_words(sheet, "edw_dead_lettered_messages_total", system, "reason", meters.dead_lettered);
  tell_errors(sheet, "edw_dead_letter_failures_total", system, meters.letters_failed);
  sheet.add("edw_leases_lost_total", system, static_cast<double>(meters.leases_lost.value()));
  sheet.add("edw_end_to_end_seconds", system, meters.end_to_end);
}

}  // namespace consumer
