#include "producer/load/replay.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "app/parse.hpp"
#include "base/time.hpp"
#include "producer/load/profile.hpp"

namespace producer {

using base::Errc;
using base::Error;
using base::Result;

namespace {

struct Line {
  double time = 0;  // seconds
  std::optional<double> rate;
};

constexpr std::array<std::string_view, 3> time_names{"time", "timestamp", "t"};

bool names_time(std::string_view name) {
  return std::find(time_names.begin(), time_names.end(), name) != time_names.end();
}

std::optional<double> time_of(std::string_view text) {
  if (auto const number = app::parse_decimal(text)) return *number;
  auto moment = base::parse_iso8601(text);
  if (!moment) moment = base::parse_stamp(text);
  if (!moment) return std::nullopt;
  return std::chrono::duration<double>(moment->time_since_epoch()).count();
}

std::string_view trimmed(std::string_view text) {
  auto const begin = text.find_first_not_of(" \t\r\"");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\"") - begin + 1);
}

std::vector<std::string_view> cells(std::string_view line) {
  std::vector<std::string_view> all;
  for (std::size_t at = 0;;) {
    auto const comma = line.find(',', at);
    all.push_back(trimmed(line.substr(at, comma == line.npos ? line.npos : comma - at)));
    if (comma == line.npos) return all;
    at = comma + 1;
  }
}

Error complaint(std::size_t number, std::string const& what) {
  return Error(Errc::invalid, "can't be replayed: line " + std::to_string(number) + ' ' + what);
}

// Reads lines in the form that the first of them sets.
class Reader {
 public:
  Result<void> take(std::string_view line, std::size_t number) {
    if (line.front() == '{') return object(line, number);
    auto const row = cells(line);
    return columns_ == 0 ? header(row, number) : values(row, number);
  }
  std::vector<Line> lines;

 private:
  Result<void> add(std::optional<double> time, std::optional<double> rate, std::size_t number) {
    if (!time) return complaint(number, "has no time that reads as seconds or ISO 8601");
    if (rate && !(*rate >= 0 && *rate <= 1e7))
      return complaint(number, "has a rate outside 0 to 10,000,000 messages a second");
    if (!lines.empty() && lines.front().rate.has_value() != rate.has_value())
      return complaint(number, "is of another form than the first: a rate on each line, or on none");
    lines.push_back({*time, rate});
    return {};
  }
  Result<void> object(std::string_view line, std::size_t number) {
    auto const json = nlohmann::json::parse(line, nullptr, false);
    if (!json.is_object()) return complaint(number, "is not a JSON object");
    std::optional<double> time;
    for (auto const name : time_names)
      if (auto const found = json.find(name); found != json.end()) {
        if (found->is_number()) time = found->get<double>();
        if (found->is_string()) time = time_of(found->get<std::string>());
      }
    std::optional<double> rate;
    if (auto const found = json.find("rate"); found != json.end())
      rate = found->is_number() ? found->get<double>() : -1;
    return add(time, rate, number);
  }
  Result<void> header(std::vector<std::string_view> const& row, std::size_t number) {
    columns_ = row.size();
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (names_time(row[i])) time_ = i;
      if (row[i] == "rate") rate_ = i;
    }
    if (time_) return {};
    return complaint(number, "names no column time, timestamp or t; the first line of a CSV is its header");
  }
  Result<void> values(std::vector<std::string_view> const& row, std::size_t number) {
    if (row.size() != columns_) return complaint(number, "has not as many columns as the header");
    std::optional<double> rate;
    if (rate_) {
      auto const value = app::parse_decimal(row[*rate_]);
      rate = value ? *value : -1;
    }
    return add(time_of(row[*time_]), rate, number);
  }

  std::size_t columns_ = 0;
  std::optional<std::size_t> time_;
  std::optional<std::size_t> rate_;
};

Result<std::unique_ptr<Arrivals>> from_rates(std::vector<Line> const& lines) {
  if (lines.size() < 2)
    return Error(Errc::invalid, "can't be replayed: one rate alone doesn't say when it ends; add a line");
  std::vector<Stretch> stretches;
  for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
    double const seconds = lines[i + 1].time - lines[i].time;
    stretches.push_back({*lines[i].rate, *lines[i].rate, 0, 1, seconds});
  }
  return std::make_unique<Profile>(std::move(stretches));
}

}  // namespace

std::optional<std::chrono::nanoseconds> Replay::due(std::uint64_t index) const {
  if (index >= moments_.size()) return std::nullopt;
  return moments_[index];
}

std::uint64_t Replay::due_by(std::chrono::nanoseconds elapsed) const {
  return static_cast<std::uint64_t>(std::upper_bound(moments_.begin(), moments_.end(), elapsed) -
                                    moments_.begin());
}

double Replay::rate(std::chrono::nanoseconds elapsed) const {
  using namespace std::chrono_literals;
  auto const from = std::chrono::floor<std::chrono::seconds>(elapsed);
  auto const before = [this](std::chrono::nanoseconds moment) {
    return std::lower_bound(moments_.begin(), moments_.end(), moment) - moments_.begin();
  };
  return static_cast<double>(before(from + 1s) - before(from));
}

std::optional<std::chrono::nanoseconds> Replay::length() const {
  return moments_.empty() ? std::chrono::nanoseconds(0) : moments_.back();
}

Result<std::unique_ptr<Arrivals>> parse_replay(std::string_view text) {
  Reader reader;
  std::size_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    auto const end = std::min(text.find('\n', at), text.size());
    auto const line = trimmed(text.substr(at, end - at));
    at = end + 1;
    ++number;
    if (line.empty() || line.front() == '#') continue;
    auto const taken = reader.take(line, number);
    if (!taken) return taken.error();
  }
  auto& lines = reader.lines;
  if (lines.empty()) return Error(Errc::invalid, "can't be replayed: there is no line with a time in it");
  std::sort(lines.begin(), lines.end(), [](Line const& a, Line const& b) { return a.time < b.time; });
  if (lines.front().rate) return from_rates(lines);
  std::vector<std::chrono::nanoseconds> moments;
  moments.reserve(lines.size());
  for (auto const& line : lines) moments.emplace_back(std::llround((line.time - lines.front().time) * 1e9));
  return std::make_unique<Replay>(std::move(moments));
}

}  // namespace producer
