"""A headless Chromium, driven by the WebDriver protocol (w3.org/TR/webdriver2) through Debian's chromedriver."""

import base64
import json
import shutil
import subprocess
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from edw import wait_for


class Page:
    def __init__(self, base):
        self._base = base

    def _call(self, path, body):
        request = urllib.request.Request(self._base + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as reply:
            return json.load(reply)["value"]

    def open(self, file):
        self.open_url(Path(file).resolve().as_uri())

    def open_url(self, url):
        self._call("/url", {"url": url})

    def ask(self, script, *arguments):
        """The value of the script's `return`."""
        return self._call("/execute/sync", {"script": script, "args": list(arguments)})

    def resize(self, width, height):
        self._call("/window/rect", {"width": width, "height": height})

    def prefer(self, scheme):
        """light or dark."""
        self._call("/goog/cdp/execute", {"cmd": "Emulation.setEmulatedMedia", "params": {
            "features": [{"name": "prefers-color-scheme", "value": scheme}]}})

    def picture(self, file):
        with urllib.request.urlopen(self._base + "/screenshot", timeout=60) as reply:
            Path(file).write_bytes(base64.b64decode(json.load(reply)["value"]))


@contextmanager
def chromium(folder):
    for program, package in (("chromedriver", "chromium-driver"), ("chromium", "chromium")):
        if not shutil.which(program):
            raise AssertionError(f"{program} is missing: scripts/install-test.sh installs {package}")
    log = Path(folder) / "chromedriver.log"
    with log.open("w") as output:
        driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=output, stderr=subprocess.STDOUT)
    try:
        marker = "started successfully on port "
        wait_for(lambda: marker in log.read_text() or driver.poll() is not None, "chromedriver to start")
        port = int(log.read_text().split(marker)[1].split(".")[0])
        base = f"http://127.0.0.1:{port}/session"
        options = {"args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={folder}/chromium",
                            "--disable-dev-shm-usage", "--disable-background-networking"]}
        body = {"capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options}}}
        request = urllib.request.Request(base, json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=120) as reply:
            session = json.load(reply)["value"]["sessionId"]
        try:
            yield Page(f"{base}/{session}")
        finally:
            urllib.request.urlopen(urllib.request.Request(f"{base}/{session}", method="DELETE"), timeout=60).close()
    finally:
        driver.terminate()
        driver.wait(30)
