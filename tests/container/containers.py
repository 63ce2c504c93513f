"""Containers of the project's images, run as a careful cluster runs them: little memory and CPU, nothing writable, no
capability, no user but the image's."""

import json
import subprocess
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "e2e"))

import edw  # noqa: E402 # from the folder named above

HERE = Path(__file__).resolve().parent
PODMAN = HERE / "podman"
CONFINED = ["--read-only", "--read-only-tmpfs=false", "--user=65532:65532", "--cap-drop=ALL", "--security-opt=no-new-privileges"]
LIMITS = ["--memory=128m", "--cpus=0.5"]


def podman(*arguments, check=True):
    """What the command prints."""
    done = subprocess.run([PODMAN, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if check and done.returncode != 0:
        raise AssertionError(f"podman {' '.join(map(str, arguments))}\n{done.stderr[-3000:]}\nThe images: tests/container/images")
    return done.stdout


def inspected(image):
    return json.loads(podman("image", "inspect", image))[0]


class Container:
    """A container in flight. `running` is the podman command in the foreground, whose output and code are the program's."""

    def __init__(self, name, running):
        self.name, self.running = name, running

    @property
    def err(self):
        return self.running.err

    def send(self, signal_number):
        """To the program, which is the container's PID 1."""
        podman("kill", "--signal", signal_number.name, self.name)

    def wait(self, limit=edw.LIMIT):
        return self.running.wait(limit)


class Case(edw.Case):
    def container(self, image, *arguments, env=None, network="host", options=()):
        """Starts one. Values of its environment stay out of podman's arguments."""
        name = edw.unique("edw-")
        self.addCleanup(podman, "rm", "--force", "--ignore", "--time=0", name)
        variables = {name: value for name, value in {**self.env, **(env or {})}.items() if name not in ("PATH", "HOME", "LANG")}
        running = self.start(
            str(PODMAN), "run", "--rm", f"--name={name}", "--pull=never", f"--network={network}", *CONFINED, *LIMITS, *options,
            *(f"--env={variable}" for variable in variables), image, *arguments, env=variables)
        return Container(name, running)

    def run_container(self, image, *arguments, code=0, **options):
        """Runs one to its end, which must come with this exit code."""
        ended = self.container(image, *arguments, **options).wait()
        self.assertEqual(ended.code, code, str(ended))
        return ended


def main():
    edw.main()
