"""The floor: what wrk, which does nothing but send and read, pays for a request like ours."""

import json
import shutil

from measure import cases, run as runs, stub

CONNECTIONS = 64
AZURE = {
    "Content-Type": "application/xml", "x-ms-date": "Sun, 22 Nov 2026 01:02:03 GMT", "x-ms-version": "2025-11-05",
    "x-ms-client-request-id": "11111111-1111-4111-8111-111111111111", "User-Agent": "producer/0.1.0", "Accept": "*/*",
    "Authorization": f"SharedKey {stub.ACCOUNT}:" + "A" * 43 + "=",
}
AWS = {
    "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "AmazonSQS.SendMessageBatch", "X-Amz-Date": "20261122T010203Z",
    "User-Agent": "producer/0.1.0", "Accept": "*/*",
    "Authorization": "AWS4-HMAC-SHA256 Credential=stub/20261122/us-east-1/sqs/aws4_request, "
                     "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=" + "a" * 64,
}


def script(backend):
    """One fixed request, so that wrk makes nothing while it runs."""
    if backend == "azure":
        body = '<?xml version="1.0" encoding="utf-8"?><QueueMessage><MessageText>' + "x" * cases.SIZE + "</MessageText></QueueMessage>"
        headers = AZURE
    else:
        body = json.dumps({"QueueUrl": "https://sqs.us-east-1.amazonaws.com/000000000000/messages", "Entries": [
            {"Id": str(entry), "MessageBody": "x" * cases.SIZE} for entry in range(10)]})
        headers = AWS
    lines = ['wrk.method = "POST"', f"wrk.body = {json.dumps(body)}"]
    return "\n".join(lines + [f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}" for name, value in headers.items()]) + "\n"


def measure(bench, case):
    program = shutil.which("wrk")
    if not program:
        raise runs.Failed("wrk is missing; scripts/install-test.sh installs it")
    path = bench.folder / f"{case.backend}.lua"
    path.write_text(script(case.backend))
    target = f"/{stub.ACCOUNT}/messages/messages?messagettl=-1" if case.backend == "azure" else "/"
    service = bench.to_send
    service.ask("reset")
    ran = runs.run([program, "-t1", f"-c{CONNECTIONS}", "-d2s", "-s", path, service.urls[case.scheme] + target],
                   bench.environment(None, ""), bench.folder, bench.client)
    requests = service.ask("counts")["requests"]
    service.ask("reset")
    if requests == 0 or "Non-2xx" in ran.out:
        raise runs.Failed(f"{case.name}: wrk was not answered as expected:\n{ran.out}")
    return cases.Figure(ran.cpu * 1e6 / requests, requests / ran.seconds, ran.rss_mib, 1)
