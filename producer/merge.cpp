#include "producer/merge.hpp"

#include <algorithm>

#include "app/summary.hpp"

namespace producer {

using base::Errc;
using base::Error;
using base::Result;
using Json = nlohmann::ordered_json;

namespace {

constexpr std::uint64_t most = std::uint64_t{1} << 50;  // so that sums can't overflow

std::uint64_t count_at(Json const& values, char const* name, bool& sound) {
  auto const found = values.find(name);
  bool const there =
      found != values.end() && found->is_number_unsigned() && found->get<std::uint64_t>() < most;
  sound = sound && there;
  return there ? found->get<std::uint64_t>() : 0;
}

double number_at(Json const& values, char const* name, bool& sound) {
  auto const found = values.find(name);
  bool const there = found != values.end() && found->is_number() && found->get<double>() >= 0;
  sound = sound && there;
  return there ? found->get<double>() : 0;
}

std::string text_at(Json const& values, char const* name, bool& sound) {
  auto const found = values.find(name);
  bool const there = found != values.end() && found->is_string();
  sound = sound && there;
  return there ? found->get<std::string>() : std::string();
}

app::Histogram histogram_at(Json const& values, char const* name, bool& sound) {
  auto const found = values.find(name);
  auto histogram = found != values.end() ? app::parse_histogram(*found) : std::nullopt;
  sound = sound && histogram;
  return histogram.value_or(app::Histogram());
}

// Which instances a summary is of: one, or several where it was merged before.
std::vector<std::uint64_t> instances_at(Json const& values, std::uint64_t of, bool& sound) {
  std::vector<std::uint64_t> all;
  auto const take = [&](Json const& value) {
    bool const right = value.is_number_unsigned() && value.get<std::uint64_t>() < of;
    sound = sound && right;
    if (right) all.push_back(value.get<std::uint64_t>());
  };
  if (auto const one = values.find("instance"); one != values.end()) take(*one);
  if (auto const several = values.find("merged"); several != values.end() && several->is_array())
    for (auto const& each : *several) take(each);
  sound = sound && !all.empty();
  return all;
}

Result<Merged> read(Summary const& summary) {
  auto const& values = summary.values;
  bool sound = true;
  Merged one;
  one.run = text_at(values, "run", sound);
  one.queue = text_at(values, "queue", sound);
  one.sent = count_at(values, "sent", sound);
  one.failed = count_at(values, "failed", sound);
  one.unknown = count_at(values, "unknown", sound);
  one.seconds = number_at(values, "seconds", sound);
  one.latency = histogram_at(values, "latency_histogram", sound);
  one.service = histogram_at(values, "service_histogram", sound);
  if (values.contains("instances")) {
    one.instances = count_at(values, "instances", sound);
    one.merged = instances_at(values, one.instances, sound);
  }
  one.paced = values.contains("asked_rate");
  if (one.paced) {
    one.asked_rate = number_at(values, "asked_rate", sound);
    one.reached_rate = number_at(values, "reached_rate", sound);
    one.not_sent = count_at(values, "not_sent", sound);
    one.held_back = count_at(values, "held_back", sound);
  }
  if (!sound)
    return Error(Errc::invalid, summary.name + " is no summary that producer send wrote with --output json");
  return one;
}

Result<void> add(Merged& whole, Merged const& part, std::string const& name) {
  if (part.run != whole.run || part.queue != whole.queue || part.instances != whole.instances)
    return Error(Errc::invalid, name + " is of run " + part.run + " to " + part.queue + ", one of " +
                                    std::to_string(part.instances) + ", and those before it of run " +
                                    whole.run + " to " + whole.queue + ", one of " +
                                    std::to_string(whole.instances) + ": they do not belong together");
  for (auto const instance : part.merged) {
    if (std::find(whole.merged.begin(), whole.merged.end(), instance) != whole.merged.end())
      return Error(Errc::invalid, name + " is of instance " + std::to_string(instance) +
                                      ", as one before it: give each once");
    whole.merged.push_back(instance);
  }
  whole.sent += part.sent;
  whole.failed += part.failed;
  whole.unknown += part.unknown;
  whole.seconds = std::max(whole.seconds, part.seconds);
  whole.latency.merge(part.latency);
  whole.service.merge(part.service);
  whole.paced = whole.paced || part.paced;
  whole.asked_rate += part.asked_rate;
  whole.reached_rate += part.reached_rate;
  whole.not_sent += part.not_sent;
  whole.held_back += part.held_back;
  return {};
}

}  // namespace

Result<Merged> merge(std::vector<Summary> const& summaries) {
  Merged whole;
  for (std::size_t i = 0; i < summaries.size(); ++i) {
    auto const part = read(summaries[i]);
    if (!part) return part.error();
    if (i == 0) {
      whole = *part;
      continue;
    }
    if (auto const added = add(whole, *part, summaries[i].name); !added) return added.error();
  }
  std::sort(whole.merged.begin(), whole.merged.end());
  return whole;
}

nlohmann::ordered_json Merged::json() const {
  Json json;
  json["run"] = run;
  json["queue"] = queue;
  if (!merged.empty()) {
    json["instances"] = instances;
    json["merged"] = merged;
  }
  json["sent"] = sent;
  json["failed"] = failed;
  json["unknown"] = unknown;
  json["seconds"] = app::round_to(seconds, 3);
  json["rate"] = app::round_to(rate(), 1);
  json["latency_ms"] = app::quantiles_json(latency);
  json["service_ms"] = app::quantiles_json(service);
  json["latency_histogram"] = app::histogram_json(latency);
  json["service_histogram"] = app::histogram_json(service);
  if (paced) {
    json["asked_rate"] = app::round_to(asked_rate, 2);
    json["reached_rate"] = app::round_to(reached_rate, 2);
    json["not_sent"] = not_sent;
    json["held_back"] = held_back;
  }
  return json;
}

std::string Merged::text() const {
  std::string text = "sent      " + app::grouped(sent) + " messages of run " + run + " to " + queue + " in " +
                     app::rounded(seconds) + " s, " + app::rounded(rate()) + " a second\n";
  if (!merged.empty())
    text += "by        " + app::grouped(merged.size()) + " of " + app::grouped(instances) + " instances\n";
  if (failed + unknown > 0)
    text += "failed    " + app::grouped(failed) + ", unknown whether sent " + app::grouped(unknown) + '\n';
  if (paced)
    text +=
        "pace      " + app::rounded(reached_rate) + " a second of " + app::rounded(asked_rate) + " asked\n";
  text += "latency   " + app::quantiles_text(latency) + "  (from when a message was due)\n";
  text += "service   " + app::quantiles_text(service) + "  (from when it was sent)\n";
  return text;
}

}  // namespace producer
