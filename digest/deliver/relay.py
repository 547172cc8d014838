"""The relay: where mail is handed over, how, and how long we wait for each word of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Security = Literal["starttls", "tls", "none"]
AuthMethod = Literal["password", "xoauth2"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds that each phase of a conversation may take; the minima of RFC 5321 section 4.5.3.2, or more.

    A time-out bounds the whole reply, not the gap between two bytes: a server that drips cannot stretch it.
    `dot` is long on purpose: a reply given up on is a message of which nobody knows what became.
    `idle` is how long a connection may rest before it is asked (NOOP) whether it still lives.
    """

    connect: float = 30
    greeting: float = 300
    ehlo: float = 300
    tls: float = 60
    auth: float = 120
    mail: float = 300
    rcpt: float = 300
    data: float = 120
    body: float = 180
    dot: float = 600
    reset: float = 30
    quit: float = 5
    idle: float = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """One mail relay. Frozen, and its repr shows no secret.

    `security`: "starttls" is required beyond loopback (on loopback it is used where offered), "tls" is TLS from
    the first byte (port 465), "none" is clear text, said in so many words; the password is never sent in clear
    beyond loopback, whatever is set here. `password` holds an access token when `auth` is "xoauth2".
    `ca_file` names a PEM bundle to trust instead of the system's. `local_hostname` is what EHLO says; None asks
    the system. `reconnect_waits` are the seconds to wait before each further try when the relay, having served
    us, cannot be reached again; after the last one the run ends.
    """

    host: str
    port: int = 587
    security: Security = "starttls"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    auth: AuthMethod = "password"
    timeouts: Timeouts = Timeouts()
    local_hostname: str | None = None
    ca_file: str | None = None
    reconnect_waits: tuple[float, ...] = (1, 5, 15)

    @property
    def shown(self) -> str:
        """How messages to people name it."""
        return f"{self.host}:{self.port}"
