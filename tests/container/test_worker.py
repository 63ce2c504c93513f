"""docker/examples/python-worker: the consumer in an image with an interpreter, which the plain image lacks."""

import json
import subprocess
import sys
from pathlib import Path

import containers
import stores

WORKER = Path(__file__).resolve().parents[2] / "docker/examples/python-worker/worker.py"
IMAGE = "edw/python-worker"


class Worker(containers.Case):
    def answers(self, *lines):
        done = subprocess.run([sys.executable, str(WORKER)], input="".join(f"{line}\n" for line in lines), capture_output=True, text=True, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_answers_each_line_with_one(self):
        good = json.dumps({"call": 1, "id": "a", "receiveCount": 1, "body": json.dumps({"msg": "a message"})})
        bad = json.dumps({"call": 2, "id": "b", "receiveCount": 1, "body": "no JSON"})
        first, second, third = self.answers(good, bad, good)
        self.assertEqual((first, third), ({"call": 1, "ok": True}, {"call": 1, "ok": True}))
        self.assertEqual(second["call"], 2)
        self.assertEqual((second["ok"], second["retry"]), (False, False))
        self.assertIn("no JSON", second["error"])


class Image(containers.Case):
    def test_handles_messages_in_python(self):
        store = stores.Azure()
        store.create()
        for number in range(20):
            store.put(json.dumps({"msg": f"message {number}"}))
        store.put(json.dumps({"no": "msg"}))
        done = self.run_container(IMAGE, "--drain", "--workers", 2, "--output", "json",
                                  env={**store.env, "EDW_QUEUE": store.queue, "EDW_TABLE": store.table})
        self.assertEqual((done.json["persisted"], done.json["dead_lettered"]), (20, 1), str(done))
        self.assertEqual({row["data"] for row in store.rows()}, {f"message {number}" for number in range(20)})
        (letter,) = store.peek(f"{store.queue_name}-poison")
        self.assertIn("the message has no msg", letter.content)

    def test_brings_the_consumer_with_its_own_libraries(self):
        self.assertRegex(self.run_container(IMAGE, "--version").out, r"^consumer \d")
        listed = containers.podman("run", "--rm", "--pull=never", "--network=none", "--entrypoint=/opt/consumer/lib/ld.so", IMAGE,
                                   "--library-path", "/opt/consumer/lib", "--list", "/opt/consumer/bin/consumer")
        for line in listed.splitlines():
            if " => " in line:
                self.assertIn(" => /opt/consumer/lib", line)


if __name__ == "__main__":
    containers.main()
