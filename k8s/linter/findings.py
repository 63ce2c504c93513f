"""What a rule says."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Finding:
    file: str
    object: str
    rule: str
    finding: str  # one sentence: what is wrong
    todo: str  # one sentence: what to do

    def text(self):
        return f"{self.file}: {self.object}: {self.finding}\n    {self.todo} [{self.rule}]"

    def json(self):
        return asdict(self)


def at(manifest, rule, finding, todo):
    return Finding(manifest.file, str(manifest), rule, finding, todo)


def wrong_shape(manifest, error):
    return at(manifest, "wrong-shape", f"something in it has not the shape of its kind ({error}), so it cannot be judged.",
              "Compare it with the kind's reference: kubectl explain, or kubectl apply --dry-run=server.")


def span(seconds):
    """12.0 is "12 s"."""
    return f"{seconds:g} s"
