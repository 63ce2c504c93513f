"""A terminal of a given size with a program in it, by tmux: what a person sees, and the keys that they press."""

import re
import shutil
import subprocess

from edw import BIN, unique, wait_for


class Tmux:
    def __init__(self, case, columns=90, lines=30):
        case.assertTrue(shutil.which("tmux"), "tmux is missing: scripts/install-test.sh installs it")
        self._case, self._size, self._name = case, (str(columns), str(lines)), unique("live-")
        case.addCleanup(self._tmux, "kill-server", check=False)

    def _tmux(self, *arguments, check=True):
        return subprocess.run(["tmux", "-L", self._name, *arguments], check=check, capture_output=True, text=True,
                              env={**self._case.env, "TERM": "xterm-256color"}).stdout

    def run(self, command):
        """One of the built programs; when it ends, its exit code stands below."""
        columns, lines = self._size
        self._tmux("new-session", "-d", "-s", self._name, "-x", columns, "-y", lines,
                   f"cd {self._case.folder} && {BIN}/{command}; echo ended $?; cat")

    def screen(self, colours=False):
        return self._tmux("capture-pane", "-p", *(["-e"] if colours else []), "-t", self._name)

    def key(self, name):
        self._tmux("send-keys", "-t", self._name, name)

    def wait_for(self, pattern, what):
        """The first screen that shows it."""
        return wait_for(lambda: re.search(pattern, screen := self.screen()) and screen, what)
