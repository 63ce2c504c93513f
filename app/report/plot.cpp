#include "app/report/plot.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>

namespace app {

namespace {

constexpr double width = 720;
constexpr double height = 240;
constexpr double left = 56;
constexpr double right = 12;
constexpr double top = 12;
constexpr double bottom = 28;

struct Scale {
  double low;
  double high;
  bool logarithmic;
  double at;      // where `low` is drawn
  double length;  // negative: upwards

  double operator()(double value) const {
    double const share = logarithmic ? std::log(std::max(value, low) / low) / std::log(high / low)
                                     : (value - low) / (high - low);
    return at + share * length;
  }
};

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", value);
  return text.data();
}

// 1500 → "1.5k", 0.25 → "0.25".
std::string label(double value) {
  static constexpr std::array<std::pair<double, char const*>, 3> units{{{1e9, "G"}, {1e6, "M"}, {1e3, "k"}}};
  std::array<char, 32> text{};
  for (auto const& [size, name] : units)
    if (std::abs(value) >= size) {
      std::snprintf(text.data(), text.size(), "%.4g%s", value / size, name);
      return text.data();
    }
  std::snprintf(text.data(), text.size(), "%.4g", value);
  return text.data();
}

std::vector<double> decades(double low, double high) {
  std::vector<double> all;
  for (double each = low; each <= high * 1.0001; each *= 10) all.push_back(each);
  return all;
}

// The range of all values; empty where there is none.
std::vector<double> range_of(Plot const& plot) {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (auto const& line : plot.lines)
    for (double const value : line.values) {
      if (std::isnan(value)) continue;
      low = std::min(low, value);
      high = std::max(high, value);
    }
  if (low > high) return {};
  return {low, high};
}

Scale vertical(Plot const& plot, std::vector<double> const& range) {
  double const at = height - bottom;
  double const length = top + bottom - height;
  if (!plot.logarithmic) return {0, std::max(range[1] * 1.05, 1e-9), false, at, length};
  double const low = std::pow(10, std::floor(std::log10(std::max(range[0], 1e-3))));
  double const high = std::pow(10, std::ceil(std::log10(std::max(range[1], low * 10) * 1.0001)));
  return {low, high, true, at, length};
}

std::string path_of(Plot const& plot, Plot::Line const& line, Scale const& x, Scale const& y) {
  std::string path;
  bool drawing = false;
  for (std::size_t i = 0; i < plot.times.size(); ++i) {
    if (std::isnan(line.values[i])) {
      drawing = false;
      continue;
    }
    path += (drawing ? 'L' : 'M') + number(x(plot.times[i])) + ' ' + number(y(line.values[i]));
    // A point between two gaps is a line of no length: the round cap shows it.
    if (!drawing) path += "h0";
    drawing = true;
  }
  return path;
}

std::string grid(Scale const& x, Scale const& y) {
  std::string text;
  for (double const each : y.logarithmic ? decades(y.low, y.high) : marks(y.low, y.high)) {
    auto const at = number(y(each));
    text += "<line class=\"grid\" x1=\"" + number(left) + "\" x2=\"" + number(width - right) + "\" y1=\"" +
            at + "\" y2=\"" + at + "\"/><text class=\"tick\" text-anchor=\"end\" x=\"" + number(left - 6) +
            "\" y=\"" + number(y(each) + 4) + "\">" + label(each) + "</text>";
  }
  for (double const each : marks(x.low, x.high))
    text += "<text class=\"tick\" text-anchor=\"middle\" x=\"" + number(x(each)) + "\" y=\"" +
            number(height - 8) + "\">" + label(each) + " s</text>";
  return text;
}

// Without a "<" data can neither end its script element nor begin a comment in it.
std::string embedded(nlohmann::ordered_json const& json) {
  auto text = json.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
  for (std::size_t at = 0; (at = text.find('<', at)) != text.npos;) text.replace(at, 1, "\\u003c");
  return text;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string safe;
  for (char const c : text) {
    switch (c) {
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '&':
        safe += "&amp;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

std::vector<double> marks(double low, double high) {
  double const rough = std::max((high - low) / 5, 1e-9);
  double const power = std::pow(10, std::floor(std::log10(rough)));
  double step = power * 10;
  for (double const each : {1.0, 2.0, 5.0})
    if (each * power >= rough) {
      step = each * power;
      break;
    }
  std::vector<double> all;
  for (double i = std::ceil(low / step); i * step <= high * (1 + 1e-9); ++i) all.push_back(i * step);
  return all;
}

std::string figure(Plot const& plot) {
  std::string text =
      "<figure id=\"" + escaped(plot.id) + "\"><figcaption>" + escaped(plot.title) + "</figcaption>";
  auto const range = range_of(plot);
  if (plot.times.empty() || range.empty()) return text + "<p class=\"none\">nothing to show</p></figure>\n";
  Scale const x{0, std::max(plot.times.back(), 1e-9), false, left, width - left - right};
  Scale const y = vertical(plot, range);
  text += "<svg viewBox=\"0 0 " + number(width) + ' ' + number(height) + "\" role=\"img\" aria-label=\"" +
          escaped(plot.title) + "\" data-left=\"" + number(left) + "\" data-right=\"" +
          number(width - right) + "\">" + grid(x, y);
  std::string legend;
  nlohmann::ordered_json data{{"times", plot.times}, {"lines", nlohmann::ordered_json::object()}};
  for (std::size_t i = 0; i < plot.lines.size(); ++i) {
    auto const& line = plot.lines[i];
    // What was asked for lies below what was done, which mostly hides it.
    auto const style = "line c" + std::to_string(i % 6) + (line.name == "asked" ? " wide" : "");
    text += "<path class=\"" + style + "\" data-name=\"" + escaped(line.name) + "\" d=\"" +
            path_of(plot, line, x, y) + "\"/>";
    legend += "<li><span class=\"" + style + "\"></span>" + escaped(line.name) + "</li>";
    data["lines"][line.name] = line.values;
  }
  text += "<line class=\"cursor\" y1=\"" + number(top) + "\" y2=\"" + number(height - bottom) +
          "\"/></svg><ul class=\"legend\">" + legend + "</ul><p class=\"reading\" aria-live=\"polite\"></p>";
  if (!plot.note.empty()) text += "<p class=\"note\">" + escaped(plot.note) + "</p>";
  return text + "<script type=\"application/json\">" + embedded(data) + "</script></figure>\n";
}

}  // namespace app
