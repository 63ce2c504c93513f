"""Run one program and measure it: CPU of the whole process, wall clock, resident memory at its highest."""

import os
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

LIMIT = 300  # seconds until a program that should have ended counts as hanging


@dataclass
class Ran:
    cpu: float  # seconds, user and system
    seconds: float
    rss_mib: float
    begun: int  # ns of the monotonic clock
    out: str


class Failed(Exception):
    pass


def high_water_kib(pid):
    # Not ru_maxrss, which begins with what the parent had.
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0


def run(arguments, env, folder, pin=(), memory=True):
    """Runs it to its end; `pin` goes before the command."""
    with tempfile.TemporaryFile(dir=folder) as out, tempfile.TemporaryFile(dir=folder) as err:
        begun = time.monotonic_ns()
        process = subprocess.Popen([*pin, *map(str, arguments)], cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                   start_new_session=True)
        over, most = threading.Event(), [0]

        def watch():
            deadline = time.monotonic() + LIMIT
            while not over.wait(0.02):
                if memory:
                    most[0] = max(most[0], high_water_kib(process.pid))
                if time.monotonic() > deadline:
                    process.kill()

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
            seconds = (time.monotonic_ns() - begun) / 1e9
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)  # what it traces, too
            process.wait()
            raise
        finally:
            over.set()
            watcher.join()
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        text = out.read().decode(errors="replace")
        if process.returncode != 0:
            raise Failed(f"{' '.join(map(str, arguments))} ended with exit code {process.returncode}:\n"
                         f"{text[-1000:]}{err.read().decode(errors='replace')[-3000:]}")
    return Ran(usage.ru_utime + usage.ru_stime, seconds, most[0] / 1024, begun, text)
