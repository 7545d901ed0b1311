"""The address policy: where a connection from here may end. No input or output of its own.

Python's `is_global` is not enough: it lets multicast, 168.63.129.16, 64:ff9b::/96, 2002::/16 and fec0::/10 pass
(guarantees.md §3.F), so what may be reached is listed here.
"""

import ipaddress
import re

from django.conf import settings
from django.utils.translation import gettext as _

from agents.base.http.errors import OutboundError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
DENIED = [
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared address space; Alibaba's metadata
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's host
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "2001::/23",  # Teredo and other protocol assignments
        "2001:db8::/32",
        "2002::/16",  # 6to4 carries any IPv4 address
        "3fff::/20",
    )
]
NAME = re.compile(r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
LOCAL = (".localhost", ".local", ".localdomain", ".internal", ".intranet", ".lan", ".home.arpa", ".test", ".onion")


def permitted(address: Address) -> bool:
    """Whether an address is a public one that the policy lets through."""
    if isinstance(address, ipaddress.IPv6Address) and (address.scope_id or address not in GLOBAL_V6):
        return False
    return not any(address.version == network.version and address in network for network in DENIED)


def allowed(host: str, port: int) -> bool:
    """Whether EGRESS_ALLOW names exactly this host and port, the one exception to the policy."""
    return (f"[{host}]:{port}" if ":" in host else f"{host}:{port}") in settings.EGRESS_ALLOW


def literal(host: str) -> Address | None:
    """The address that `host` spells, in its one ordinary spelling; None for anything else."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def check_target(scheme: str, host: str, port: int) -> None:
    """Raises `OutboundError` ("blocked_address") for what no connection may reach; names are looked up later."""
    if scheme not in {"http", "https"}:
        raise _blocked(_("Only https addresses can be used."))
    if allowed(host, port):
        return
    if scheme != "https":
        raise _blocked(_("Only https addresses can be used."))
    address = literal(host)
    if address is None and not _public_name(host):
        raise _blocked(
            _("This is not a public host name. Write it in full, in plain letters, for example api.example.com.")
        )
    if address is not None:
        check_addresses([address])


def check_addresses(addresses: list[Address]) -> None:
    """Raises `OutboundError` ("blocked_address") unless there are addresses and each of them is permitted."""
    if not addresses or not all(map(permitted, addresses)):
        raise _blocked(_("This address is private or reserved and cannot be used."))


def _public_name(host: str) -> bool:
    name = host.lower().removesuffix(".")
    return bool(NAME.fullmatch(name)) and not name.endswith(LOCAL)


def _blocked(message: str) -> OutboundError:
    return OutboundError("blocked_address", message)
