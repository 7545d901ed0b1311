"""The door itself: what it lets out goes where it was checked, and comes back small and soon."""

import asyncio
import gzip
import socket
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from openai import APIConnectionError, APITimeoutError, OpenAI

from agents.base.http import OutboundError, Reply, connector, fetch, model_client, session, shared, soon
from agents.base.http import breaker as breakers
from agents.base.http.breaker import breaker
from tests.base import servers
from tests.base.servers import Serve, self_signed, serving

Attempts = list[tuple[str, int]]
LOCAL = "http://127.0.0.1"


@pytest.fixture(autouse=True)
def _closed_breakers() -> Iterator[None]:
    breaker._states.clear()
    yield
    breaker._states.clear()


def run(url: str, **options: Any) -> Reply:
    async def once() -> Reply:
        async with session() as door:
            return await fetch(door, "GET", url, **options)

    return asyncio.run(once())


def at(port: int, settings: Any) -> str:
    settings.EGRESS_ALLOW = [f"127.0.0.1:{port}"]
    return f"{LOCAL}:{port}/"


def fails(call: Callable[[], object]) -> str:
    with pytest.raises(OutboundError) as refused:
        call()
    return refused.value.code


def test_an_allowed_host_is_reached_and_its_reply_comes_whole(settings: Any) -> None:
    with serving(servers.reply("201 Created", b"hello", "X-Kind: test")) as port:
        reply = run(at(port, settings))
    assert (reply.status, reply.body, reply.headers["x-kind"]) == (201, b"hello", "test")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/", "https://[::1]:9/", "https://169.254.169.254/", "https://127.1/"]
)
def test_a_refused_target_is_never_connected_to(url: str, attempts: Attempts) -> None:
    assert fails(lambda: run(url)) == "blocked_address"
    with pytest.raises(httpx2.ConnectError), model_client() as client:
        client.get(url)
    assert attempts == []


def rebinding(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is public when it is checked and private ever after."""
    real, found = socket.getaddrinfo, iter(["93.184.215.14"])

    def getaddrinfo(host: Any, port: Any, *arguments: Any, **options: Any) -> Any:
        if host != "rebind.example.com":
            return real(host, port, *arguments, **options)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(found, "127.0.0.1"), port))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


def test_rebinding_gains_nothing_since_the_checked_address_is_the_one_connected_to(
    monkeypatch: pytest.MonkeyPatch, attempts: Attempts
) -> None:
    rebinding(monkeypatch)
    assert fails(lambda: run("https://rebind.example.com/")) == "unreachable"
    assert attempts == [("93.184.215.14", 443)]
    assert fails(lambda: run("https://rebind.example.com/")) == "blocked_address"
    assert len(attempts) == 1


def test_the_model_client_connects_to_the_checked_address_too(
    monkeypatch: pytest.MonkeyPatch, attempts: Attempts
) -> None:
    rebinding(monkeypatch)
    with model_client() as client:
        for _ in range(2):
            with pytest.raises(httpx2.ConnectError):
                client.get("https://rebind.example.com/")
    assert attempts == [("93.184.215.14", 443)]


@pytest.mark.parametrize(
    "status", ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"]
)
def test_redirects_are_not_followed(status: str, settings: Any, attempts: Attempts) -> None:
    with serving(servers.reply(status, b"", "Location: http://127.0.0.1:9/")) as port:
        url = at(port, settings)
        assert fails(lambda: run(url)) == "redirected"
        with model_client() as client:
            assert client.get(url).status_code == int(status[:3])
    assert {target for _, target in attempts} == {port}


@pytest.mark.parametrize("serve", [servers.drip, servers.drip_headers, servers.silence])
def test_the_deadline_is_for_the_whole_call_however_slowly_it_drips(serve: Serve, settings: Any) -> None:
    with serving(serve) as port:
        url = at(port, settings)
        assert fails(lambda: run(url, deadline=0.3)) == "timeout"
        with model_client(0.3) as client, pytest.raises(httpx2.TimeoutException):
            client.get(url)


def test_a_flood_is_cut_at_the_cap(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.base.http.model.CAP", 300_000)
    with serving(servers.flood) as port:
        url = at(port, settings)
        assert fails(lambda: run(url)) == "too_large"
        with model_client() as client, pytest.raises(httpx2.ReadError, match="larger than 300000"):
            client.get(url)


def test_a_compressed_reply_is_refused_rather_than_unpacked(settings: Any) -> None:
    bomb = gzip.compress(b"\x00" * 10_000_000)
    with serving(servers.reply("200 OK", bomb, "Content-Encoding: gzip")) as port:
        url = at(port, settings)
        assert fails(lambda: run(url)) == "encoded"
        with model_client() as client, pytest.raises(httpx2.RemoteProtocolError, match="compressed"):
            client.get(url)


def test_a_certificate_nobody_signed_is_refused(settings: Any, attempts: Attempts, tmp_path: Path) -> None:
    with serving(servers.reply(), self_signed(tmp_path)) as port:
        url = at(port, settings).replace("http:", "https:")
        assert fails(lambda: run(url)) == "unreachable"
        with model_client() as client, pytest.raises(httpx2.ConnectError):
            client.get(url)
    assert attempts


def test_the_log_names_the_host_that_failed_but_no_secret_of_path_header_or_body(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(servers.reply("302 Found")) as port:
        url = f"{at(port, settings)}hook/s3cret?key=s3cret"
        assert fails(lambda: run(url, headers={"Authorization": "s3cret"}, body=b"s3cret")) == "redirected"
    assert "http.out" in caplog.text
    assert "127.0.0.1" in caplog.text
    assert "s3cret" not in caplog.text


def test_a_reply_of_any_status_is_a_reply(settings: Any) -> None:
    for status in ("410 Gone", "429 Too Many Requests", "500 Internal Server Error"):
        with serving(servers.reply(status, b"no")) as port:
            assert run(at(port, settings)).status == int(status[:3])


def test_proxies_of_the_environment_are_not_used(
    settings: Any, monkeypatch: pytest.MonkeyPatch, attempts: Attempts
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving(servers.reply()) as port:
        url = at(port, settings)
        run(url)
        with model_client() as client:
            client.get(url)
    assert {target for _, target in attempts} == {port}


def test_ten_failures_open_the_breaker_and_one_probe_closes_it(
    settings: Any, attempts: Attempts, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(servers.reply("503 Service Unavailable")) as port:
        url = at(port, settings)
        for _ in range(breakers.FAILURES):
            run(url)
        assert fails(lambda: run(url)) == "breaker_open"
        with model_client() as client, pytest.raises(httpx2.ConnectError, match="keeps failing"):
            client.get(url)
        assert len(attempts) == breakers.FAILURES
        breaker._states["127.0.0.1"].probe_at = 0
        run(url)
        assert fails(lambda: run(url)) == "breaker_open"
    with serving(servers.reply()) as port:
        breaker._states["127.0.0.1"].probe_at = 0
        assert [run(at(port, settings)).status for _ in range(2)] == [200, 200]


def test_of_many_calls_those_whose_turn_comes_too_late_are_not_sent(settings: Any) -> None:
    with serving(servers.reply("200 OK", b"hello")) as port, shared(1):
        calls = [soon("GET", at(port, settings), until=time.monotonic() + left) for left in (60, -1, 60)]
        replies = [calls[0].result().body, fails(calls[1].result), calls[2].result().body]
    assert replies == [b"hello", "not_begun", b"hello"]


def test_the_connector_can_serve_other_sessions_of_aiohttp(settings: Any) -> None:
    async def refused() -> str:
        import aiohttp

        async with aiohttp.ClientSession(connector=connector()) as door:
            try:
                await door.get("http://127.0.0.1:9/")
            except OutboundError as error:
                return error.code
        return "reached"

    outcome: Coroutine[Any, Any, str] = refused()
    assert asyncio.run(outcome) == "blocked_address"


COMPLETION = b"""{"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [
 {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "hello"}}]}"""


def ask(url: str, timeout: float = 60) -> str | None:
    with OpenAI(base_url=url, api_key="k", http_client=model_client(timeout), max_retries=0) as client:
        reply = client.chat.completions.create(model="m", messages=[{"role": "user", "content": "hi"}])
    return reply.choices[0].message.content


def test_the_openai_client_works_through_the_door(settings: Any) -> None:
    with serving(servers.reply("200 OK", COMPLETION, "Content-Type: application/json")) as port:
        assert ask(at(port, settings)) == "hello"


def test_the_openai_client_hears_of_refusals_and_deadlines_in_its_own_words(settings: Any) -> None:
    with pytest.raises(APIConnectionError) as refused:
        ask("https://10.0.0.1/v1")
    assert refused.value.__cause__ is not None
    assert isinstance(refused.value.__cause__.__cause__, OutboundError)
    with serving(servers.drip) as port, pytest.raises(APITimeoutError):
        ask(at(port, settings), timeout=0.3)
