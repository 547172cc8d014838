"""Endpoint: where the machine may be asked, and how much that may take. Pure but for the resolver, handed in.

It is the operator's own endpoint, so it may stand in his own network; but what is sent holds a key, so in clear text it
goes to his own network only.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

from digest.gather.guard import Guard, RefusedError, Resolve, resolve

_OWN: tuple[IPv4Network | IPv6Network, ...] = tuple(
    ip_network(net)
    for net in (
        *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"),
        *("::1/128", "fc00::/7"),
    )
)
_SHAPE = re.compile(r"https?://[A-Za-z0-9._:\[\]-]{1,253}(/[A-Za-z0-9._~/-]{0,300})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where to ask, and how much it may take. `url` is what `/chat/completions` is put after."""

    url: str
    model: str
    api_key: str | None = field(default=None, repr=False)
    deadline_s: float = 60  # for one story, all tries together
    most_tokens: int = 1_500
    resolve: Resolve = resolve
    trusted: ssl.SSLContext | None = None  # None: the certificates that everybody trusts

    def request(self, messages: list[dict[str, str]], shape: Mapping[str, Any]) -> dict[str, Any]:
        """What is asked, with everything that bears on the answer. `shape` is the JSON schema wanted."""
        schema = {"name": "digest", "strict": True, "schema": shape}
        return {
            "model": self.model,
            "messages": messages,
            "temperature": 0,
            "max_tokens": self.most_tokens,
            "response_format": {"type": "json_schema", "json_schema": schema},
        }


def endpoint_url(text: str) -> str:
    """The endpoint without a slash at its end. Raises ValueError for what cannot be asked, or not safely."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host or port == 0 or not _SHAPE.fullmatch(text):
        raise ValueError('not an endpoint; write for example "https://api.example.org/v1", the key into api_key')
    if parts.scheme == "http" and _is_address(host) and not own(host):
        raise ValueError("in clear text only to your own network; write https://")
    return text.rstrip("/")


def own(address: str) -> bool:
    """Whether this address is of this machine or of a private network."""
    ip = ip_address(address.partition("%")[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return any(ip in net for net in _OWN if net.version == ip.version)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class OwnGuard(Guard):
    """Lets an endpoint be asked wherever its name leads; in clear text only within one's own network."""

    clear: bool = False

    async def addresses(self, host: str, port: int, resolve: Resolve) -> list[str]:
        found = await resolve(host.strip("[]"), port)
        for address in found if self.clear else ():
            if not own(address):
                raise RefusedError(f"{host} ({address}): in clear text only to your own network; write https://")
        return found
