"""Lines over a scale as SVG, light or dark as the reader prefers."""

import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 340, 66, 190, 40, 46
COLOURS = ("#0b6e4f", "#b3541e", "#2f6fb0", "#8a4fa3", "#8a8a2a", "#777777")
STYLE = """
    .ground { fill: #ffffff } .grid { stroke: #d8dee4 } text { fill: #1b1f24; font: 12px sans-serif } .small { font-size: 11px }
    @media (prefers-color-scheme: dark) { .ground { fill: #0d1117 } .grid { stroke: #30363d } text { fill: #e6edf3 } }
"""


def short(value):
    for size, name in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{name}"
    return f"{value:g}"


class Scale:
    """From values to pixels; `log` for a logarithmic one, on which nothing is below its least."""

    def __init__(self, values, begin, end, log):
        positive = [value for value in values if value > 0] or [1.0]
        self.log, self.begin, self.end = log, begin, end
        if log:
            self.least, self.most = math.floor(math.log10(min(positive))), math.ceil(math.log10(max(positive)) + 1e-9)
            self.most = max(self.most, self.least + 1)
            self.ticks = [10.0**power for power in range(self.least, self.most + 1)]
        else:
            step = 10 ** math.floor(math.log10(max(positive) / 2))
            step *= next(times for times in (1, 2, 5, 10) if max(positive) / (step * times) <= 6)
            self.least, self.most = 0, math.ceil(max(positive) / step) * step
            self.ticks = [step * i for i in range(round(self.most / step) + 1)]

    def __call__(self, value):
        at = (math.log10(max(value, 10.0**self.least)) if self.log else value) - self.least
        return self.begin + (self.end - self.begin) * at / (self.most - self.least)


def apart(wanted):
    """Heights of labels, ascending, that do not touch and stay within the frame."""
    found = []
    for at in wanted:
        found.append(max(at, TOP + 4, found[-1] + 15 if found else 0))
    least = HEIGHT - BOTTOM
    for index in reversed(range(len(found))):
        found[index] = min(found[index], least)
        least = found[index] - 15
    return found


def lines(title, across, up, series, log_x=True, log_y=True, steps=False):
    """`series`: (name, [(x, y)]). With `steps`, a value stays until the next one."""
    x = Scale([point[0] for _, points in series for point in points], LEFT, WIDTH - RIGHT, log_x)
    y = Scale([point[1] for _, points in series for point in points], HEIGHT - BOTTOM, TOP, log_y)
    parts = [f'<line class="grid" x1="{x(tick):.1f}" x2="{x(tick):.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>'
             f'<text class="small" x="{x(tick):.1f}" y="{HEIGHT - BOTTOM + 15}" text-anchor="middle">{short(tick)}</text>' for tick in x.ticks]
    parts += [f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(tick):.1f}" y2="{y(tick):.1f}"/>'
              f'<text class="small" x="{LEFT - 6}" y="{y(tick) + 4:.1f}" text-anchor="end">{short(tick)}</text>' for tick in y.ticks]
    ends = []
    for index, (name, points) in enumerate(series):
        colour = COLOURS[index % len(COLOURS)]
        path, last = [], None
        for point in points:
            if steps and point[1] == last and point != points[-1]:
                continue
            if steps and last is not None:
                path.append(f"{x(point[0]):.1f},{y(last):.1f}")
            path.append(f"{x(point[0]):.1f},{y(point[1]):.1f}")
            last = point[1]
        dash = "" if index < len(COLOURS) else ' stroke-dasharray="4 3"'
        parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2"{dash} points="{" ".join(path)}"/>')
        if not steps:
            parts += [f'<circle cx="{x(a):.1f}" cy="{y(b):.1f}" r="3" fill="{colour}"/>' for a, b in points]
        ends.append([y(points[-1][1]), name, colour])
    for (_, name, colour), at in zip(sorted(ends), apart(sorted(at for at, _, _ in ends))):
        parts.append(f'<text x="{WIDTH - RIGHT + 10}" y="{at + 4:.1f}" style="fill: {colour}">{escape(name)}</text>')
    parts.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{HEIGHT - 10}" text-anchor="middle">{escape(across)}</text>'
                 f'<text x="10" y="{TOP - 10}">{escape(up)}</text>')
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">\n  <style>{STYLE}  </style>\n'
            f'  <rect class="ground" width="100%" height="100%"/>\n  <text x="10" y="16" style="font-size: 14px">{escape(title)}</text>\n  '
            + "\n  ".join(parts) + "\n</svg>\n")
