#include "app/metrics/sheet.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>

namespace app {

namespace {

std::string escaped(std::string_view text, bool quotes) {
  std::string made;
  for (char const c : text) {
    if (c == '\n') {
      made += "\\n";
    } else {
      if (c == '\\' || (quotes && c == '"')) made += '\\';
      made += c;
    }
  }
  return made;
}

std::string written(Labels const& labels) {
  std::string text;
  for (auto const& [name, value] : labels) {
    if (value.empty()) continue;
    if (!text.empty()) text += ',';
    text += name;
    text += "=\"" + escaped(value, true) + '"';
  }
  return text;
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 32> text{};
  // 0.0005 rather than 5e-04, which people have to read in bounds.
  bool const plain = value == 0 || (std::abs(value) >= 1e-6 && std::abs(value) < 1e15);
  auto const format = plain ? std::chars_format::fixed : std::chars_format::general;
  auto const end = std::to_chars(text.data(), text.data() + text.size(), value, format).ptr;
  return {text.data(), end};
}

void line(std::string& out, std::string_view name, std::string_view suffix, std::string const& labels,
          std::string const& value) {
  out += name;
  out += suffix;
  if (!labels.empty()) out += '{' + labels + '}';
  out += ' ' + value + '\n';
}

std::string_view word(Kind kind) {
  return kind == Kind::counter ? "counter" : kind == Kind::gauge ? "gauge" : "histogram";
}

}  // namespace

Sheet::Sheet(std::span<Family const> families) {
  for (auto const& family : families) entries_.push_back({family, {}, {}});
}

Sheet::Entry& Sheet::entry(std::string_view name) {
  for (auto& one : entries_)
    if (one.family.name == name) return one;
  throw std::logic_error("no such metric: " + std::string(name));
}

void Sheet::add(std::string_view name, Labels const& labels, double value) {
  entry(name).values[written(labels)] += value;
}

void Sheet::add(std::string_view name, Labels const& labels, base::Timings const& timings) {
  auto& buckets = entry(name).buckets[written(labels)];
  auto const counts = timings.buckets();
  buckets.counts.resize(counts.size());
  if (buckets.bounds.empty())
    for (auto const bound : timings.bounds())
      buckets.bounds.push_back(std::chrono::duration<double>(bound).count());
  for (std::size_t i = 0; i < counts.size(); ++i) buckets.counts[i] += counts[i];
  buckets.sum += timings.seconds();
}

std::string Sheet::text() const {
  std::string out;
  for (auto const& [family, values, buckets] : entries_) {
    out += "# HELP " + std::string(family.name) + ' ' + escaped(family.help, false) + '\n';
    out += "# TYPE " + std::string(family.name) + ' ' + std::string(word(family.kind)) + '\n';
    for (auto const& [labels, value] : values) line(out, family.name, "", labels, number(value));
    for (auto const& [labels, one] : buckets) {
      std::uint64_t count = 0;
      for (std::size_t i = 0; i < one.counts.size(); ++i) {
        count += one.counts[i];
        auto const bound = i < one.bounds.size() ? number(one.bounds[i]) : std::string("+Inf");
        line(out, family.name, "_bucket", labels + (labels.empty() ? "" : ",") + "le=\"" + bound + '"',
             std::to_string(count));
      }
      line(out, family.name, "_sum", labels, number(one.sum));
      line(out, family.name, "_count", labels, std::to_string(count));
    }
  }
  return out;
}

double Sheet::total(std::string_view name) const {
  double sum = 0;
  for (auto const& one : entries_)
    if (one.family.name == name)
      for (auto const& [labels, value] : one.values) sum += value;
  return sum;
}

}  // namespace app
