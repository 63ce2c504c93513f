"""Sign random requests with our signer (the program given) and with botocore, and compare."""

import datetime
import json
import random
import subprocess
import sys
import urllib.parse
from unittest import mock

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

COUNT = 500
SEGMENTS = ["a", "queue.fifo", "~x", "with space", "100%", "ü", "世界", "a=b", "..", ".", "", "x'y(z)*", "a+b", "a:b@c"]
VALUES = ["", "1", "value with spaces", "a=b&c", "ü/世", "~._-", "A", "%41", "+", "x  y"]


def any_case(chance):
    segments = [chance.choice(SEGMENTS) for _ in range(chance.randrange(4))]
    path = "/" + "/".join(urllib.parse.quote(segment, safe="") for segment in segments)
    names = [chance.choice(["Param1", "Param2", "a", "B", "x-y", "ü"]) for _ in range(chance.randrange(4))]
    query = "&".join(
        urllib.parse.quote(name, safe="") + "=" + urllib.parse.quote(chance.choice(VALUES), safe="") for name in names
    )
    headers = {"Content-Type": chance.choice(["application/x-amz-json-1.0", "text/plain; charset=utf-8"])}
    if chance.random() < 0.7:
        headers["X-Amz-Target"] = chance.choice(["AmazonSQS.SendMessageBatch", "DynamoDB_20120810.BatchWriteItem"])
    if chance.random() < 0.3:
        headers["x-amz-Meta-b"] = chance.choice(["  padded  ", "two  spaces", "tab\tinside"])
    when = datetime.datetime(2026, 1, 1) + datetime.timedelta(seconds=chance.randrange(400 * 86400))
    return {
        "method": chance.choice(["POST", "GET", "PUT"]),
        "scheme": chance.choice(["http", "https"]),
        "host": chance.choice(["sqs.eu-west-1.amazonaws.com", "127.0.0.1", "dynamodb.cn-north-1.amazonaws.com.cn"]),
        "port": chance.choice([80, 443, 5000]),
        "target": path + ("?" + query if query else ""),
        "headers": headers,
        "body": chance.choice(["", "{}", '{"QueueUrl":"ü"}', "x" * 5000]),
        "key_id": "AKIDEXAMPLE",
        "secret": "".join(chance.choice("abcXYZ0189+/") for _ in range(40)),
        "token": chance.choice(["", "", "session/token+with=signs"]),
        "region": chance.choice(["eu-west-1", "us-east-1", "cn-north-1"]),
        "service": chance.choice(["sqs", "dynamodb", "sts"]),
        "time": when.strftime("%Y%m%dT%H%M%SZ"),
        "epoch": int(when.replace(tzinfo=datetime.timezone.utc).timestamp()),
    }


def by_botocore(case):
    url = f"{case['scheme']}://{case['host']}:{case['port']}{case['target']}"
    request = AWSRequest(method=case["method"], url=url, headers=case["headers"], data=case["body"].encode())
    signer = SigV4Auth(Credentials(case["key_id"], case["secret"], case["token"] or None), case["service"], case["region"])
    when = datetime.datetime.strptime(case["time"], "%Y%m%dT%H%M%SZ")
    with mock.patch("botocore.auth.get_current_datetime", return_value=when):
        signer.add_auth(request)
    return request.headers["Authorization"]


def main():
    seed = random.SystemRandom().randrange(2**32)
    chance = random.Random(seed)
    cases = [any_case(chance) for _ in range(COUNT)]
    lines = "".join(json.dumps(case) + "\n" for case in cases)
    ours = subprocess.run([sys.argv[1]], input=lines.encode(), capture_output=True, check=True, timeout=40)
    signed = ours.stdout.decode().splitlines()
    if len(signed) != COUNT:
        sys.exit(f"{len(signed)} of {COUNT} requests came back signed")
    wrong = [(case, mine, theirs) for case, mine in zip(cases, signed) if mine != (theirs := by_botocore(case))]
    for case, mine, theirs in wrong[:5]:
        print(f"{json.dumps(case)}\n  ours     {mine}\n  botocore {theirs}")
    if wrong:
        sys.exit(f"{len(wrong)} of {COUNT} signatures differ (seed {seed})")
    print(f"{COUNT} signatures agree (seed {seed})")


main()
