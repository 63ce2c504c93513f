"""A small model of a subscription and a cluster, kept in $EDW_WORLD, for stand-ins of az, kubectl, helm and docker.

Each call is appended to calls.jsonl. What a real service would refuse is refused, with its words; what a script must
never do (make a thing twice, close the account before the queue is there) is noted in "violations".
A server, since a test makes thousands of calls; each client in bin/ sends its words and prints the answer.
$EDW_FAULT = "N:before:TEXT" or "N:after:TEXT": the Nth changing call fails with TEXT, without or with its effect.
"""

import json
import socketserver
import sys
import threading
import traceback
from pathlib import Path

import azure
import cluster


class Refused(Exception):
    """The service says no: words on stderr and an exit code."""

    def __init__(self, words, code=1):
        super().__init__(words)
        self.code = code


class Call:
    """A command line, taken apart: words before the first option, options with their values."""

    def __init__(self, program, argv):
        self.program, self.argv = program, argv
        self.words, self.options, name = [], {}, None
        for word in argv:
            if word.startswith("-") and not word[1:2].isdigit() and len(word) > 1:
                name, _, value = word.partition("=")
                self.options[name] = [value] if value else []
            elif name is None:
                self.words.append(word)
            else:
                self.options[name].append(word)

    def get(self, *names, default=None):
        for name in names:
            if self.options.get(name):
                return self.options[name][0]
        return default

    def says(self, *words):
        return self.words[:len(words)] == list(words)


class World:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.file = self.folder / "world.json"
        self.data = json.loads(self.file.read_text()) if self.file.exists() else {}
        for name, empty in (("resources", {}), ("created", []), ("violations", []), ("mutations", 0), ("lag", {}),
                            ("cluster", {}), ("images", []), ("removed", []), ("settings", {})):
            self.data.setdefault(name, empty)

    def __getattr__(self, name):
        return self.data[name]

    def refuse(self, words, code=1):
        raise Refused(words, code)

    def violate(self, words):
        self.violations.append(words)

    def lagging(self, words):
        """True as often as the test asked for: something new is not known everywhere yet."""
        left = self.lag.get(words, 0)
        self.lag[words] = max(0, left - 1)
        return left > 0

    def create(self, key, value):
        key = key.lower()
        if key in self.resources:
            self.violate(f"made twice: {key}")
        self.resources[key] = value
        self.created.append(key)

    def remove(self, key):
        key = key.lower()
        if key not in self.resources:
            self.refuse(f"ERROR: (ResourceNotFound) {key} was not found.", 3)
        for other in [name for name in self.resources if name == key or name.startswith(key + "/")]:
            del self.resources[other]
            self.removed.append(other)

    def save(self):
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps(self.data, indent=1))
        new.replace(self.file)


def answer(folder, fault, program, argv):
    """(exit code, what stdout says, what stderr says) of one call."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "calls.jsonl", "a") as calls:
        calls.write(json.dumps([program, *argv]) + "\n")
    world, call = World(folder), Call(program, argv)
    handler, changes = (azure if program == "az" else cluster).handler(call)
    number, when, text = (fault or "0:-:-").split(":", 2)
    world.data["mutations"] += changes
    hit = changes and int(number) == world.mutations
    try:
        if hit and when == "before":
            world.refuse(text)
        said = handler(world, call)
        if hit:
            world.refuse(text)
    except Refused as refused:
        return refused.code, "", f"{refused}\n"
    finally:
        world.save()
    return 0, "" if said is None else f"{said}\n", ""


class Handler(socketserver.StreamRequestHandler):
    turn = threading.Lock()

    def word(self):
        text = bytearray()
        while (byte := self.rfile.read(1)) not in (b"\0", b""):
            text += byte
        return text.decode()

    def handle(self):
        folder, fault, program, secret, *argv = [self.word() for _ in range(int(self.word()))]
        if program in ("docker", "podman") and argv[:1] == ["login"] and secret == "0":
            argv.append("(without a password on stdin)")
        try:
            with self.turn:
                code, out, err = answer(folder, fault, program, argv)
        except Exception:
            code, out, err = 70, "", f"the stand-in broke on {program} {argv}\n{traceback.format_exc()}"
        self.wfile.write(f"{code}\0{out}\0{err}\0".encode())


if __name__ == "__main__":
    socketserver.ThreadingTCPServer.daemon_threads = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_address[1], flush=True)
        sys.stdin.read()  # until whoever started this one ends
