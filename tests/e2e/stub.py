"""The stub cloud (bench/stub): both clouds on loopback, in memory, that count what they are sent."""

import json
import re
import subprocess
import urllib.request

import edw


class Stub:
    """One running stub. `env` makes the programs use it."""

    def __init__(self, folder, *options, scheme="http"):
        files = ["--ca-file", folder / "stub-ca.pem", "--env", folder / "stub.env", "--scheme", scheme]
        self.process = subprocess.Popen([str(word) for word in (edw.BIN / "stub_cloud", *files, *options)],
                                        stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError("the stub cloud did not start; cmake --build --preset dev --target stub_cloud builds it")
        self.http = json.loads(line)["http"]
        self.env = dict(re.findall(r"export (\w+)='([^']*)'", (folder / "stub.env").read_text()))

    def ask(self, command):
        """One of counts, reset, rewind, set?…, stall?…: the counts after it."""
        with urllib.request.urlopen(f"{self.http}/_stub/{command}", timeout=30) as reply:
            return json.load(reply)

    def stop(self):
        """Ends it; the counts that it prints then."""
        self.process.terminate()
        out, _ = self.process.communicate(timeout=30)
        assert self.process.returncode == 0, f"the stub cloud ended with exit code {self.process.returncode}"
        return json.loads(out)
