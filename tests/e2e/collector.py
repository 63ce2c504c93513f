"""A collector of spans: OTLP over HTTP in its JSON form, as strict as the protocol's page, and as ill as a test wants it."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KINDS = {1: "internal", 2: "server", 3: "client", 4: "producer", 5: "consumer"}


def plain(attributes):
    """OTLP's list of keys and typed values as a dictionary."""
    found = {}
    for attribute in attributes:
        (kind, value), = attribute["value"].items()
        assert kind in ("stringValue", "intValue"), attribute
        # 64-bit numbers are text in the JSON form.
        assert isinstance(value, str), attribute
        assert attribute["key"] not in found, f"twice: {attribute['key']}"
        found[attribute["key"]] = int(value) if kind == "intValue" else value
    return found


class Span:
    def __init__(self, raw, resource):
        self.raw, self.resource = raw, resource
        self.trace, self.id, self.parent = raw["traceId"], raw["spanId"], raw.get("parentSpanId")
        assert re.fullmatch("[0-9a-f]{32}", self.trace) and set(self.trace) != {"0"}, raw
        assert re.fullmatch("[0-9a-f]{16}", self.id) and set(self.id) != {"0"}, raw
        assert self.parent is None or re.fullmatch("[0-9a-f]{16}", self.parent), raw
        self.name, self.kind = raw["name"], KINDS[raw["kind"]]
        self.begun, self.ended = int(raw["startTimeUnixNano"]), int(raw["endTimeUnixNano"])
        assert 0 < self.begun <= self.ended, raw
        self.attributes = plain(raw["attributes"])
        self.links = [(link["traceId"], link["spanId"]) for link in raw.get("links", [])]
        self.error = raw["status"]["message"] if raw.get("status", {}).get("code") == 2 else None

    @property
    def key(self):
        return self.trace, self.id

    @property
    def operation(self):
        return self.name.split()[0]

    def __repr__(self):
        return f"{self.resource['service.name']}: {self.name} {self.trace[:6]}/{self.id[:6]}<{(self.parent or '')[:6]} {self.attributes} {self.error}"


class Collector:
    """`answer(number)` gives the status (or status and headers) of the answer to the request of that number."""

    def __init__(self, answer=lambda number: 200):
        self._lock = threading.Lock()
        self._requests = []  # path, headers, body
        self.hold = threading.Event()  # answers wait for it
        self.hold.set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with outer._lock:
                    outer._requests.append((self.path, dict(self.headers), body))
                    number = len(outer._requests)
                outer.hold.wait(60)
                status = answer(number)
                status, headers = status if isinstance(status, tuple) else (status, {})
                text = b"{}"
                try:
                    self.send_response(status)
                    for name, value in {"Content-Type": "application/json", "Content-Length": len(text), **headers}.items():
                        self.send_header(name, str(value))
                    self.end_headers()
                    self.wfile.write(text)
                except OSError:
                    pass  # it did not wait

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self):
        self.hold.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def requests(self):
        with self._lock:
            return list(self._requests)

    @property
    def spans(self):
        found = []
        for path, headers, body in self.requests:
            assert path == "/v1/traces", path
            assert headers["Content-Type"] == "application/json", headers
            for resource in json.loads(body)["resourceSpans"]:
                about = plain(resource["resource"]["attributes"])
                for scope in resource["scopeSpans"]:
                    found += [Span(raw, about) for raw in scope["spans"]]
        assert len({span.key for span in found}) == len(found), "a span came twice"
        return found
