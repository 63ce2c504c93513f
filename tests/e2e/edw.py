"""Drive the built programs as a user does: arguments, environment, a folder of their own, and what comes out."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest
import uuid
from pathlib import Path

BIN = Path(os.environ.get("EDW_BIN", Path(__file__).resolve().parents[2] / "build/dev/bin"))
LIMIT = 120  # seconds until a program that should have ended counts as hanging
CRASHES = ("AddressSanitizer", "LeakSanitizer", "runtime error:", "terminate called", "Assertion")


def setting(name):
    """A variable that tests/emulators/up sets."""
    try:
        return os.environ[name]
    except KeyError:
        raise AssertionError(f"{name} is not set: use ./test.sh, or tests/emulators/up --env FILE and . FILE") from None


def unique(prefix=""):
    return f"{prefix}{uuid.uuid4().hex[:12]}"


def wait_for(condition, what, limit=LIMIT):
    """The condition's first true value; asks again and again, and fails when the limit is over."""
    pause = threading.Event()
    deadline = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {limit} s in vain: {what}")
        pause.wait(0.01)


class Ended:
    """A program that has ended: its code and its words."""

    def __init__(self, arguments, code, out, err):
        self.arguments, self.code, self.out, self.err = arguments, code, out, err

    @property
    def json(self):
        """The summary, which must be all that stands on stdout: one JSON object on one line."""
        assert self.out.count("\n") == 1, f"not one line on stdout: {self}"
        return json.loads(self.out)

    @property
    def sentences(self):
        """The lines on stderr that are not log lines, which are JSON where stderr is no terminal."""
        return [line for line in self.err.splitlines() if not line.startswith("{")]

    def __str__(self):
        return f"{' '.join(self.arguments)}\nexit {self.code}\nstdout: {self.out[-3000:]}\nstderr: {self.err[-3000:]}"


class Running:
    """A program in flight. Its output goes to files, so that it never blocks on a full pipe."""

    def __init__(self, arguments, folder, env, **options):
        self.arguments = arguments
        self._files = [tempfile.NamedTemporaryFile(dir=folder, prefix=f".{name}-") for name in ("out", "err")]
        self.process = subprocess.Popen(
            [str(BIN / arguments[0]), *arguments[1:]], cwd=folder, env=env,
            stdin=subprocess.DEVNULL, stdout=self._files[0], stderr=self._files[1], **options,
        )

    def text(self, index):
        return Path(self._files[index].name).read_text(errors="replace")

    @property
    def err(self):
        return self.text(1)

    def send(self, signal_number):
        self.process.send_signal(signal_number)

    def wait(self, limit=LIMIT):
        try:
            code = self.process.wait(limit)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"did not end within {limit} s: {' '.join(self.arguments)}\n{self.err[-3000:]}") from None
        ended = Ended(self.arguments, code, self.text(0), self.text(1))
        if any(word in ended.err for word in CRASHES) or code in (-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS):
            raise AssertionError(f"crashed: {ended}")
        return ended

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Case(unittest.TestCase):
    """A test with a folder of its own and an environment that holds nothing but what the test says."""

    maxDiff = None

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="edw-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.env = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LANG": "C.UTF-8",
                    # A credential chain asks no address outside this machine.
                    "AWS_EC2_METADATA_DISABLED": "true", "AZURE_POD_IDENTITY_AUTHORITY_HOST": "http://127.0.0.1:9"}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
            if name in os.environ:
                self.env[name] = os.environ[name]

    def start(self, program, *arguments, env=None, **options):
        running = Running([program, *map(str, arguments)], self.folder, {**self.env, **(env or {})}, **options)
        self.addCleanup(running.stop)
        return running

    def run_program(self, program, *arguments, code=0, env=None, limit=LIMIT, **options):
        """Run it to its end, which must come with this exit code (any of them where it is a tuple)."""
        ended = self.start(program, *arguments, env=env, **options).wait(limit)
        expected = code if isinstance(code, tuple) else (code,)
        self.assertIn(ended.code, expected, str(ended))
        return ended

    def producer(self, *arguments, **options):
        return self.run_program("producer", *arguments, "--output", "json", **options)

    def consumer(self, *arguments, **options):
        return self.run_program("consumer", *arguments, "--output", "json", **options)

    def audit(self, run, *arguments, **options):
        return self.producer("audit", "--run", run, *arguments, **options)

    def assert_clean(self, audit, expected):
        """The audit's own words: all there, once, whole."""
        found = audit.json
        self.assertEqual((found["expected"], found["found"]), (expected, expected), str(audit))
        self.assertEqual([found[key] for key in ("missing", "duplicated", "corrupt", "unexpected")], [0, 0, 0, 0], str(audit))
        self.assertEqual(found["missing_seq"], [])

    def manifest(self, run):
        return json.loads((self.folder / "runs" / f"{run}.json").read_text())


def main():
    unittest.main(verbosity=2)
