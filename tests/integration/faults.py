"""What can go wrong between a client and a service, drawn by chance from a seed."""

import dataclasses
import json
import random

# Every kind of fault, and how often it comes beside the others. Before the service saw the request: unavailable,
# throttled, reset_before, unprocessed. After it did: all the rest; garbage comes either way.
WEIGHTS = {
    "unavailable": 3,  # a gateway's 503 that says nothing
    "throttled": 3,  # the service's own way to say: slower
    "reset_before": 3,  # the connection breaks before the service saw the request
    "reset_after": 4,  # it breaks when the service has acted, and nobody hears of it
    "failed_after": 3,  # the service acts and answers 500
    "truncated": 3,  # the connection ends in the middle of the reply
    "drip": 2,  # a reply that comes a few bytes at a time
    "late": 3,  # a reply that comes late, but comes
    "stall": 1,  # no reply until the client gives up
    "garbage": 2,  # 200 and a page of somebody else's
    "wrong_length": 2,  # a Content-Length that is too small or too large
}
AWS_ONLY = {"unprocessed": 3}  # a 200 whose entries all failed
PAGE = b"<html><head><title>Sign in</title></head><body>Welcome to this network.</body></html>"


@dataclasses.dataclass
class Reply:
    """An answer in place of the service's."""

    status: int
    body: bytes
    headers: dict

    def wire(self):
        lines = [f"HTTP/1.1 {self.status} Fault", f"Content-Length: {len(self.body)}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + self.body


class Faults:
    """The n-th request meets the same fault whenever the seed is the same."""

    def __init__(self, seed, rate, cloud):
        self.rate = rate
        self.cloud = cloud
        self._random = random.Random(seed)
        self._weights = {**WEIGHTS, **(AWS_ONLY if cloud == "aws" else {})}
        self._deck = []

    @property
    def kinds(self):
        return list(self._weights)

    def draw(self):
        """The fault that the next request meets, or nothing; and chance for its details."""
        detail = random.Random(self._random.getrandbits(64))
        if self._random.random() >= self.rate:
            return None, detail
        if not self._deck:
            # Dealt from a deck, so that some dozens of faults are enough to see every kind.
            self._deck = [kind for kind, times in self._weights.items() for _ in range(times)]
            self._random.shuffle(self._deck)
        return self._deck.pop(), detail

    def put_back(self, kind):
        """The fault did not fit its request: the next one that is due meets it."""
        self._deck.append(kind)


def unavailable():
    return Reply(503, b"<html><body>503 Service Unavailable</body></html>", {"Content-Type": "text/html"})


def garbage():
    return Reply(200, PAGE, {"Content-Type": "text/html"})


def failed(cloud):
    if cloud == "aws":
        return aws_error(500, "InternalServerError", "Something went wrong here.")
    return azure_error(500, "InternalError", "The server encountered an internal error.")


def throttled(cloud, target, detail):
    """As the service would: Azure 503 ServerBusy or 429; AWS 400 and a type."""
    if cloud == "aws":
        if target.startswith("AmazonSQS"):
            return aws_error(400, "RequestThrottled", "Slow down.")
        kind = detail.choice(["ThrottlingException", "ProvisionedThroughputExceededException"])
        return aws_error(400, f"com.amazonaws.dynamodb.v20120810#{kind}", "Rate exceeded")
    if detail.random() < 0.3:
        return Reply(429, b"", {"Retry-After": "1"})
    return azure_error(503, "ServerBusy", "The server is busy.")


def azure_error(status, code, message):
    body = f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Reply(status, body.encode(), {"Content-Type": "application/xml", "x-ms-error-code": code})


def aws_error(status, kind, message):
    return Reply(status, json.dumps({"__type": kind, "message": message}).encode(),
                 {"Content-Type": "application/x-amz-json-1.0"})


def unprocessed(target, body):
    """A 200 that did nothing of what it was asked for; nothing for an action that has no such reply."""
    action = target.rpartition(".")[2]
    asked = json.loads(body)
    if action == "BatchWriteItem":
        done = {"UnprocessedItems": asked["RequestItems"]}
    elif action in ("SendMessageBatch", "DeleteMessageBatch", "ChangeMessageVisibilityBatch"):
        done = {"Successful": [], "Failed": [
            {"Id": entry["Id"], "SenderFault": False, "Code": "InternalError", "Message": "Try again."}
            for entry in asked["Entries"]]}
    else:
        return None
    return Reply(200, json.dumps(done).encode(), {"Content-Type": "application/x-amz-json-1.0"})
