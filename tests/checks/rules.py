"""Rules of the house that hold for every C++ source, as patterns: prints each line that breaks one, and exits 1."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

FOLDERS = ("base", "http", "auth", "storage", "app", "producer", "consumer")


@dataclass
class Rule:
    pattern: re.Pattern
    allowed: tuple  # path prefixes where the pattern may stand
    sentence: str


RULES = [
    Rule(re.compile(r'#\s*include\s*[<"]curl/'), ("http/curl/",), "only http/curl includes libcurl"),
    Rule(re.compile(r"\b(secure_)?getenv\b(?!\.)"), ("app/", "producer/", "consumer/"),
         "libraries take a base::Environment and never read the environment themselves"),
    Rule(re.compile(r'#\s*include\s*"\.\.?/'), (), "headers are named from the project's root"),
    Rule(re.compile(r'#\s*include\s*[<"](spdlog|CLI)/'), ("app/", "producer/", "consumer/"),
         "libraries take a log sink; command line and logging libraries stay in app"),
    Rule(re.compile(r'#\s*include\s*[<"]sqlite3'), ("storage/sqlite/",), "only storage/sqlite includes SQLite"),
    Rule(re.compile(r"SSL_VERIFY(PEER|HOST)\s*,\s*0|VERIFYPEER,\s*false|SSL_VERIFY_NONE"), (),
         "TLS is always verified"),
]


def code_of(line):
    """The line without its // comment: a rule may be spoken of."""
    return line.split("//", 1)[0] if '"' not in line else line


def broken(root):
    """Yields "path:line: sentence" for each line that breaks a rule."""
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.[ch]pp")):
            name = path.relative_to(root).as_posix()
            for number, line in enumerate(path.read_text().splitlines(), 1):
                for rule in RULES:
                    if not name.startswith(rule.allowed) and rule.pattern.search(code_of(line)):
                        yield f"{name}:{number}: {rule.sentence}: {line.strip()}"


if __name__ == "__main__":
    found = list(broken(Path(sys.argv[1])))
    print("\n".join(found))
    sys.exit(1 if found else 0)
