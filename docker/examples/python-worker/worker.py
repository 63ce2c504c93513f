"""Handles one message after the other: a JSON object a line in, one a line out. docs/workers.md has every field."""

import json
import sys


class Refused(Exception):
    """This message can never be handled: it is dead-lettered at once, with these words."""


def handle(body):
    """Your work. Another exception is a failure of now: the message is tried again later, at most --max-receives times."""
    if not isinstance(body, dict) or "msg" not in body:
        raise Refused("the message has no msg")


def main():
    for line in sys.stdin:
        try:
            try:
                body = json.loads(json.loads(line)["body"])
            except ValueError as failure:
                raise Refused(f"the message is no JSON: {failure}") from None
            handle(body)
            answer = {"ok": True}
        except Refused as failure:
            answer = {"ok": False, "error": str(failure), "retry": False}
        except Exception as failure:
            answer = {"ok": False, "error": f"{type(failure).__name__}: {failure}"}
        print(json.dumps(answer), flush=True)  # the consumer waits for this line
    # The end of the input: the consumer has nothing more.


if __name__ == "__main__":
    main()
