"""Start the emulators, say where they are, and end them: on SIGTERM, when one of them ends, or with a parent.

The children carry a parent-death signal, so that they end even where this process is killed.
"""

import argparse
import base64
import ctypes
import os
import re
import select
import secrets
import shlex
import shutil
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import boto3
import botocore.config
import botocore.exceptions

READY_WITHIN = 60  # seconds, for all of them together
ACCOUNT = "edwtest"
LISTENING = {
    "queue": re.compile(r"Queue service is successfully listening at (https?://\S+)"),
    "table": re.compile(r"Table service is successfully listening at (https?://\S+)"),
    "moto": re.compile(r"Running on (http://\S+)"),
}


class Failed(Exception):
    """One sentence for the person who started the emulators."""


def die_with_me():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class Emulator:
    def __init__(self, name, run, command, variables):
        self.name = name
        self.log = run / f"{name}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                cwd=run,
                env={**os.environ, **variables},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=die_with_me,
            )

    def address(self, service, deadline):
        """Where the service listens, once it has said so."""
        while time.monotonic() < deadline:
            found = LISTENING[service].search(self.log.read_text(errors="replace"))
            if found:
                return found[1].rstrip("/")
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise Failed(f"{self.name} did not start:\n{self.log.read_text(errors='replace')[-2000:]}")

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def wait_for_answer(url, deadline, context=None):
    """Until something answers there, whatever it says."""
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
    )
    while True:
        try:
            opener.open(url, timeout=5).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError as error:
            if time.monotonic() > deadline:
                raise Failed(f"{url} does not answer: {error}") from error
            time.sleep(0.05)


def openssl(run, *arguments):
    done = subprocess.run(["openssl", *arguments], cwd=run, capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed(f"openssl {arguments[0]} failed: {done.stderr}")


def make_certificates(run):
    """A certificate authority that lives as long as this run, and a server certificate from it."""
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl(run, "req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Test CA",
            "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign")
    openssl(run, "req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
    (run / "server.ext").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth\n")
    openssl(run, "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-days", "2", "-extfile", "server.ext", "-out", "server.pem")


def start_azurite(name, home, run, key, extra=()):
    script = home / "node/node_modules/azurite/dist/src/azurite.js"
    command = ["node", script, "--inMemoryPersistence", "--disableTelemetry", "--silent"]
    for service in ("blob", "queue", "table"):
        command += [f"--{service}Host", "127.0.0.1", f"--{service}Port", "0"]
    return Emulator(name, run, [*map(str, command), *extra], {"AZURITE_ACCOUNTS": f"{ACCOUNT}:{key}"})


def connection_string(azurite, key, deadline, context=None):
    queue = azurite.address("queue", deadline)
    table = azurite.address("table", deadline)
    for url in (queue, table):
        wait_for_answer(url, deadline, context)
    scheme = queue.split(":")[0]
    return (
        f"DefaultEndpointsProtocol={scheme};AccountName={ACCOUNT};AccountKey={key};"
        f"QueueEndpoint={queue}/{ACCOUNT};TableEndpoint={table}/{ACCOUNT};"
    )


def aws_client(service, endpoint, key_id, secret):
    return boto3.client(
        service, endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id=key_id, aws_secret_access_key=secret,
        config=botocore.config.Config(proxies={}, retries={"max_attempts": 0}),
    )


def make_user(endpoint):
    """The three unsigned calls that moto is told to allow; from then on it verifies signatures, which is tried."""
    iam = aws_client("iam", endpoint, "any", "any")
    iam.create_user(UserName="edw")
    policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
    iam.put_user_policy(UserName="edw", PolicyName="all", PolicyDocument=policy)
    key = iam.create_access_key(UserName="edw")["AccessKey"]
    aws_client("sqs", endpoint, key["AccessKeyId"], key["SecretAccessKey"]).list_queues()
    try:
        aws_client("sqs", endpoint, key["AccessKeyId"], "a wrong secret").list_queues()
    except botocore.exceptions.ClientError as error:
        if "SignatureDoesNotMatch" in str(error):  # in XML, whatever the protocol of the call was
            return key["AccessKeyId"], key["SecretAccessKey"]
        raise
    raise Failed("moto accepts a wrong signature: tests against it would prove nothing.")


def start(home, run, emulators):
    deadline = time.monotonic() + READY_WITHIN
    key = base64.b64encode(secrets.token_bytes(64)).decode()
    # boto3 takes a CA bundle and proxies from the environment, which are for the world outside.
    plain = start_azurite("azurite", home, run, key)
    emulators.append(plain)
    moto = Emulator("moto", run, [str(home / "python/bin/moto_server"), "-H", "127.0.0.1", "-p", "0"],
                    {"INITIAL_NO_AUTH_ACTION_COUNT": "3", "PYTHONUNBUFFERED": "1"})
    emulators.append(moto)
    make_certificates(run)
    tls = start_azurite("azurite-https", home, run, key,
                        ["--cert", str(run / "server.pem"), "--key", str(run / "server.key"), "--oauth", "basic"])
    emulators.append(tls)

    endpoint = moto.address("moto", deadline)
    wait_for_answer(f"{endpoint}/moto-api/", deadline)
    key_id, secret = make_user(endpoint)
    trusting = ssl.create_default_context(cafile=run / "ca.pem")
    return {
        "EDW_TEST_AZURITE": connection_string(plain, key, deadline),
        "EDW_TEST_AZURITE_HTTPS": connection_string(tls, key, deadline, trusting),
        "EDW_TEST_CA_FILE": run / "ca.pem",
        "EDW_TEST_MOTO": endpoint,
        "EDW_TEST_MOTO_KEY_ID": key_id,
        "EDW_TEST_MOTO_SECRET": secret,
        "EDW_TEST_PYTHON": home / "python/bin/python",
        "EDW_TEST_EMULATOR_PID": os.getpid(),
        "EDW_TEST_EMULATOR_PIDS": " ".join(str(each.process.pid) for each in emulators),
        "EDW_TEST_EMULATOR_RUN": run,
    }


def publish(variables, path):
    """All of it at once: who waits for the file never reads half of it."""
    part = path.with_name(path.name + ".part")
    part.write_text("".join(f"export {name}={shlex.quote(str(value))}\n" for name, value in variables.items()))
    part.chmod(0o600)
    part.rename(path)


def wait_for_end(emulators, parent):
    """Until SIGTERM, the end of the parent or the end of an emulator."""
    handles = [os.pidfd_open(each.process.pid) for each in emulators]
    if parent:
        handles.append(os.pidfd_open(parent))
    select.select(handles, [], [])


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--home", type=Path, required=True)
    options.add_argument("--run", type=Path, required=True)
    options.add_argument("--env", type=Path, required=True)
    options.add_argument("--with-parent", type=int)
    chosen = options.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for proxy in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        os.environ.pop(proxy, None)

    emulators = []
    started = False
    try:
        publish(start(chosen.home, chosen.run, emulators), chosen.env)
        started = True
        wait_for_end(emulators, chosen.with_parent)
    except ProcessLookupError:
        print(f"process {chosen.with_parent} is not there (any more).", file=sys.stderr)
    except Failed as failure:
        print(f"emulators: {failure}", file=sys.stderr)
        sys.exit(1)
    finally:
        died = [each for each in emulators if each.process.poll() is not None]
        for each in emulators:
            each.stop()
        if started and not died:
            shutil.rmtree(chosen.run)
        elif died:
            print(f"emulators: {died[0].name} ended by itself; its log is {died[0].log}.", file=sys.stderr)


if __name__ == "__main__":
    main()
