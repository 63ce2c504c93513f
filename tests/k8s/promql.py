"""What a query of Prometheus names, and whether docs/metrics.md has it."""

import re

from chart import ROOT

WORDS = {"by", "without", "on", "ignoring", "group_left", "group_right", "and", "or", "unless", "offset", "bool", "inf", "nan"}
# Added by Prometheus when it scrapes a pod.
TARGET_LABELS = {"namespace", "pod", "instance", "job", "container"}
FOREIGN = {"up": ()}  # Prometheus's own


def documented():
    """From a metric's name, with a histogram's suffixes, to its labels, as the table in docs/metrics.md has them."""
    found = dict(FOREIGN)
    for line in (ROOT / "docs" / "metrics.md").read_text().splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) != 5 or cells[1] not in ("counter", "gauge", "histogram"):
            continue
        name, kind = cells[0].strip("`"), cells[1]
        # A label may have its values behind a colon.
        labels = {label for part in cells[2].split("`, `") for label in re.findall("[a-z_]+", part.split(":")[0])[:1]}
        labels = {label for label in re.findall("`([a-z_]+)`", re.sub(r":(?: `[^`]*`,?)+", "", cells[2]))} or labels
        for suffix in ("_bucket", "_sum", "_count") if kind == "histogram" else ("",):
            found[name + suffix] = labels | ({"le"} if suffix == "_bucket" else set())
    return found


def strange(query, known):
    """What the query names and the table has not: a sentence each."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', '""', query)
    metrics = []
    for name, matchers in re.findall(r"([a-zA-Z_:][\w:]*)\s*\{([^}]*)\}", bare):
        metrics.append(name)
        for label in re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers):
            if label not in known.get(name, ()) and label not in TARGET_LABELS:
                yield f"{name} has no label {label}: {query}"
    labels = set()
    for listed in re.findall(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)", bare):
        labels |= {label.strip() for label in listed.split(",") if label.strip()}
    rest = re.sub(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", " ", bare)
    rest = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\boffset\s+\w+", " ", rest)
    for name, call in re.findall(r"([a-zA-Z_:][\w:]*)\s*(\()?", rest):
        if not call and name not in WORDS and name not in metrics:
            metrics.append(name)
    for name in metrics:
        if name not in known:
            yield f"no metric {name}: {query}"
    if not metrics:
        yield f"no metric at all: {query}"
    for label in labels:
        if label not in TARGET_LABELS and not any(label in known.get(name, ()) for name in metrics):
            yield f"none of its metrics has the label {label}: {query}"
