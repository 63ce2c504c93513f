"""peer.py CLOUD WAY ACTION COUNT: azure or aws, sample or best, send or consume. Prints its CPU and time, start-up left out."""

import importlib
import json
import resource
import sys
import time


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


cloud, way, action, count = sys.argv[1:5]
work = getattr(importlib.import_module(f"{cloud}_{way}"), action)
begun, cpu_before = time.monotonic(), cpu()
work(int(count))
print(json.dumps({"messages": int(count), "seconds": time.monotonic() - begun, "cpu_seconds": cpu() - cpu_before}))
