#pragma once

#include <string>
#include <vector>

namespace app {

// Lines over time, to be drawn as one SVG.
struct Plot {
  struct Line {
    std::string name;
    std::vector<double> values;  // one for each of `times`; nan leaves a gap
  };
  std::string id;             // of the figure in the page, a word
  std::string title;          // what is shown, with its unit
  std::vector<double> times;  // seconds since the start, ascending
  std::vector<Line> lines;
  bool logarithmic = false;  // for durations, which differ by orders of magnitude
  std::string note;          // said below the plot; may be empty
};

// A <figure>: the SVG, a legend that names each line, and the data as JSON for scripts and tests. Colours
// come from the page's style. "nothing to show" where no line has a value.
std::string figure(Plot const& plot);

// `text` with <, >, & and quotes made harmless.
std::string escaped(std::string_view text);

// Where an axis from `low` to `high` has its marks: 3 to 7 round numbers.
std::vector<double> marks(double low, double high);

}  // namespace app
