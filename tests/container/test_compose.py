"""docker/compose.yaml, service by service: no Docker engine is needed, since each runs with the settings that stand there."""

import os
import re
import signal
import subprocess
from pathlib import Path

import yaml

import containers
import edw

ROOT = Path(__file__).resolve().parents[2]
NODE = ROOT / "build/emulators/node/node_modules/.bin"


def interpolated(text):
    """${NAME:-default} as a shell without NAME has it."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)


class Compose(containers.Case):
    def setUp(self):
        super().setUp()
        self.services = yaml.safe_load(interpolated((ROOT / "docker/compose.yaml").read_text()))["services"]
        self.volume = edw.unique("edw-manifests-")
        self.addCleanup(containers.podman, "volume", "rm", "--force", self.volume)
        self.azurite = self.emulator()

    def emulator(self):
        """Azurite in a network of its own, as its container would be; returns its process."""
        service = self.services["azurite"]
        program, *arguments = service["command"]
        process = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", str(NODE / program), *arguments],
            cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={name: value for name, value in os.environ.items() if not name.startswith("AZURITE_")})

        def stop():
            process.kill()
            process.wait()
        self.addCleanup(stop)
        kind, *check = service["healthcheck"]["test"]
        self.assertEqual(kind, "CMD")
        self.assertNotEqual(subprocess.run(check, capture_output=True).returncode, 0, "the check says healthy where nothing listens")
        edw.wait_for(lambda: process.poll() is None and
                     subprocess.run(["nsenter", f"--net=/proc/{process.pid}/ns/net", *check], capture_output=True).returncode == 0, "Azurite")
        return process

    def service(self, name, *arguments):
        """The service's container, with the settings of the file and the arguments of `docker compose run`."""
        service = self.services[name]
        self.assertEqual((service["network_mode"], service["read_only"], service["cap_drop"], service["mem_limit"], service["security_opt"]),
                         ("service:azurite", True, ["ALL"], "128m", ["no-new-privileges:true"]))
        self.assertEqual(service["build"]["target"], service["image"].removeprefix("edw/"))
        options = [f"--volume={self.volume}:{volume.split(':')[1]}" for volume in service.get("volumes", [])]
        entrypoint, *rest = service.get("entrypoint", [None])
        if entrypoint:
            options.append(f"--entrypoint={entrypoint}")
        return self.container(service["image"], *rest, *(arguments or service.get("command", [])), env=service["environment"],
                              network=f"ns:/proc/{self.azurite.pid}/ns/net", options=options)

    def test_produces_consumes_and_audits(self):
        producer, consumer = self.service("producer"), self.service("consumer")
        edw.wait_for(lambda: "messages" in producer.err and "consuming" in consumer.err, "both to begin")
        edw.wait_for(lambda: re.search(r"sent \d", producer.err), "some messages")
        producer.send(signal.SIGTERM)
        sent = producer.wait()
        self.assertEqual(sent.code, 0, str(sent))
        run = re.search(r"of run (\S+)", sent.out)[1]

        def clean():
            audit = self.service("audit", "--run", run).wait()
            return audit if audit.code == 0 else None
        self.assertIn("clean", edw.wait_for(clean, "a clean audit").out)
        consumer.send(signal.SIGTERM)
        self.assertEqual(consumer.wait().code, 0)

    def test_leaves_a_consumer_time_to_drain(self):
        self.assertGreater(int(self.services["consumer"]["stop_grace_period"].removesuffix("s")), 25)


if __name__ == "__main__":
    containers.main()
