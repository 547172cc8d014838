"""Addresses: what somebody typed becomes the form for the wire and the form for telling people apart. Pure, no DNS.

The rules are those of email-validator, strict. Quoted local parts, display names, comments and IP addresses in brackets
are refused: no mailbox of a reader needs them, and each is a door for injection.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from subscribers.errors import AddressError

MAX_BYTES = 254  # RFC 5321 4.5.3.1.3, less the two angle brackets
_MAX_LOCAL = 64  # RFC 5321 4.5.3.1.1

# RFC 5322 dot-atom. Nearly every address is of this kind, and checking the general case costs forty times as much.
_PLAIN_LOCAL = re.compile(r"[a-zA-Z0-9_!#$%&'*+\-/=?^`{|}~]+(?:\.[a-zA-Z0-9_!#$%&'*+\-/=?^`{|}~]+)*")


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox. `address` goes on the wire: local part as typed (NFC), domain in lower-case ASCII (punycode).

    `key` is the same in lower case: two addresses with one key are one person. RFC 5321 lets a server tell upper from
    lower case in the local part; no known one does, and nobody wants two copies.
    """

    address: str
    key: str
    domain: str

    @property
    def needs_smtputf8(self) -> bool:
        """True when the relay must offer SMTPUTF8 (RFC 6531), because the local part is not ASCII."""
        return not self.address.isascii()


def normalise(text: str, *, test_environment: bool = True) -> Address:
    """Check an address; raises AddressError with the reason.

    The domains reserved for examples (RFC 2606: example.com, *.example) are always allowed, *.test by default, so that
    demos and tests can use them; localhost, *.local, *.invalid, *.onion and *.arpa never.
    """
    if len(text) > MAX_BYTES:
        raise AddressError(f"longer than {MAX_BYTES} characters", text)
    local, at, domain = text.rpartition("@")
    if at and len(local) <= _MAX_LOCAL and _PLAIN_LOCAL.fullmatch(local):
        wire_domain, reason = _check_domain(domain, test_environment)
    else:
        wire_domain, reason = _check(text, test_environment)
    if reason:
        raise AddressError(reason, text)
    address = f"{local}@{wire_domain}" if text.isascii() else f"{unicodedata.normalize('NFC', local)}@{wire_domain}"
    if len(address.encode()) > MAX_BYTES:
        raise AddressError(f"longer than {MAX_BYTES} bytes on the wire", text)
    return Address(address, unicodedata.normalize("NFC", address.lower()), wire_domain)


@lru_cache(maxsize=8192)
def _check_domain(domain: str, test_environment: bool) -> tuple[str, str]:
    """A domain's wire form and "", or "" and the reason against it. Lists have few domains, so the answers are kept."""
    return _check(f"x@{domain}", test_environment)


def _check(text: str, test_environment: bool) -> tuple[str, str]:
    if not text.isprintable() or " " in text:
        return "", "a space or an invisible character is in it"
    try:
        found = validate_email(text, strict=True, check_deliverability=False, test_environment=test_environment)
    except EmailNotValidError as error:
        return "", str(error)
    return found.ascii_domain.lower(), ""
