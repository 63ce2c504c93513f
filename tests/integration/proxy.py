"""A proxy that breaks things by chance: proxy.py --cloud azure --seed 7 --rate 0.1 --to URL [--to URL].

Listens on a free loopback port for each URL and passes requests on as they came, so that signatures over them stay
valid. Says {"ports": [...]} on its first line, and on SIGTERM, on its last, how often it did what.
"""

import argparse
import asyncio
import collections
import contextlib
import json
import signal
import socket
import struct
import sys
import urllib.parse

import faults

STALL = 70  # seconds: more than any client of ours waits, a long poll included
LIMIT = 8 << 20  # bytes of a reply


class Broken(Exception):
    """The service's side ended where a reply should have stood."""


class Head:
    """The first lines of a request or a reply."""

    def __init__(self, raw):
        self.raw = raw
        self.first, *lines = raw.decode("latin-1").rstrip("\r\n").split("\r\n")
        self.fields = {}
        for line in lines:
            name, _, value = line.partition(":")
            self.fields[name.strip().lower()] = value.strip()

    def get(self, name, default=""):
        return self.fields.get(name, default)


async def read_body(reader, head, status=None):
    if status in (204, 304):
        return b""
    if "chunked" in head.get("transfer-encoding").lower():
        body = b""
        while True:
            size = int((await reader.readline()).split(b";")[0], 16)
            body += await reader.readexactly(size)
            await reader.readline()
            if size == 0:
                return body
    if "content-length" in head.fields:
        return await reader.readexactly(int(head.fields["content-length"]))
    return b"" if status is None else await reader.read(LIMIT)


class Upstream:
    """One connection to the service, opened when needed."""

    def __init__(self, host, port):
        self.host, self.port = host, port
        self._streams = None

    async def ask(self, request):
        """The reply's head, as it came, and its body."""
        if self._streams is None or self._streams[0].at_eof():
            self.close()
            self._streams = await asyncio.open_connection(self.host, self.port, limit=LIMIT)
        reader, writer = self._streams
        try:
            writer.write(request)
            await writer.drain()
            head = Head(await reader.readuntil(b"\r\n\r\n"))
            body = await read_body(reader, head, int(head.first.split()[1]))
        except (OSError, asyncio.IncompleteReadError) as error:
            self.close()
            raise Broken from error
        if head.get("connection").lower() == "close":
            self.close()
        return head, body

    def close(self):
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


def with_length(head, body, length=None):
    """The reply with a length in place of whatever framed it."""
    lines = [head.first] + [
        line for line in head.raw.decode("latin-1").split("\r\n")[1:]
        if line and line.split(":")[0].lower() not in ("content-length", "transfer-encoding", "keep-alive")]
    if length is not None or body or "204" not in head.first:
        lines.append(f"Content-Length: {len(body) if length is None else length}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


def reset(writer):
    """An RST: the client's next read or write fails at once."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class Proxy:
    def __init__(self, chance, cloud):
        self.chance = chance
        self.cloud = cloud
        self._tasks = set()
        self.counts = collections.Counter({kind: 0 for kind in ["passed", "broken", "gave_up", *chance.kinds]})

    def accept(self, url):
        """What a server calls for each connection: asyncio itself keeps no task alive."""
        def accepted(reader, writer):
            task = asyncio.get_running_loop().create_task(self.serve(reader, writer, url))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return accepted

    async def close(self):
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def serve(self, reader, writer, url):
        upstream = Upstream(url.hostname, url.port)
        try:
            while True:
                head = Head(await reader.readuntil(b"\r\n\r\n"))
                body = await read_body(reader, head)
                if not await self.answer(head, body, reader, writer, upstream):
                    return
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client went away, as killed clients do
        finally:
            upstream.close()
            with contextlib.suppress(OSError):
                writer.close()

    async def answer(self, head, body, reader, writer, upstream):
        """One request. False where its connection is over."""
        kind, detail = self.chance.draw()
        target = head.get("x-amz-target")
        made = self.instead(kind, target, body, detail)
        if kind == "unprocessed" and made is None:
            self.chance.put_back(kind)
            kind = None
        if kind == "reset_before":
            self.counts[kind] += 1
            reset(writer)
            return False
        seen = None
        if made is None or (kind == "garbage" and detail.random() < 0.5) or kind == "failed_after":
            try:
                seen = await upstream.ask(head.raw + body)
            except Broken:
                self.counts["broken"] += 1
                reset(writer)
                return False
        self.counts[kind or "passed"] += 1
        if made is not None:
            writer.write(made.wire())
            await writer.drain()
            return True
        return await self.deliver(kind, *seen, detail, reader, writer)

    def instead(self, kind, target, body, detail):
        """What is answered in place of the service's own reply."""
        if kind == "unavailable":
            return faults.unavailable()
        if kind == "throttled":
            return faults.throttled(self.cloud, target, detail)
        if kind == "failed_after":
            return faults.failed(self.cloud)
        if kind == "garbage":
            return faults.garbage()
        if kind == "unprocessed":
            return faults.unprocessed(target, body)
        return None

    async def deliver(self, kind, head, body, detail, reader, writer):
        wire = with_length(head, body)
        if kind == "reset_after":
            reset(writer)
            return False
        if kind == "truncated":
            # Somewhere in the body, or where there is none in the head.
            begin = len(wire) - len(body) if body else 0
            writer.write(wire[: detail.randrange(begin, len(wire))])
            await writer.drain()
            return False
        if kind == "wrong_length":
            length = detail.randrange(len(body)) if body and detail.random() < 0.5 else len(body) + 7
            writer.write(with_length(head, body, length))
            await writer.drain()
            return False
        if kind == "stall":
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(reader.read(1), STALL)
                self.counts["gave_up"] += 1
            reset(writer)
            return False
        if kind == "late":
            await asyncio.sleep(detail.uniform(0.1, 2))
        if kind == "drip":
            step = max(len(wire) // 20, 1)
            for at in range(0, len(wire), step):
                writer.write(wire[at:at + step])
                await writer.drain()
                await asyncio.sleep(0.03)
            return head.get("connection").lower() != "close"
        writer.write(wire)
        await writer.drain()
        return head.get("connection").lower() != "close"


async def run(options):
    proxy = Proxy(faults.Faults(options.seed, options.rate, options.cloud), options.cloud)
    servers = []
    for to in options.to:
        url = urllib.parse.urlsplit(to)
        servers.append(await asyncio.start_server(
            proxy.accept(url), "127.0.0.1", 0, limit=LIMIT, backlog=1024))
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    print(json.dumps({"ports": [server.sockets[0].getsockname()[1] for server in servers]}), flush=True)
    await ended.wait()
    await proxy.close()
    print(json.dumps(proxy.counts), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", action="append", required=True, help="a service's URL; again for each")
    parser.add_argument("--cloud", choices=["azure", "aws"], required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--rate", type=float, required=True, help="the share of requests that meet a fault")
    try:
        asyncio.run(run(parser.parse_args()))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
