"""A terminal of a given size with a program in it, by tmux: what a person sees, and the keys that they press."""

import re
import shutil
import subprocess

from edw import BIN, unique, wait_for


class Tmux:
    def __init__(self, folder, env, columns=90, lines=30):
        if not shutil.which("tmux"):
            raise AssertionError("tmux is missing: scripts/install-test.sh installs it")
        self._folder, self._env, self._size, self._name = folder, env, (str(columns), str(lines)), unique("live-")

    def close(self):
        self._tmux("kill-server", check=False)

    def _tmux(self, *arguments, check=True):
        return subprocess.run(["tmux", "-L", self._name, *arguments], check=check, capture_output=True, text=True,
                              env={**self._env, "TERM": "xterm-256color"}).stdout

    def run(self, command):
        """One of the built programs; when it ends, its exit code stands below."""
        columns, lines = self._size
        self._tmux("new-session", "-d", "-s", self._name, "-x", columns, "-y", lines,
                   f"cd {self._folder} && {BIN}/{command}; echo ended $?; cat")

    def screen(self):
        return self._tmux("capture-pane", "-p", "-t", self._name)

    def key(self, name):
        self._tmux("send-keys", "-t", self._name, name)

    def wait_for(self, pattern, what):
        """The first screen that shows it."""
        return wait_for(lambda: re.search(pattern, screen := self.screen()) and screen, what)
