"""G38: where a connection may end. The corpus of guarantees.md §3.F."""

import ipaddress
import socket
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.base.errors import Invalid
from agents.base.http import OutboundError, check_url
from agents.base.http.addresses import check_addresses, literal, permitted
from agents.base.http.resolve import resolve

PRIVATE_URLS = """
http://127.0.0.1 http://localhost http://[::1] http://0 http://0.0.0.0 http://127.1 http://2130706433 http://0x7f.1
http://017700000001 http://①②⑦.0.0.1 https://127.0.0.1 https://localhost https://LOCALHOST. https://foo.localhost
https://[::1] https://0 https://0.0.0.0 https://127.1 https://127.0.1 https://2130706433 https://0x7f000001 https://0x7f.1
https://0177.0.0.1 https://017700000001 https://①②⑦.0.0.1 https://127。0。0。1 https://169.254.169.254
https://[fd00:ec2::254] https://100.100.100.200 https://168.63.129.16 https://10.1.2.3 https://172.16.0.1
https://172.31.255.255 https://192.168.1.1 https://100.64.0.1 https://100.127.255.255 https://198.18.0.1 https://198.19.1.1
https://240.0.0.1 https://255.255.255.255 https://224.0.0.1 https://239.255.255.250 https://192.0.2.1 https://192.0.0.192
https://198.51.100.7 https://203.0.113.9 https://192.88.99.1 https://[::] https://[::ffff:10.0.0.1] https://[::ffff:7f00:1]
https://[::ffff:8.8.8.8] https://[64:ff9b::a9fe:a9fe] https://[64:ff9b:1::1] https://[2002:7f00:1::] https://[::127.0.0.1]
https://[fec0::1] https://[fe80::1] https://[fe80::1%25eth0] https://[fc00::1] https://[ff02::1] https://[2001:db8::1]
https://[2001::1] https://[2001:10::1] https://[100::1] https://[3fff::1] https://[5f00::1] https://intranet
https://db.internal https://printer.local https://metadata.google.internal https://nas.lan https://router.home.arpa
https://example.com.localdomain https://1.2.3 https://1.2.3.4.5 https://999.1.1.1 https://0x.1 https://a.0x10
https://example..com https://-a.com https://exa$mple.com https://bücher.example
""".split()  # noqa: SIM905
WRONG_URLS = [
    "",
    "example.com",
    "//example.com",
    "https://",
    "https:///path",
    "https://user@example.com",
    "https://user:secret@example.com",
    "https://example.com@10.0.0.1",
    "https://example.com:0",
    "https://example.com:99999",
    "https://example.com:port",
    "https://exam\tple.com",
    "https://example.com\r\nHost: x",
    " https://example.com",
    "https://example.com\\@10.0.0.1",
    "https://[::1",
]
OTHER_SCHEMES = [
    f"{scheme}://example.com/x" for scheme in ("file", "gopher", "ftp", "dict", "ws", "ldap", "javascript", "data")
]
PUBLIC_URLS = [
    "https://api.openai.com/v1",
    "https://EXAMPLE.com:8443/a?b=c#d",
    "https://xn--bcher-kva.example.org/",
    "https://8.8.8.8/",
    "https://[2606:4700::1111]/",
    "https://api.example.com./",
    "https://_dmarc.example.com",
]


@pytest.mark.parametrize("url", PRIVATE_URLS)
def test_no_spelling_of_a_private_address_can_be_saved(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_url(url)
    assert refused.value.code == "blocked_address"
    assert refused.value.fields["url"]


@pytest.mark.parametrize("url", WRONG_URLS)
def test_what_is_no_web_address_is_said_to_be_none(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_url(url)
    assert refused.value.code == "bad_url"


@pytest.mark.parametrize("url", [*OTHER_SCHEMES, "http://example.com/"])
def test_only_https_is_spoken_with_strangers(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_url(url)
    assert "https" in refused.value.message


@pytest.mark.parametrize("url", PUBLIC_URLS)
def test_public_addresses_can_be_saved(url: str) -> None:
    assert check_url(url) == url


def test_egress_allow_opens_exactly_one_host_and_port(settings: Any) -> None:
    settings.EGRESS_ALLOW = ["127.0.0.1:8899", "[::1]:8899", "llm.internal:80"]
    for url in ("http://127.0.0.1:8899/v1", "http://[::1]:8899/", "http://llm.internal/"):
        assert check_url(url) == url
    for url in ("http://127.0.0.1:8898/", "http://127.0.0.2:8899/", "http://localhost:8899/", "ftp://127.0.0.1:8899/"):
        with pytest.raises(Invalid):
            check_url(url)


@given(st.ip_addresses())
def test_nothing_that_python_calls_local_is_permitted(address: Any) -> None:
    local = address.is_private or address.is_loopback or address.is_link_local or address.is_multicast
    assert not (permitted(address) and (local or address.is_reserved or address.is_unspecified))


@given(st.ip_addresses(v=4))
def test_no_ipv6_wrapping_of_an_ipv4_address_is_permitted(address: ipaddress.IPv4Address) -> None:
    value = int(address)
    wrapped = (value, 0xFFFF << 32 | value, 0x64FF9B << 96 | value, 0x2002 << 112 | value << 80)
    assert not any(permitted(ipaddress.IPv6Address(number)) for number in wrapped)


def test_addresses_are_only_permitted_all_together() -> None:
    public, private = literal("8.8.8.8"), literal("10.0.0.1")
    assert public is not None
    assert private is not None
    check_addresses([public])
    for addresses in ([], [private], [public, private]):
        with pytest.raises(OutboundError):
            check_addresses(addresses)


def answers(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """The system's resolver answers with these; returns the names it was asked for."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, **options: Any) -> list[tuple[Any, ...]]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize("found", [["10.0.0.1"], ["127.0.0.1"], ["8.8.8.8", "192.168.0.1"], ["::ffff:10.0.0.1"], []])
def test_a_public_name_with_any_private_address_is_refused(found: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, *found)
    with pytest.raises(OutboundError) as refused:
        resolve("rebind.example.com", 443)
    assert refused.value.code == "blocked_address"


def test_a_name_is_looked_up_once_and_yields_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answers(monkeypatch, "8.8.8.8", "8.8.8.8", "2606:4700::1111")
    assert [str(address) for address in resolve("api.example.com", 443)] == ["8.8.8.8", "2606:4700::1111"]
    assert asked == ["api.example.com"]


def test_a_resolver_that_fails_or_dawdles_is_a_failure_not_a_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    go = threading.Event()
    monkeypatch.setattr("agents.base.http.resolve.PATIENCE", 0.01)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: go.wait(60))
    with pytest.raises(OutboundError) as late:
        resolve("slow.example.com", 443)
    go.set()

    def fails(*arguments: Any, **options: Any) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr("agents.base.http.resolve.PATIENCE", 60)
    monkeypatch.setattr(socket, "getaddrinfo", fails)
    with pytest.raises(OutboundError) as unknown:
        resolve("gone.example.com", 443)
    assert (late.value.code, unknown.value.code) == ("timeout", "unreachable")
