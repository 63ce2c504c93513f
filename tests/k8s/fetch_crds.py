"""Fetch the files that modules.txt names, by `go mod download`, into a folder: fetch_crds.py modules.txt FOLDER.

A checksum that differs from the pinned one ends it with a sentence, as does a module that cannot be had.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path


def download(module, version, scratch):
    """What `go mod download` says of one module: Zip, Sum and, where it minds something, Error."""
    # Checksums are compared with ours; a module that asks for a newer Go is still only a file to us.
    environment = dict(os.environ, GOFLAGS="-modcacherw", GOSUMDB="off", GOTOOLCHAIN="local",
                       GOMODCACHE=str(scratch / "modules"), GOCACHE=str(scratch / "cache"))
    # Go has no setting of its own for the certificates of a proxy, as npm and pip have.
    for setting in ("NPM_CONFIG_CAFILE", "PIP_CERT"):
        if setting in os.environ:
            environment.setdefault("SSL_CERT_FILE", os.environ[setting])
    done = subprocess.run(["go", "mod", "download", "-json", f"{module}@{version}"], cwd=scratch, env=environment,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
    try:
        return json.loads(done.stdout)
    except json.JSONDecodeError:
        return {"Error": done.stderr.strip() or "no answer"}


def download_patiently(module, version, scratch):
    """The same, tried again where the network failed; a refusal is final."""
    for pause in (2, 10, 0):
        told = download(module, version, scratch)
        if "Zip" in told or "server response" in told.get("Error", "") or not pause:
            return told
        time.sleep(pause)


def fetch(lines, target, scratch):
    for line in lines:
        module, version, checksum, *files = line.split()
        told = download_patiently(module, version, scratch)
        if "Zip" not in told:
            sys.exit(f"{module} {version} cannot be fetched: {told.get('Error')}")
        if told.get("Sum") != checksum:
            sys.exit(f"{module} {version} has the checksum {told.get('Sum')}, and {checksum} is pinned: "
                     "if the version was changed on purpose, change its checksum as well.")
        with zipfile.ZipFile(told["Zip"]) as archive:
            for entry in files:
                path, _, name = entry.partition("=")
                (target / (name or Path(path).name)).write_bytes(archive.read(f"{module}@{version}/{path}"))


def main(listing, target):
    lines = [line for line in Path(listing).read_text().splitlines() if line and not line.startswith("#")]
    target = Path(target)
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch:
        fetch(lines, target, Path(scratch))


if __name__ == "__main__":
    main(*sys.argv[1:])
