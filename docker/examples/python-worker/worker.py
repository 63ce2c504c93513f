"""Handles one message after the other: a JSON object a line in, one a line out. docs/workers.md has every field."""

import json
import sys


class Refused(Exception):
    """This message can never be handled: it is dead-lettered at once, with these words."""


def handle(body):
    """Your work. Another exception is a failure of now: the message is tried again later, at most --max-receives times."""
    if not isinstance(body, dict) or "msg" not in body:
        raise Refused("the message has no msg")


def answer(job):
    try:
        handle(json.loads(job["body"]))
        return {"ok": True}
    except json.JSONDecodeError as failure:
        return {"ok": False, "error": f"the message is no JSON: {failure}", "retry": False}
    except Refused as failure:
        return {"ok": False, "error": str(failure), "retry": False}
    except Exception as failure:
        return {"ok": False, "error": f"{type(failure).__name__}: {failure}"}


def main():
    for line in sys.stdin:
        job = json.loads(line)
        print(json.dumps({"call": job["call"], **answer(job)}), flush=True)  # the consumer waits for this line
    # The end of the input: the consumer has nothing more.


if __name__ == "__main__":
    main()
