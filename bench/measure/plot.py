"""CPU of a message, ours beside the floor and the peers, as an SVG with a logarithmic scale."""

import math
import statistics
from xml.sax.saxutils import escape

WIDTH, ROW, LEFT, RIGHT = 760, 18, 190, 90
COLOURS = {"ours": "#0b6e4f", "wrk": "#8a8a8a"}
OTHERS = "#b3541e"


def groups(results):
    for backend in ("azure", "aws"):
        for action in ("send", "consume"):
            rows = []
            for name, case in results["cases"].items():
                who, of, scheme, does = name.rsplit("-", 3)
                if of == backend and does == action and scheme == "https" and who != "wrk":
                    rows.append((who, case["cpu_us"]))
            if rows:
                yield f"{'Azure' if backend == 'azure' else 'AWS'}, {action}", sorted(rows, key=lambda row: statistics.median(row[1]))


def draw(results):
    found = list(groups(results))
    values = [value for _, rows in found for _, row in rows for value in row] or [1.0]
    least, most = 10 ** math.floor(math.log10(min(values))), 10 ** math.ceil(math.log10(max(values) * 1.01))
    span = WIDTH - LEFT - RIGHT

    def x(value):
        return LEFT + span * math.log10(value / least) / math.log10(most / least)

    lines, y = [], 40
    for title, rows in found:
        lines.append(f'<text x="10" y="{y + 13}" font-weight="bold">{escape(title)}</text>')
        y += ROW + 4
        for who, row in rows:
            middle, colour = statistics.median(row), COLOURS.get(who, OTHERS)
            lines.append(f'<text x="{LEFT - 8}" y="{y + 12}" text-anchor="end">{escape(who)}</text>'
                         f'<rect x="{LEFT}" y="{y + 2}" width="{x(middle) - LEFT:.1f}" height="{ROW - 6}" fill="{colour}"/>'
                         f'<line x1="{x(min(row)):.1f}" x2="{x(max(row)):.1f}" y1="{y + 8}" y2="{y + 8}" stroke="#222"/>'
                         f'<text x="{x(max(row)) + 6:.1f}" y="{y + 12}">{middle:,.1f}</text>')
            y += ROW
        y += 10
    grid, tick = [], least
    while tick <= most:
        grid.append(f'<line x1="{x(tick):.1f}" x2="{x(tick):.1f}" y1="36" y2="{y}" stroke="#ddd"/>'
                    f'<text x="{x(tick):.1f}" y="{y + 16}" text-anchor="middle" fill="#666">{tick:g}</text>')
        tick *= 10
    title = "CPU of a message, µs, https, logarithmic: less is better"
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 26}" font-family="sans-serif" font-size="12" role="img" '
            f'aria-label="{title}"><rect width="100%" height="100%" fill="#fff"/><text x="10" y="20" font-size="14">{title}</text>'
            + "".join(grid) + "".join(lines) + "</svg>\n")
