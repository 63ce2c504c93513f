"""What the figures were taken on, and whether anything else ran meanwhile."""

import os
import platform
import re
import resource
import subprocess
import time
from pathlib import Path

BUSY = 0.1  # cores taken by others from which on figures are not to be relied on


def about(root):
    found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    done = subprocess.run(["git", "-C", root, "-c", "safe.directory=*", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return {"machine": {"cpu": found.group(1) if found else platform.machine(), "cores": os.cpu_count(), "kernel": platform.release()},
            "commit": done.stdout.strip() or "unknown"}


class Others:
    """Cores that other processes took since it was made: all that was busy, but for us and the children that have ended."""

    def __init__(self):
        self.begun, self.all, self.own = time.monotonic(), self.busy(), self.ours()

    @staticmethod
    def busy():
        user, nice, system, _, _, irq, softirq, *_ = map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:])
        return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")

    @staticmethod
    def ours():
        used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return sum(one.ru_utime + one.ru_stime for one in used)

    def cores(self):
        seconds = time.monotonic() - self.begun
        return round(max(0.0, self.busy() - self.all - (self.ours() - self.own)) / max(seconds, 1e-3), 2)


def warning(results):
    """A sentence where others were at work, or nothing."""
    others = results.get("others", 0)
    return f"**Other work took {others:.1f} cores while this was measured: the figures are not to be relied on.**" if others > BUSY else ""
