"""Dead letters and back, workers, and order: what becomes of a message that can't be processed, on every backend."""

import json
import os
import signal
import sys
import textwrap
from pathlib import Path

import edw
import stores

WORKER = """
    import json, os, sys
    log = open(os.environ["WORKER_LOG"], "a", buffering=1)
    for line in sys.stdin:
        job = json.loads(line)
        log.write(json.dumps({"pid": os.getpid(), **job}) + "\\n")
        answer = {"call": job["call"], "ok": True, "result": {"length": len(job["body"])}}
        if job.get("seq") in json.loads(os.environ.get("REFUSED", "[]")):
            answer = {"call": job["call"], "ok": False, "error": "no good", "retry": False}
        if job.get("seq") in json.loads(os.environ.get("DEADLY", "[]")):
            os.kill(os.getpid(), 9)
        if job.get("seq") in json.loads(os.environ.get("FAILING_ONCE", "[]")) and job["receiveCount"] == 1:
            answer = {"call": job["call"], "ok": False, "error": "not yet"}
        print(json.dumps(answer), flush=True)
"""


def alive(pid):
    try:
        return "zombie" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


class WithWorkers(edw.Case):
    def setUp(self):
        super().setUp()
        (self.folder / "worker.py").write_text(textwrap.dedent(WORKER))
        self.log = self.folder / "worker.log"
        self.env["WORKER_LOG"] = str(self.log)
        # Its path has a blank: split as a shell would.
        (self.folder / "my python").symlink_to(sys.executable)
        self.exec = f"exec='{self.folder / 'my python'}' worker.py"

    def jobs(self):
        return [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []


class DeadLettersAndBack(WithWorkers):
    def there_and_back(self, store, extra_receives=0):
        self.env.update(store.env)
        where = ["--queue", store.queue, "--table", store.table]
        self.producer("--count", 30, "--run", "a", "--queue", store.queue, "--create")
        store.put("not JSON")
        store.put('{"hello":"from afar"}')
        refusing = {"REFUSED": "[7, 8]"}
        options = ["--retry-delay", "100ms", "--max-receives", 2, "--workers", 2, "--process", self.exec]
        done = self.consumer("--drain", "--create", *where, *options, env=refusing).json
        self.assertEqual((done["persisted"], done["dead_lettered"]), (29, 3))
        found = self.audit("a", "--table", store.table).json  # a dead letter is not missing
        self.assertEqual([found[key] for key in ("expected", "found", "dead_lettered", "missing")], [30, 28, 2, 0])

        listed = self.consumer("redrive", "--dry-run", *where).json
        self.assertEqual((listed["redriven"], len(listed["letters"])), (0, 3))
        self.assertTrue(all(letter["age_seconds"] >= 0 for letter in listed["letters"]))
        by_reason = {letter["reason"]: letter for letter in listed["letters"]}
        self.assertEqual(by_reason["no good"]["count"], 1)
        self.assertEqual(by_reason["no good"]["run"], "a")
        self.assertIn(by_reason["the message is not a JSON object"]["count"], range(2, 3 + extra_receives))
        ids = {letter["id"] for letter in listed["letters"]}

        moved = self.consumer("redrive", "--filter", "no good", "--limit", 1, *where).json
        self.assertEqual((moved["redriven"], moved["failed"]), (1, 0))
        moved = self.consumer("redrive", *where).json
        self.assertEqual((moved["redriven"], moved["failed"]), (2, 0))
        self.assertEqual(self.audit("a", "--table", store.table, code=1).json["missing"], 2)  # on their way
        done = self.consumer("--drain", *where, "--retry-delay", "100ms", "--max-receives", 2).json
        self.assertEqual((done["persisted"], done["dead_lettered"]), (2, 1))
        self.assert_clean(self.audit("a", "--table", store.table), 30)
        # What can't be mended is a dead letter again, under its first id.
        again = self.consumer("redrive", "--dry-run", *where).json["letters"]
        self.assertEqual(len(again), 1)
        self.assertIn(again[0]["id"], ids)
        return done

    def test_on_the_embedded_default(self):
        self.there_and_back(Embedded(self))

    def test_on_azure(self):
        self.there_and_back(stores.Azure())

    def test_on_aws(self):
        self.there_and_back(stores.Aws())

    def test_on_a_fifo_queue(self):
        # moto under load once counted a receive more; why is not known.
        self.there_and_back(stores.Aws(fifo=True), extra_receives=1)

    def test_a_queue_that_never_had_one(self):
        for store in (stores.Sqlite(self.folder), stores.Azure(), stores.Aws()):
            with self.subTest(type(store).__name__):
                self.producer("--count", 1, "--queue", store.queue, "--create", "--manifest", "none", env=store.env)
                done = self.consumer("redrive", "--queue", store.queue, env=store.env).json
                self.assertEqual((done["redriven"], done["failed"]), (0, 0))

    def test_letters_as_a_table_for_people(self):
        store = Embedded(self)
        self.producer("--count", 1, "--run", "a")
        store.put("not JSON")
        self.consumer("--drain", "--max-receives", 1)
        shown = self.run_program("consumer", "redrive", "--dry-run").out.splitlines()
        self.assertEqual(shown[0].split(), ["id", "count", "age", "reason"])
        self.assertIn("the message is not a JSON object", shown[1])
        self.assertIn("1 dead letters", shown[2])

    def test_a_large_message_keeps_its_reason_in_a_row(self):
        store = stores.Azure()
        self.env.update(store.env)
        where = ["--queue", store.queue, "--table", store.table]
        sent = ["--count", 3, "--run", "a", "--size", 65_000, "--queue", store.queue, "--create"]
        self.producer(*sent)
        done = self.consumer("--drain", "--create", *where, "--process", self.exec, env={"REFUSED": "[2]"}).json
        self.assertEqual((done["persisted"], done["dead_lettered"]), (2, 1))
        listed = self.consumer("redrive", "--dry-run", *where).json["letters"]
        self.assertEqual([(letter["reason"], letter["seq"]) for letter in listed], [("no good", 2)])
        rows = [row for row in store.rows() if row["PartitionKey"] == "dead-letter"]
        self.assertEqual([row["RowKey"] for row in rows], [listed[0]["id"]])
        self.assertEqual(self.audit("a", "--table", store.table).json["dead_lettered"], 1)
        self.assertEqual(self.consumer("redrive", *where).json["redriven"], 1)
        self.consumer("--drain", *where)
        self.assert_clean(self.audit("a", "--table", store.table), 3)


class Embedded(stores.Sqlite):
    """Only while no program runs: by a foreign hand."""

    def __init__(self, case):
        super().__init__(case.folder)


class RedrivePolicyOfTheQueue(WithWorkers):
    def test_rules_and_its_queue_is_where_redrive_and_audit_look(self):
        store = stores.Aws()
        self.env.update(store.env)
        url = store.create()
        dead = store.sqs.create_queue(QueueName=store.queue_name + "-own")["QueueUrl"]
        arn = store.sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        policy = {"deadLetterTargetArn": arn, "maxReceiveCount": "2"}
        store.sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": json.dumps(policy)})
        where = ["--queue", store.queue, "--table", store.table]
        self.producer("--count", 10, "--run", "a", "--queue", store.queue)
        self.consumer("--drain", *where, "--retry-delay", "1s", "--process", self.exec, env={"REFUSED": "[4]"})
        self.assertEqual(self.audit("a", "--table", store.table, code=1).json["missing"], 1)
        found = self.audit("a", *where).json
        self.assertEqual((found["missing"], found["dead_lettered"]), (0, 1))
        self.assertEqual(self.consumer("redrive", *where).json["redriven"], 1)
        self.consumer("--drain", *where)
        self.assert_clean(self.audit("a", "--table", store.table), 10)


class Workers(WithWorkers):
    def test_process_and_their_results_stand_in_the_rows(self):
        self.producer("--count", 200, "--run", "a")
        self.consumer("--drain", "--process", self.exec, "--workers", 3)
        jobs = self.jobs()
        self.assertEqual(sorted(job["seq"] for job in jobs), list(range(1, 201)))
        self.assertEqual(len({job["pid"] for job in jobs}), 3)
        rows = stores.Sqlite(self.folder).rows()
        self.assertEqual(len(rows), 200)
        for row in rows:
            self.assertGreater(json.loads(row["result"])["length"], 100)
        self.assert_clean(self.audit("a"), 200)

    def test_a_message_that_kills_its_worker_fails_alone(self):
        self.producer("--count", 50, "--run", "a")
        done = self.consumer("--drain", "--process", self.exec, "--max-receives", 3, "--retry-delay", "100ms",
                             env={"DEADLY": "[13]"}).json
        self.assertEqual((done["persisted"], done["dead_lettered"], done["abandoned"]), (49, 1, 2))
        letters = self.consumer("redrive", "--dry-run").json["letters"]
        self.assertEqual([(letter["seq"], letter["count"]) for letter in letters], [(13, 3)])
        self.assertIn("signal 9", letters[0]["reason"])

    def test_cat_is_a_worker(self):
        self.producer("--count", 20, "--run", "a")
        self.assertEqual(self.consumer("--drain", "--process", "exec=cat").json["persisted"], 20)

    def test_do_not_see_credentials(self):
        (self.folder / "tell.py").write_text(
            "import json, os, sys\nfor line in sys.stdin: print(json.dumps({'result': sorted(os.environ)}), flush=True)\n")
        self.producer("--count", 1, "--run", "a")
        self.consumer("--drain", "--process", f"exec={sys.executable} tell.py", "--process-env", "AWS_REGION",
                      env={"AWS_SECRET_ACCESS_KEY": "x", "AWS_REGION": "r", "SOME_TOKEN": "x"})
        seen = json.loads(stores.Sqlite(self.folder).rows()[0]["result"])
        self.assertIn("HOME", seen)
        self.assertIn("AWS_REGION", seen)
        self.assertNotIn("AWS_SECRET_ACCESS_KEY", seen)
        self.assertNotIn("SOME_TOKEN", seen)

    def test_that_do_not_exist_are_exit_code_2(self):
        for words in ("no-such-program", "/etc/passwd", "'open", ""):
            with self.subTest(words):
                self.assertIn("--process", self.run_program("consumer", "--process", f"exec={words}", code=2).err)
        self.assertIn("--workers", self.run_program("consumer", "--workers", 3, code=2).err)

    def stuck(self, count=20):
        """A consumer whose workers never answer, and their numbers."""
        (self.folder / "stuck.py").write_text(
            "import os, signal, sys, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
            "open(f'pid-{os.getpid()}', 'w').close()\nwhile True: time.sleep(1)\n")
        self.producer("--count", count, "--run", "a")
        running = self.start("consumer", "--process", f"exec={sys.executable} stuck.py", "--workers", 2, "--process-timeout", "1h",
                             "--grace", 2, "--output", "json")
        pids = edw.wait_for(lambda: (lambda found: found if len(found) == 2 else None)(list(self.folder.glob("pid-*"))), "two workers")
        return running, [int(path.name.split("-")[1]) for path in pids]

    def test_end_with_a_consumer_that_is_told_to(self):
        running, pids = self.stuck()
        running.send(signal.SIGTERM)
        ended = running.wait(20)
        self.assertEqual(ended.code, 0, str(ended))
        self.assertEqual(ended.json["abandoned"], 20)
        self.assertFalse([pid for pid in pids if alive(pid)])
        self.consumer("--drain", limit=30)  # handed back: nobody waits for a lease to end
        self.assert_clean(self.audit("a"), 20)

    def test_end_with_a_consumer_that_is_killed(self):
        running, pids = self.stuck()
        running.send(signal.SIGKILL)
        edw.wait_for(lambda: not [pid for pid in pids if alive(pid)], "the workers' end", 10)

    def test_end_with_a_consumer_that_is_told_twice(self):
        running, pids = self.stuck()
        running.send(signal.SIGTERM)
        edw.wait_for(lambda: "stopping" in running.err, "a word about stopping")
        running.send(signal.SIGTERM)
        self.assertIn(running.wait(5).code, (1, 0))
        edw.wait_for(lambda: not [pid for pid in pids if alive(pid)], "the workers' end", 10)
        # Nothing is lost: all of it is still there.
        self.assertEqual(len(stores.Sqlite(self.folder).bodies()), 20)


class Order(WithWorkers):
    def consume(self, **env):
        """The numbers of each group in the order in which workers finished them."""
        store = stores.Aws(fifo=True)
        self.env.update(store.env)
        where = ["--queue", store.queue, "--table", store.table]
        self.producer("--count", 60, "--run", "a", "--queue", store.queue, "--create")
        self.consumer("--drain", "--create", *where, "--process", self.exec, "--workers", 4, "--retry-delay", "1s", env=env)
        done = {}
        for job in self.jobs():
            if job["seq"] in json.loads(env.get("FAILING_ONCE", "[]")) and job["receiveCount"] == 1:
                continue  # it failed
            done.setdefault(job["group"], []).append(job["seq"])
        self.assertGreater(len(done), 4)
        self.assertEqual(sorted(seq for seqs in done.values() for seq in seqs), list(range(1, 61)))
        self.assert_clean(self.audit("a", "--table", store.table), 60)
        return done

    def test_of_a_group_is_kept_while_groups_run_side_by_side(self):
        for group, seqs in self.consume().items():
            self.assertEqual(seqs, sorted(seqs), group)

    # That the order holds through failures is asked on simulated time (FifoLaneTest, Simulation): moto looks for messages
    # while others are handed back, so it may pass over one that becomes visible behind its look and give the next of the
    # same group, if another hand-back makes it count the groups in flight anew just then.
    def test_a_group_goes_on_after_failures(self):
        self.consume(FAILING_ONCE="[5, 21, 22, 40]")


class AsTheFirstProcess(edw.Case):
    """As in a container: PID 1 gets no signal that it has no handler for."""

    def contained(self, *arguments):
        return self.start("consumer", *arguments, "--output", "json",
                          wrap=["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"])

    def test_a_signal_drains(self):
        self.producer("--count", 1000, "--run", "a")
        running = self.contained("--process", "sleep=20ms", "--concurrency", 4)
        store = stores.Sqlite(self.folder)
        edw.wait_for(lambda: store.count() > 10, "rows")
        children = edw.wait_for(Path(f"/proc/{running.process.pid}/task/{running.process.pid}/children").read_text().split, "a child")
        status = Path(f"/proc/{children[0]}/status").read_text()
        self.assertIn("\t1\n", [line[line.rindex("\t"):] + "\n" for line in status.splitlines() if line.startswith("NSpid:")])
        os.kill(int(children[0]), signal.SIGTERM)
        ended = running.wait(40)
        self.assertEqual(ended.code, 0, str(ended))
        self.assertEqual(ended.json["acknowledged"], store.count())
        self.consumer("--drain", limit=60)
        self.assert_clean(self.audit("a"), 1000)


if __name__ == "__main__":
    edw.main()
