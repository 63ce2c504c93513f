"""A message as our producer writes it, and its row as our consumer writes it, so that all peers do the same work."""

import datetime
import hashlib
import json

SIZE = 600


def stamp():
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def make(seq):
    msg = f"Scale Test Message : COUNT {seq}"
    payload = "x" * (SIZE - 240)
    digest = hashlib.sha256((msg + payload).encode()).hexdigest()
    return json.dumps({"msg": msg, "srcStamp": stamp(), "run": "peer", "seq": seq, "hash": digest, "payload": payload})


def row(text, message_id):
    """PartitionKey and RowKey such that neighbours share a partition, and the attributes."""
    body = json.loads(text)
    return {
        "PartitionKey": f"{body['seq'] // 32 % 256:02x}-{body['run']}", "RowKey": f"{body['seq']:012d}",
        "data": body["msg"], "srcStamp": body["srcStamp"], "dateStamp": stamp(), "payload": body["payload"],
        "hash": body["hash"], "run": body["run"], "seq": str(body["seq"]), "messageId": message_id, "consumer": "peer",
        "receiveCount": "1", "messageProcessingTime": "0.1",
    }
