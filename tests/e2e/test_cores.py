"""A program that crashes leaves no core image, and one that is taken of it by force has no secret in it."""

import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import edw
import stores
import token_service

MARK = "not-a-real-secret-in-memory"


def cores_allowed():
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


class Cores(edw.Case):
    def end_of(self, process):
        """The signal that ended it, and whether the kernel made a core image of it."""
        _, status = os.waitpid(process.pid, 0)
        process.returncode = -os.WTERMSIG(status)
        return os.WTERMSIG(status), os.WCOREDUMP(status)

    def images(self):
        return [path for path in self.folder.iterdir() if path.name.startswith("core")]

    def working_consumer(self):
        """One that holds a token of Azure and a session of AWS, and uses both."""
        service = token_service.TokenService()
        self.addCleanup(service.close)
        self.secrets = service.issued
        pod = token_service.Pod(service, service.aks, self.folder)
        self.env.update(pod.env)
        queue, table = stores.Azure(connection="EDW_TEST_AZURITE_HTTPS"), stores.Aws()
        table.create()
        self.producer("--count", 5, "--queue", queue.queue, "--create")
        consumer = self.start("consumer", "--queue", queue.queue, "--table", table.table, "--create", preexec_fn=cores_allowed)
        edw.wait_for(lambda: service.count("sts") and table.count() == 5, "five rows")
        return consumer, [*service.issued, *pod.secrets]

    def test_are_made_of_other_programs_here(self):
        """Else the tests below would show nothing."""
        code = f"import os, signal; mark = '{MARK}'; os.kill(os.getpid(), signal.SIGABRT)"
        other = subprocess.Popen([sys.executable, "-c", code], cwd=self.folder, preexec_fn=cores_allowed)
        ended, dumped = self.end_of(other)
        self.assertEqual(ended, signal.SIGABRT)
        self.assertTrue(dumped, "no core images are made here: raise the hard limit (ulimit -Hc unlimited), and have "
                                "/proc/sys/kernel/core_pattern name a file or a program that is there")
        for image in self.images():
            self.assertIn(MARK.encode(), image.read_bytes())

    def test_are_not_made_of_a_program_that_crashes(self):
        for number in (signal.SIGABRT, signal.SIGSEGV):
            with self.subTest(number.name):
                consumer, _ = self.working_consumer()
                consumer.send(number)
                ended, dumped = self.end_of(consumer.process)
                if "ASAN_OPTIONS" not in os.environ:  # the sanitizer takes SIGSEGV for its own report
                    self.assertEqual(ended, number)
                self.assertFalse(dumped)
                self.assertEqual(self.images(), [])

    def test_that_are_taken_by_force_hold_no_secret(self):
        consumer, secrets = self.working_consumer()
        pid = consumer.process.pid
        self.assertEqual(int(Path(f"/proc/{pid}/coredump_filter").read_text(), 16), 0)
        gcore = shutil.which("gcore")
        self.assertIsNotNone(gcore, "gcore is missing; scripts/install-test.sh installs gdb")
        taken = subprocess.run([gcore, "-o", self.folder / "core", str(pid)], capture_output=True, text=True, check=False, timeout=edw.LIMIT)
        if taken.returncode != 0:  # not root, or a kernel without ptrace: it could not even be tried
            self.assertRegex(taken.stdout + taken.stderr, "ptrace|not permitted")
            return
        image, = self.images()
        for secret in secrets:
            self.assertNotIn(secret.encode(), image.read_bytes())


if __name__ == "__main__":
    edw.main()
