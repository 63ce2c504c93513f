"""Handles one message after the other: a JSON object a line in, one a line out. docs/workers.md has every field."""

import json
import sys


def handle(body):
    """Your work. An exception is this message's failure: it is tried again later, and in the end dead-lettered with its words."""
    if "msg" not in body:
        raise ValueError("the message has no msg")


def main():
    for line in sys.stdin:
        try:
            handle(json.loads(json.loads(line)["body"]))
            answer = {"ok": True}
        except Exception as failure:
            answer = {"ok": False, "error": f"{type(failure).__name__}: {failure}"}
        print(json.dumps(answer), flush=True)  # the consumer waits for this line
    # The end of the input: the consumer has nothing more.


if __name__ == "__main__":
    main()
