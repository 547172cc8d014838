"""Guard: which addresses may be opened for somebody else's link. Pure but for the resolver, which is handed in.

A feed's address, and every redirect it answers with, may name a machine of our own network. So a host is resolved once,
every address of the answer is judged, and the connection goes to an address that was judged: a name that answers
otherwise the second time (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from digest.newsroom.links import article_url

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""Host and port → the addresses to connect to, as text, likeliest first. Raises OSError when there are none."""

PORTS = (80, 443)
_LONGEST_URL = 8_000  # queries for a hundred records are long

# Python 3.11 calls some of these global (fec0::, ::7f00:1, 192.0.0.8), so what may be opened is spelled out here after
# the IANA special-purpose registries, and not taken from `is_global` alone.
_REFUSED_4 = tuple(
    IPv4Network(net)
    for net in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
    )
)  # fmt: skip
_UNICAST_6 = IPv6Network("2000::/3")
_REFUSED_6 = tuple(
    IPv6Network(net) for net in ("2001::/23", "2001:db8::/32", "2620:4f:8000::/48", "3fff::/20")
)  # fmt: skip
_NAT64 = IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR = IPv6Network("2002::/16")


class RefusedError(Exception):
    """An address that must not be opened; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Guard:
    """What may be opened. `allowed` holds (host, port) pairs that an operator trusts wherever they lead."""

    allowed: frozenset[tuple[str, int]] = frozenset()

    def check_url(self, url: str) -> str:
        """The address in the form in which it is asked for. Raises RefusedError."""
        try:
            safe = article_url(url, at_most=_LONGEST_URL)
        except ValueError as fault:
            raise RefusedError(f"{url[:120]!r}: {fault}") from None
        parts = urlsplit(safe)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        host = parts.hostname or ""
        if port not in PORTS and (host, port) not in self.allowed:
            raise RefusedError(f"{host}:{port}: only ports 80 and 443 are opened; [gather] allow_hosts can name others")
        return parts._replace(fragment="").geturl()

    async def addresses(self, host: str, port: int, resolve: Resolve) -> list[str]:
        """The addresses that `host` may be reached at, every one of them judged. Raises RefusedError, or OSError."""
        host = host.strip("[]").lower()
        found = await resolve(host, port)
        if (host, port) in self.allowed:
            return found
        for address in found:
            if (why := refusal(address)) is not None:
                shown = host if host == address else f"{host} ({address})"
                raise RefusedError(f"{shown}: {why}; [gather] allow_hosts can allow it")
        return found


def allowed_hosts(texts: Iterable[str]) -> frozenset[tuple[str, int]]:
    """Entries of `[gather] allow_hosts` ("host", "host:port", "[::1]:8080") as pairs; a bare host means 80 and 443.

    Raises ValueError for what is neither.
    """
    pairs: set[tuple[str, int]] = set()
    for text in texts:
        try:
            parts = urlsplit(f"//{text}")
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port = None, None
        if not host or parts.path or parts.query or parts.fragment or "@" in text or text != text.strip():
            raise ValueError(f'{text}: not a host; write for example "intranet.example:8080"')
        pairs.update((host, each) for each in ([port] if port else PORTS))
    return frozenset(pairs)


def refusal(address: str) -> str | None:
    """Why this address must not be opened, or None. Addresses that wrap another are judged by what they wrap."""
    try:
        ip = _unwrapped(ip_address(address.partition("%")[0]))
    except ValueError:
        return "not an address"
    refused = any(ip in net for net in _REFUSED_4) if isinstance(ip, IPv4Address) else _is_refused_6(ip)
    if not refused:
        return None
    return "an address of this machine" if ip.is_loopback or ip.is_unspecified else "not a public address"


def _is_refused_6(ip: IPv6Address) -> bool:
    return ip not in _UNICAST_6 or any(ip in net for net in _REFUSED_6)


def _unwrapped(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """::ffff:a.b.c.d, 64:ff9b::a.b.c.d and 2002:aabb:ccdd:: all lead to a.b.c.d."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    if ip in _SIX_TO_FOUR:
        return IPv4Address((int(ip) >> 80) & 0xFFFFFFFF)
    return ip


async def resolve(host: str, port: int) -> list[str]:
    """What the system's resolver says, each address once."""
    answers = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))
