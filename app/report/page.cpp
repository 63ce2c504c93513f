#include "app/report/page.hpp"

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace app {

using base::Errc;
using base::Error;
using base::Result;

namespace {

constexpr char const* style = R"(
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --rule: #d8dee4; --ground: #ffffff;
  --c0: #0b62c4; --c1: #c2410c; --c2: #15803d; --c3: #7c3aed; --c4: #b91c1c; --c5: #0f766e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9198a1; --rule: #30363d; --ground: #0d1117;
  --c0: #58a6ff; --c1: #ffa657; --c2: #56d364; --c3: #bc8cff; --c4: #ff7b72; --c5: #39c5cf; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1.5rem 1rem 3rem; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.35rem; font-weight: 600; margin: 0 0 1rem; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: 0 0 1.5rem; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
main { display: grid; gap: 1.75rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 32rem), 1fr)); }
figure { margin: 0; min-width: 0; } figcaption { font-weight: 600; margin-bottom: .25rem; }
svg { display: block; width: 100%; height: auto; } .grid { stroke: var(--rule); stroke-width: 1; }
.tick { fill: var(--soft); font: 11px system-ui, sans-serif; }
path.line { fill: none; stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round; }
path.wide { stroke-width: 7; opacity: .35; }
.c0 { stroke: var(--c0); background: var(--c0); } .c1 { stroke: var(--c1); background: var(--c1); }
.c2 { stroke: var(--c2); background: var(--c2); } .c3 { stroke: var(--c3); background: var(--c3); }
.c4 { stroke: var(--c4); background: var(--c4); } .c5 { stroke: var(--c5); background: var(--c5); }
.cursor { stroke: var(--soft); stroke-dasharray: 3 3; visibility: hidden; }
.legend { display: flex; flex-wrap: wrap; gap: .1rem 1rem; list-style: none; margin: .25rem 0 0; padding: 0; }
.legend span { display: inline-block; width: 1em; height: 3px; margin-right: .4em; vertical-align: middle; }
.table { overflow-x: auto; margin-top: 1.75rem; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { font-weight: 600; text-align: left; margin-bottom: .25rem; } th { color: var(--soft); font-weight: 400; text-align: left; }
th, td { padding: .1rem 1.25rem .1rem 0; white-space: nowrap; border-bottom: 1px solid var(--rule); }
.reading { min-height: 1.5em; } .reading, .note, .none, footer { color: var(--soft); margin: .1rem 0 0; font-size: .9em;
  font-variant-numeric: tabular-nums; }
)";

// The values below the pointer. Without scripts the page still shows every plot.
constexpr char const* script = R"(
for (const figure of document.querySelectorAll('figure')) {
  const svg = figure.querySelector('svg');
  if (!svg) continue;
  const data = JSON.parse(figure.querySelector('script').textContent);
  const cursor = svg.querySelector('.cursor'), reading = figure.querySelector('.reading');
  const left = +svg.dataset.left, right = +svg.dataset.right, end = data.times[data.times.length - 1];
  const say = v => v === null ? '–' : v >= 100 ? Math.round(v).toLocaleString('en') : +v.toPrecision(3);
  svg.addEventListener('pointermove', event => {
    const box = svg.getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width * svg.viewBox.baseVal.width;
    const t = (x - left) / (right - left) * end;
    let i = data.times.findIndex(each => each >= t);
    if (i < 0) i = data.times.length - 1;
    const at = left + data.times[i] / end * (right - left);
    cursor.setAttribute('x1', at); cursor.setAttribute('x2', at); cursor.style.visibility = 'visible';
    reading.textContent = say(data.times[i]) + ' s: ' +
      Object.entries(data.lines).map(([name, values]) => name + ' ' + say(values[i])).join(', ');
  });
  svg.addEventListener('pointerleave', () => { cursor.style.visibility = 'hidden'; reading.textContent = ''; });
}
)";

Result<void> write(std::string const& path, std::string const& text) {
  auto const complaint = [&path](int code) {
    return Error(Errc::invalid, path + " can't be written: " + std::generic_category().message(code));
  };
  std::FILE* const file = std::fopen(path.c_str(), "we");
  if (file == nullptr) return complaint(errno);
  bool const written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  int const code = errno;
  if (std::fclose(file) != 0) return complaint(errno);
  if (!written) return complaint(code);
  return {};
}

}  // namespace

namespace {

std::string cells(std::vector<std::string> const& texts, std::string const& tag) {
  std::string text = "<tr>";
  for (auto const& each : texts) text += '<' + tag + '>' + escaped(each) + "</" + tag + '>';
  return text + "</tr>";
}

std::string table_of(Table const& table) {
  std::string text = "<div class=\"table\"><table id=\"" + escaped(table.id) + "\"><caption>" +
                     escaped(table.title) + "</caption>" + cells(table.head, "th");
  for (auto const& row : table.rows) text += cells(row, "td");
  return text + "</table></div>\n";
}

}  // namespace

std::string html(Page const& page) {
  std::string text =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
      "script-src 'unsafe-inline'\"><title>" +
      escaped(page.title) + "</title><style>" + style + "</style></head><body><h1>" + escaped(page.title) +
      "</h1>\n<dl>";
  for (auto const& [name, value] : page.facts)
    text += "<dt>" + escaped(name) + "</dt><dd>" + escaped(value) + "</dd>";
  text += "</dl>\n<main>\n";
  for (auto const& plot : page.plots) text += figure(plot);
  text += "</main>\n";
  for (auto const& table : page.tables) text += table_of(table);
  return text + "<script>" + script + "</script></body></html>\n";
}

Result<void> reserve_page(std::string const& path, std::string const& title) {
  return write(path,
               html({title, {{"state", "the run still goes on; this page is written when it ends"}}, {}}));
}

Result<void> write_page(std::string const& path, Page const& page) {
  auto written = write(path, html(page));
  if (written) return {};
  auto error = written.error();
  error.code = Errc::transient;
  return error;
}

}  // namespace app
