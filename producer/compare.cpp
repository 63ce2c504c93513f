#include "producer/compare.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <system_error>

#include "app/summary.hpp"

namespace producer {

using base::Errc;
using base::Error;
using base::Result;
using Json = nlohmann::ordered_json;

namespace {

constexpr std::size_t largest = 16 << 20;  // bytes: a summary of a long search is a few thousand

bool is_figure(Json const& value) { return value.is_number() || value.is_null(); }

std::optional<double> number(Json const& value) {
  if (value.is_number()) return value.get<double>();
  return std::nullopt;
}

Compared& place(std::vector<Compared>& all, std::string const& group, std::string const& name) {
  auto const found = std::find_if(
      all.begin(), all.end(), [&](Compared const& each) { return each.group == group && each.name == name; });
  if (found != all.end()) return *found;
  // Beside its own kind, should only the second summary have it.
  auto const last =
      std::find_if(all.rbegin(), all.rend(), [&](Compared const& each) { return each.group == group; });
  return *all.insert(last == all.rend() ? all.end() : last.base(), Compared{group, name, {}, {}});
}

void take(std::vector<Compared>& all, Json const& values, std::string const& group,
          std::optional<double> Compared::* side) {
  for (auto const& [name, value] : values.items()) {
    if (is_figure(value))
      place(all, group, name).*side = number(value);
    else if (value.is_object())
      take(all, value, group.empty() ? name : group + '.' + name, side);
  }
}

std::string shown(std::optional<double> value) {
  if (!value) return "–";
  bool const whole = *value == std::floor(*value) && std::abs(*value) < 1e15;
  if (*value < 0) return "-" + shown(-*value);
  return whole ? app::grouped(static_cast<std::uint64_t>(*value)) : app::rounded(*value);
}

std::string shown_percent(std::optional<double> value) {
  if (!value) return "";
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%+.1f %%", *value);
  return text.data();
}

std::size_t width_of(std::string const& text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string right(std::string const& text, std::size_t width) {
  return std::string(width - std::min(width, width_of(text)), ' ') + text;
}

std::string heading(Summary const& summary) {
  auto const run = summary.values.find("run");
  return run != summary.values.end() && run->is_string()
             ? summary.name + " (run " + run->get<std::string>() + ')'
             : summary.name;
}

}  // namespace

Result<Summary> load_summary(std::string const& path) {
  auto const complaint = [&path](std::string const& what) { return Error(Errc::invalid, path + ' ' + what); };
  std::ifstream file(path, std::ios::binary);
  std::string text(largest, '\0');
  if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file && !file.eof()) return complaint("can't be read: " + std::generic_category().message(errno));
  text.resize(static_cast<std::size_t>(file.gcount()));
  auto values = Json::parse(text, nullptr, false);
  std::vector<Compared> figures;
  if (values.is_object()) take(figures, values, "", &Compared::a);
  if (figures.empty())
    return complaint(
        "is not one summary: write it by `producer --output json … > FILE`, or the consumer's alike");
  return Summary{path, std::move(values)};
}

std::optional<double> Compared::percent() const {
  if (!a || !b || *a == 0) return std::nullopt;
  return (*b - *a) / std::abs(*a) * 100;
}

std::vector<Compared> compare(Summary const& a, Summary const& b) {
  std::vector<Compared> all;
  take(all, a.values, "", &Compared::a);
  take(all, b.values, "", &Compared::b);
  return all;
}

std::string compared_text(Summary const& a, Summary const& b, std::vector<Compared> const& figures) {
  std::vector<std::array<std::string, 4>> rows{{"", "A", "B", "from A to B"}};
  for (auto const& each : figures)
    rows.push_back({each.group.empty() ? each.name : each.group + ' ' + each.name, shown(each.a),
                    shown(each.b), shown_percent(each.percent())});
  std::array<std::size_t, 4> widths{};
  for (auto const& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  std::string text = "A  " + heading(a) + "\nB  " + heading(b) + '\n';
  for (auto const& row : rows) {
    std::string line = row[0] + std::string(widths[0] - width_of(row[0]), ' ');
    for (std::size_t i = 1; i < row.size(); ++i) line += "   " + right(row[i], widths[i]);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

Json compared_json(Summary const& a, Summary const& b, std::vector<Compared> const& figures) {
  Json json;
  for (auto const& [key, summary] : {std::pair("a", &a), std::pair("b", &b)}) {
    json[key]["file"] = summary->name;
    for (auto const* name : {"run", "queue"})
      if (summary->values.contains(name) && summary->values[name].is_string())
        json[key][name] = summary->values[name];
  }
  auto const value = [](std::optional<double> const& number) { return number ? Json(*number) : Json(); };
  for (auto const& each : figures) {
    auto& there = each.group.empty() ? json["figures"][each.name] : json["figures"][each.group][each.name];
    there["a"] = value(each.a);
    there["b"] = value(each.b);
    there["difference"] = each.a && each.b ? Json(*each.b - *each.a) : Json();
    auto const percent = each.percent();
    there["percent"] = percent ? Json(app::round_to(*percent, 2)) : Json();
  }
  return json;
}

}  // namespace producer
