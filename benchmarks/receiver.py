"""An endpoint for a fan-out, a process of its own: after 50 ms it answers with the hash of the text it was told.

    python -m benchmarks.receiver PORT [moody]

A moody one answers one path of twenty with 500 at its first two calls, and two of a hundred never: those at addresses
of their own (`hung`). It keeps what each path was told and how often; `GET /` says how many were told, and how many of
them twice.
"""

import asyncio
import hashlib
import json
import sys
from collections import Counter

DELAY_S = 0.05
MOODY, HUNG = "moody" in sys.argv, 10
OK, ERROR = b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"
told: Counter[tuple[str, str]] = Counter()
called: Counter[str] = Counter()
held: dict[str, str] = {}


class Receiver(asyncio.Protocol):
    """One connection, kept alive; raw, so that the endpoint costs little beside what is measured."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.buffer = transport, b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        length = next((line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b":0")
        if found and len(body) >= int(length.partition(b":")[2]):
            self.buffer = b""
            method, path, _version = head.split(b"\r\n", 1)[0].decode().split(" ")
            if method == "POST" and (mood := _mood(path)) != OK:
                self.transport.write(mood)
                return
            answer = _told(path, json.loads(body)) if method == "POST" else _tally()
            asyncio.get_running_loop().call_later(DELAY_S if method == "POST" else 0, self.reply, answer)

    def reply(self, answer: object) -> None:
        said = json.dumps(answer).encode()
        self.transport.write(OK + b"Content-Length: %d\r\n\r\n" % len(said) + said)


def _mood(path: str) -> bytes:
    """How the answer begins; empty: there is none."""
    number = int(path.rpartition("-")[2]) if MOODY else 0
    called[path] += 1
    if number % 50 == 7:  # `hung`
        return b""
    return ERROR if number % 20 == 3 and called[path] <= 2 else OK


def _told(path: str, event: dict[str, object]) -> dict[str, str]:
    data = event.get("data")
    assert isinstance(data, dict)
    if event.get("type") == "context.published":
        held[path] = hashlib.sha256(data["text"].encode()).hexdigest()
        told[path, data["version"]] += 1
    return {"sha256": held.get(path, "")}


def _tally() -> dict[str, int]:
    return {"told": len(told), "twice": sum(count > 1 for count in told.values())}


def hung(number: int) -> str:
    """The address of the nth that never answers, as path `…-{7 + 50 * n}`: one that rests is no other's fault."""
    return f"127.0.1.{number + 1}"


async def main(port: int) -> None:
    hosts = ["127.0.0.1", *(hung(number) for number in range(HUNG if MOODY else 0))]
    server = await asyncio.get_running_loop().create_server(Receiver, hosts, port, backlog=4096)
    print("listening", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
