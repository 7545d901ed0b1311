"""A scripted OpenAI-compatible server on loopback: each request consumes one act of the script."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import openai

from agents.engine.model import Gateway

Act = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.asked.append(json.loads(body))
        with suppress(ConnectionError):  # a client that gave up is part of the play
            self.server.script.pop(0)(self)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""

    def send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"content-type": "application/json", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def open_stream(self, promised: int | None = None) -> None:
        self.send_response(200)
        if promised is not None:
            self.send_header("content-length", str(promised))
        self.send_header("content-type", "text/event-stream")
        self.send_header("x-request-id", "req-1")
        self.end_headers()

    def event(self, data: str) -> None:
        self.wfile.write(f"data: {data}\n\n".encode())
        self.wfile.flush()

    def chunk(self, **changes: Any) -> None:
        base = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m-1-2026", "choices": []}
        self.event(json.dumps(base | changes))

    def delta(self, text: str, finish: str | None = None, **changes: Any) -> None:
        self.chunk(choices=[{"index": 0, "delta": {"content": text}, "finish_reason": finish}], **changes)


@cache
def client() -> openai.OpenAI:
    """One for all tests: making one costs a TLS context. HTTP/1.0 here, so no connection outlives its server."""
    return openai.OpenAI(api_key="sk-secret", base_url="http://127.0.0.1:9/v1")


def ten_a_token(model: str, tokens_in: int, tokens_out: int) -> int:
    return 10 * (tokens_in + tokens_out)


class Provider(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script: list[Act] = []
        self.asked: list[dict[str, Any]] = []
        self.slept: list[float] = []

    def gateway(self) -> Gateway:
        """A gateway to this server; ten micros a token, and pauses noted, not slept."""
        url = f"http://127.0.0.1:{self.server_port}/v1"
        return Gateway(client().with_options(base_url=url), ten_a_token, sleep=self.slept.append)


@contextmanager
def provider(*script: Act) -> Iterator[Provider]:
    with Provider() as server:
        server.script = list(script)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


def says(*pieces: str, finish: str = "stop", usage: bool = True, refusal: str = "", **changes: Any) -> Act:
    """A whole reply in pieces; 100 tokens in, 20 out."""

    def act(http: Handler) -> None:
        http.open_stream()
        for piece in pieces:
            http.delta(piece, **changes)
        if refusal:
            http.chunk(choices=[{"index": 0, "delta": {"refusal": refusal}, "finish_reason": None}], **changes)
        http.delta("", finish, **changes)
        if usage:
            http.chunk(usage={"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}, **changes)
        http.event("[DONE]")

    return act


def status(code: int, body: Any = None, **headers: str) -> Act:
    return lambda http: http.send(code, json.dumps(body or {"error": {"message": "no"}}).encode(), **headers)


def cut_after(*pieces: str, promised: int | None = None) -> Act:
    """A stream that ends without a finish reason; in mid-body where more bytes were promised."""

    def act(http: Handler) -> None:
        http.open_stream(promised)
        for piece in pieces:
            http.delta(piece)

    return act
