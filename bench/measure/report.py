"""The figures as tables for people."""

import statistics

from measure import goals, machine as machines

BEGIN, END = "<!-- made by bench/run: begin -->", "<!-- made by bench/run: end -->"


def number(value):
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def spread(values, shown=number):
    """The median, and the least and most of the repetitions."""
    if not values:
        return "–"
    middle = shown(statistics.median(values))
    return middle if len(values) == 1 else f"{middle} ({shown(min(values))}–{shown(max(values))})"


def median_of(results):
    def median(name, field):
        values = results["cases"].get(name, {}).get(field)
        return statistics.median(values) if values else None

    return median


def cases_table(results):
    lines = ["| who | backend | over | does | CPU µs a message | messages/s | resident MiB | requests a message |", "| --- | --- | --- | --- | ---: | ---: | ---: | ---: |"]
    for name, case in results["cases"].items():
        who, backend, scheme, action = name.rsplit("-", 3)
        asked = who == "wrk"
        lines.append(f"| {'wrk (a request)' if asked else who} | {backend} | {scheme} | {'–' if asked else action} | {spread(case['cpu_us'])} "
                     f"| {spread(case['rate'])} | {number(statistics.median(case['rss_mib']))} "
                     f"| {'–' if asked or backend == 'sqlite' else number(statistics.median(case['requests']))} |")
    return "\n".join(lines)


def goals_table(results):
    found = goals.all_goals(median_of(results), results["extras"])
    lines = [f"{sum(1 for goal in found if goal.met)} of {len(found)} are met.", "", "| goal | limit | figure | |", "| --- | ---: | ---: | --- |"]
    for goal in found:
        said = {True: "met", False: "**missed**", None: "not measured"}[goal.met]
        sign = "≥" if goal.at_least else "≤"
        # Requests differ from what is needed in the third digit.
        shown = number if goal.unit or goal.figure is None else "{:.3f}".format
        lines.append(f"| {goal.text} | {sign} {shown(goal.limit)} {goal.unit} | {shown(goal.figure)} {goal.unit if goal.figure is not None else ''} | {said} |")
    return "\n".join(lines)


def costs_table(results):
    extras = results["extras"]
    lines = ["| per message, https | allocations | system calls |", "| --- | ---: | ---: |"]
    for backend in ("azure", "aws"):
        for action in ("send", "consume"):
            lines.append(f"| {backend} {action} | {number(extras.get(f'allocations_{backend}_{action}'))} "
                         f"| {number(extras.get(f'system_calls_{backend}_{action}'))} |")
    return "\n".join(lines)


def whole(results, plot):
    """What stands between the marks in docs/performance.md."""
    machine = results["machine"]
    parts = [f"Measured at commit `{results['commit']}`, {results['repetitions']} repetitions interleaved, median (least–most), 600-byte messages; "
             f"{machine['cpu']}, {machine['cores']} cores, Linux {machine['kernel']}. The client has one core, the stub the other.",
             *filter(None, [machines.warning(results)]), f"![CPU of a message]({plot})", "### Goals", goals_table(results), "### Figures", cases_table(results)]
    if results["extras"]:
        parts += ["### What a message costs besides", costs_table(results),
                  f"The disk below the embedded default did {number(results['extras'].get('syncs'))} syncs of 4 KiB a second, one after the other."]
    return "\n\n".join(parts)


def put_into(text, section):
    head, rest = text.split(BEGIN, 1)
    return f"{head}{BEGIN}\n\n{section}\n\n{END}{rest.split(END, 1)[1]}"
