"""A receiver of OTLP over HTTP on loopback, and its own reading of protobuf: it shares no line with what sends."""

import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Fields = dict[int, list[Any]]


@dataclass
class Receiver:
    """`statuses`: what it answers, in this order, then 200. `taken`: headers and body of everything it was sent."""

    statuses: list[int] = field(default_factory=list)
    taken: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0

    def spans(self) -> list[dict[str, Any]]:
        """Of the last request, each with its attributes by name."""
        [resource] = fields(self.taken[-1][1])[1]
        [scope] = fields(resource)[2]
        return [_span(fields(span)) for span in fields(scope)[2]]

    def metrics(self) -> dict[str, list[dict[str, Any]]]:
        """Of the last request, the points of each metric by its name."""
        [resource] = fields(self.taken[-1][1])[1]
        [scope] = fields(resource)[2]
        return {
            one[1][0].decode(): [_point(fields(each)) for each in _points(one)] for one in map(fields, fields(scope)[2])
        }


@contextmanager
def receiving() -> Iterator[Receiver]:
    told = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.taken.append(({"path": self.path, **dict(self.headers)}, body))
            self.send_response(told.statuses.pop(0) if told.statuses else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Tests say what they saw themselves."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join(60)


def fields(message: bytes) -> Fields:
    """A message's fields by number, in their order: numbers, bytes, and eight bytes as they are."""
    found: Fields = {}
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        value: Any
        if key & 7 == 0:
            value, place = _varint(message, place)
        else:
            length, place = (8, place) if key & 7 == 1 else _varint(message, place)
            value, place = message[place : place + length], place + length
        found.setdefault(key >> 3, []).append(value)
    return found


def _varint(message: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[place]
        value, shift, place = value | (byte & 0x7F) << shift, shift + 7, place + 1
        if byte < 0x80:
            return value, place


def _span(span: Fields) -> dict[str, Any]:
    attributes = [fields(pair) for pair in span.get(9, [])]
    start, end = (struct.unpack("<Q", span[number][0])[0] for number in (7, 8))
    return {
        "trace": span[1][0],
        "id": span[2][0],
        "parent": span.get(4, [b""])[0],
        "name": span[5][0].decode(),
        "kind": span[6][0],
        "start": start,
        "end": end,
        "status": fields(span[15][0])[3][0],
        "attributes": {one[1][0].decode(): _value(fields(one[2][0])) for one in attributes},
    }


def _points(metric: Fields) -> list[bytes]:
    """A sum's (field 7) or a histogram's (field 9); both tell what came to pass since the last time (1: delta)."""
    held = fields((metric.get(7) or metric[9])[0])
    assert held[2] == [1]
    return held[1]


def _point(point: Fields) -> dict[str, Any]:
    """A number's attributes are field 7, a histogram's 9, which also has its count, sum (5) and buckets."""
    attributes = [fields(pair) for pair in point.get(9) or point.get(7, [])]
    told = {one[1][0].decode(): _value(fields(one[2][0])) for one in attributes}
    if 5 in point:
        counts = struct.unpack(f"<{len(point[6][0]) // 8}Q", point[6][0])
        [count], [total] = struct.unpack("<Q", point[4][0]), struct.unpack("<d", point[5][0])
        return {"attributes": told, "count": count, "sum": total, "buckets": counts}
    return {"attributes": told, "value": struct.unpack("<q", point[6][0])[0]}


def _value(value: Fields) -> Any:
    [(number, [held])] = value.items()
    if number == 1:
        return held.decode()
    return struct.unpack("<d", held)[0] if number == 4 else bool(held) if number == 2 else held
