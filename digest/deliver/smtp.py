"""SMTP: from a relay's name to a connection that is greeted, encrypted and logged in. The edge to the network.

Connecting, EHLO, STARTTLS and AUTH are aiosmtplib's; the conversation about messages is our own (see `dialogue`).
Whatever goes wrong here concerns no recipient: it is a RelayError, `lasting` when a person must act.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import cast

import aiosmtplib

from digest.deliver.envelope import Offers
from digest.deliver.relay import Relay
from digest.deliver.replies import printable
from digest.errors import RelayError
from digest.model import Phase

_METHODS = {"plain": "auth_plain", "login": "auth_login", "cram-md5": "auth_crammd5"}  # the best first

_PROBES = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 30, "TCP_KEEPCNT": 5}  # seconds, seconds, and how many without answer


class Opener:
    """Opens connections to one relay. What is the same for all of them (trust, our name) is worked out once.

    `is_local` judges the peer's address: what never leaves this machine may be in clear.
    """

    def __init__(self, relay: Relay, *, is_local: Callable[[str], bool] | None = None) -> None:
        self._relay = relay
        self._is_local = is_local or is_loopback
        self._trust: ssl.SSLContext | None = None
        self._name: str | None = relay.local_hostname

    async def open(self) -> tuple[asyncio.Transport, Offers]:
        """A connection on which MAIL may be said next. Raises RelayError."""
        relay, times = self._relay, self._relay.timeouts
        # Made for encrypted relays only: reading the system's certificates takes some 20 ms, and megabytes.
        trust = self._trust_for() if relay.security != "none" else None
        name = await self._own_name()
        with _told(relay, Phase.CONNECT, times.connect):
            sock = await _connect(relay)
        smtp = aiosmtplib.SMTP(
            hostname=relay.host,
            sock=sock,
            use_tls=relay.security == "tls",
            start_tls=False,  # the default would go on in clear where STARTTLS is not offered, log-in included
            tls_context=trust,
            local_hostname=name if "." in name else _address_literal(sock),
            timeout=times.greeting,
        )
        try:
            with _told(relay, Phase.CONNECT, times.greeting):
                await smtp.connect()
            await self._hello(smtp)
            await self._encrypt(smtp)
            await self._log_in(smtp)
        except BaseException:
            smtp.close()
            with suppress(OSError):  # the socket at once: a polite end of TLS waits for the other side
                sock.shutdown(socket.SHUT_RDWR)
            raise
        if smtp.transport is None:
            raise RelayError(f"mail relay {relay.shown}: the connection was lost after log-in; try again")
        return cast(asyncio.Transport, smtp.transport), Offers.of(smtp.esmtp_extensions)

    def _trust_for(self) -> ssl.SSLContext:
        if self._trust is None:
            with _told(self._relay, Phase.TLS, 0):
                self._trust = ssl.create_default_context(cafile=self._relay.ca_file)
                self._trust.minimum_version = ssl.TLSVersion.TLSv1_2
        return self._trust

    async def _own_name(self) -> str:
        """What EHLO says where it is a full name. Asked for before there is a connection that somebody has to close."""
        if self._name is None:
            self._name = await asyncio.to_thread(socket.getfqdn)
        return self._name

    async def _hello(self, smtp: aiosmtplib.SMTP) -> None:
        seconds = self._relay.timeouts.ehlo
        with _told(self._relay, Phase.EHLO, seconds):
            try:
                await smtp.ehlo(timeout=seconds)
            except aiosmtplib.SMTPHeloError as refused:
                if not 500 <= refused.code < 600 or not smtp.is_connected:
                    raise
                await smtp.helo(timeout=seconds)  # an old server: no extension may be assumed

    async def _encrypt(self, smtp: aiosmtplib.SMTP) -> None:
        relay = self._relay
        if relay.security != "starttls":
            return
        if not smtp.supports_extension("starttls"):
            if self._stays_here(smtp):
                return
            raise RelayError(
                f"mail relay {relay.shown}: offers no STARTTLS: mail leaves this machine encrypted only; "
                'use port 465 with security = "tls", or say security = "none"',
                lasting=True,
            )
        with _told(relay, Phase.TLS, relay.timeouts.tls):
            await smtp.starttls(timeout=relay.timeouts.tls)
        await self._hello(smtp)  # what was offered in clear counts no more (RFC 3207 section 4.2)

    async def _log_in(self, smtp: aiosmtplib.SMTP) -> None:
        relay = self._relay
        if relay.username is None:
            return
        if smtp.get_transport_info("sslcontext") is None and not self._stays_here(smtp):
            raise RelayError(
                f"mail relay {relay.shown}: log-in without TLS: the password would travel in clear and was not "
                'sent; set security = "starttls" or "tls"',
                lasting=True,
            )
        if relay.auth == "xoauth2" and not relay.password:
            raise RelayError(
                f"mail relay {relay.shown}: log-in without an access token: nothing was sent; "
                "put it into [smtp] password, or the file of DIGEST_SMTP__PASSWORD_FILE",
                lasting=True,
            )
        with _told(relay, Phase.AUTH, relay.timeouts.auth):
            await self._authenticate(smtp, relay.username, relay.password or "")

    def _stays_here(self, smtp: aiosmtplib.SMTP) -> bool:
        return self._is_local(str(smtp.get_transport_info("peername")[0]))

    async def _authenticate(self, smtp: aiosmtplib.SMTP, username: str, password: str) -> None:
        """One method, one try: a wrong password tried three times is how accounts get locked."""
        seconds = self._relay.timeouts.auth
        if self._relay.auth == "xoauth2" and "xoauth2" in smtp.server_auth_methods:
            await smtp.auth_xoauth2(username, password, timeout=seconds)
            return
        for name, method in _METHODS.items():
            if self._relay.auth == "password" and name in smtp.server_auth_methods:
                await getattr(smtp, method)(username, password, timeout=seconds)
                return
        offered = printable(" ".join(smtp.server_auth_methods).encode()) or "none"
        raise RelayError(
            f"mail relay {self._relay.shown}: log-in methods: {offered}: none that we can use; "
            "check [smtp] port and security, or remove username",
            lasting=True,
        )


async def _connect(relay: Relay) -> socket.socket:
    """A TCP connection to the first of the relay's addresses that answers, within the connect time-out."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(relay.timeouts.connect):
        found = await loop.getaddrinfo(relay.host, relay.port, type=socket.SOCK_STREAM)
        fault: OSError = OSError("no address")
        for family, kind, protocol, _, address in found:
            sock = socket.socket(family, kind, protocol)
            try:
                sock.setblocking(False)
                _keep_alive(sock)
                await loop.sock_connect(sock, address)
            except OSError as error:
                sock.close()
                fault = error
            except BaseException:
                sock.close()
                raise
            else:
                return sock
    raise fault


def _keep_alive(sock: socket.socket) -> None:
    """Have the kernel ask after a minute of silence whether the other side is there, and not only after two hours as
    it would by itself: firewalls forget connections within some minutes, and a relay may think for ten."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _PROBES.items():
        if hasattr(socket, name):  # not every system has all of them
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _address_literal(sock: socket.socket) -> str:
    """What EHLO says where there is no full name (RFC 5321 section 4.1.3)."""
    address = sock.getsockname()[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"


def is_loopback(address: str) -> bool:
    """Judged by the peer's address, not by its name, which anybody's resolver may have given."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None)
    return bool((mapped or ip).is_loopback)


@contextmanager
def _told(relay: Relay, phase: Phase, seconds: float) -> Iterator[None]:
    """Turn whatever a connection can fail with into one line for the operator.

    Order matters: aiosmtplib wraps TLS faults of port 465 as connection errors, and lets those of STARTTLS
    through as they are; a time-out is an OSError too.
    """
    where = f"mail relay {relay.shown}: {phase}"
    try:
        yield
    except aiosmtplib.SMTPResponseException as refused:
        raise _refused(where, phase, refused) from refused
    except (OSError, aiosmtplib.SMTPException, ValueError) as fault:
        certificate = _certificate_fault(fault)
        if certificate is not None:
            told = f"{where}: certificate not trusted: {certificate}; nothing was sent; check [smtp] host and ca_file"
            raise RelayError(told, lasting=True) from fault
        if isinstance(fault, TimeoutError):
            raise RelayError(f"{where}: no answer within {seconds:g} s; try again later") from fault
        told = _in_words(fault)
        # A ValueError is something that we ourselves set wrongly; the network's faults may pass.
        lasting = isinstance(fault, (ValueError, FileNotFoundError))
        raise RelayError(f"{where}: {told}; check [smtp] host and port, or try again later", lasting=lasting) from fault


def _in_words(fault: BaseException) -> str:
    """What a person would call it: "connection refused", not an errno with the address once more."""
    found: BaseException | None = fault
    while found is not None:
        if isinstance(found, ssl.SSLError):
            no_tls = found.reason == "WRONG_VERSION_NUMBER"
            return "no TLS is spoken on this port: [smtp] security may have to be another" if no_tls else str(found)
        found = found.__cause__ or found.__context__
    if isinstance(fault, aiosmtplib.SMTPServerDisconnected) or isinstance(
        fault.__cause__, aiosmtplib.SMTPServerDisconnected
    ):
        return "the relay closed the connection"
    said = str(fault)
    if isinstance(fault, OSError) and fault.errno:
        said = os.strerror(fault.errno) if fault.errno > 0 else fault.strerror or said
    return printable(said.encode("utf-8", "replace"))


def _refused(where: str, phase: Phase, refused: aiosmtplib.SMTPResponseException) -> RelayError:
    said = printable(refused.message.encode("utf-8", "surrogateescape"))
    if not 200 <= refused.code < 600:
        return RelayError(f"{where}: not an SMTP reply: {said}; check [smtp] host and port")
    if refused.code < 500:
        return RelayError(f"{where}: {refused.code} {said}; try again later")
    wish = "check [smtp] username and password" if phase is Phase.AUTH else "ask who runs the relay"
    return RelayError(f"{where}: {refused.code} {said}; nothing was sent; {wish}", lasting=True)


def _certificate_fault(fault: BaseException | None) -> str | None:
    while fault is not None:
        if isinstance(fault, ssl.SSLCertVerificationError):
            return fault.verify_message
        fault = fault.__cause__ or fault.__context__
    return None
