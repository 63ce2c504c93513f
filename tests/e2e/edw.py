"""Drive the built programs as a user does: arguments, environment, a folder of their own, and what comes out."""

import json
import os
import re
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
# What a key or a token does to a request, and every JSON Web Token.
SIGNATURES = re.compile(r"SharedKey(Lite)? \w+:[A-Za-z0-9+/]{20}|Signature=[0-9a-f]{64}|Bearer \S{20}|[?&]sig=[^&\s\"]{20}"
                        r"|eyJ[\w-]{10,}\.[\w-]{10,}")
SECRET_VARIABLES = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN", "AZURE_CLIENT_SECRET")
SECRET_FILES = ("AZURE_FEDERATED_TOKEN_FILE", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")


def secrets_of(env):
    """Every secret that this environment gives a program."""
    found = [env[name] for name in SECRET_VARIABLES if name in env]
    found += re.findall(r"(?:AccountKey|sig)=([^;&]+)", env.get("AZURE_STORAGE_CONNECTION_STRING", ""))
    for name in SECRET_FILES:
        if name in env and Path(env[name]).is_file():
            found.append(Path(env[name]).read_text(errors="replace").strip())
    return [secret for secret in found if len(secret) >= 8]


def command_lines(pid):
    """That of the process and of all that it started, as anybody on the machine can read them."""
    found = []
    try:
        found.append(Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace"))
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += command_lines(int(child))
    except OSError:
        pass  # it has ended meanwhile
    return found


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

    def __init__(self, arguments, folder, env, secrets=(), wrap=(), **options):
        self.arguments = arguments
        self._secrets, self._more_secrets = secrets_of(env), secrets
        self._files = [tempfile.NamedTemporaryFile(dir=folder, prefix=f".{name}-") for name in ("out", "err")]
        self.process = subprocess.Popen(
            [*wrap, str(BIN / arguments[0]), *arguments[1:]], cwd=folder, env=env,
            stdin=subprocess.DEVNULL, stdout=self._files[0], stderr=self._files[1], **options,
        )
        self._command_lines = set(command_lines(self.process.pid))

    def text(self, index):
        return Path(self._files[index].name).read_text(errors="replace")

    @property
    def err(self):
        return self.text(1)

    def send(self, signal_number):
        self.process.send_signal(signal_number)

    def _wait(self, limit):
        """The exit code; None where the limit passed. Looks at the command lines meanwhile."""
        deadline = time.monotonic() + limit
        while time.monotonic() < deadline:
            self._command_lines.update(command_lines(self.process.pid))
            try:
                return self.process.wait(0.1)
            except subprocess.TimeoutExpired:
                pass
        return None

    def check_for_secrets(self):
        """Neither in the output nor in any command line stands a secret, or what was made with one."""
        seen = "\n".join([self.text(0), self.text(1), *self._command_lines])
        for secret in {*self._secrets, *self._more_secrets}:
            if secret in seen:
                around = seen.index(secret)
                raise AssertionError(f"a secret was shown after: {seen[max(0, around - 300):around]!r}")
        if found := SIGNATURES.search(seen):
            raise AssertionError(f"a signature or token was shown after: {seen[max(0, found.start() - 300):found.start()]!r}")

    def wait(self, limit=LIMIT):
        code = self._wait(limit)
        if code is None:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"did not end within {limit} s: {' '.join(self.arguments)}\n{self.err[-3000:]}") from None
        self.check_for_secrets()
        ended = Ended(self.arguments, code, self.text(0), self.text(1))
        if any(word in ended.err for word in CRASHES) or code in (-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS):
            raise AssertionError(f"crashed: {ended}")
        return ended

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.check_for_secrets()

    def close(self):
        """Its output is gone then."""
        for file in self._files:
            file.close()


class Case(unittest.TestCase):
    """A test with a folder of its own and an environment that holds nothing but what the test says."""

    maxDiff = None

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="edw-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.secrets = []  # what no program may show, besides what stands in its environment
        self.env = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LANG": "C.UTF-8",
                    # A credential chain asks no address outside this machine.
                    "AWS_EC2_METADATA_DISABLED": "true", "AZURE_POD_IDENTITY_AUTHORITY_HOST": "http://127.0.0.1:9",
                    # Everything is logged, so that every run also shows that no secret is.
                    "EDW_LOG_LEVEL": "trace"}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
            if name in os.environ:
                self.env[name] = os.environ[name]

    def start(self, program, *arguments, env=None, **options):
        running = Running([program, *map(str, arguments)], self.folder, {**self.env, **(env or {})}, self.secrets, **options)
        self.addCleanup(running.close)
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
