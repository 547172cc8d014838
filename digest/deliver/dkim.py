"""DKIM: signatures over a message's headers and the hash of its body (RFC 6376, RFC 8463), and keys for them. Pure.

relaxed/relaxed, no l=, every header below signed once more than it occurs, so that none can be added later.
The caller hashes: what is fixed for an edition is hashed once and the state copied per message.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from digest.errors import SettingsError

if TYPE_CHECKING:
    from hashlib import _Hash

Kind = Literal["rsa", "ed25519"]

RSA_BITS = 2048  # what DNS carries in two strings and every receiver verifies; Gmail advises it
_RSA_BITS_LIMIT = 4096  # RFC 8301 section 3.2: verifiers need not go further

OVERSIGNED = (
    "from",
    "to",
    "cc",
    "subject",
    "date",
    "message-id",
    "reply-to",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "list-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "feedback-id",
)

_PREHASHED = Prehashed(SHA256())
_PADDING = PKCS1v15()
_HOST = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_](?:[A-Za-z0-9_\-]*)(?:\.[A-Za-z0-9_][A-Za-z0-9_\-]*)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A private key that signs for `domain` under `selector`. Safe to share between threads."""

    domain: str
    selector: str
    key: RSAPrivateKey | Ed25519PrivateKey = field(repr=False)

    @classmethod
    def from_pem(cls, pem: str | bytes, *, domain: str, selector: str) -> Signer:
        """Raises SettingsError for a key, domain or selector that receivers would not accept."""
        for what, value in (("domain", domain), ("selector", selector)):
            if not _HOST.fullmatch(value):
                raise SettingsError(f'[[dkim]] {what} = "{value}": a host name in ASCII is wanted; correct it')
        return cls(domain=domain.lower(), selector=selector, key=_private_key(pem))

    @property
    def algorithm(self) -> str:
        return "rsa-sha256" if isinstance(self.key, RSAPrivateKey) else "ed25519-sha256"

    @property
    def dns_name(self) -> str:
        """Where receivers look for the public key."""
        return f"{self.selector}._domainkey.{self.domain}"

    def sign(self, digest: bytes) -> bytes:
        """Sign a SHA-256 digest; the same digest gives the same signature."""
        if isinstance(self.key, RSAPrivateKey):
            return self.key.sign(digest, _PADDING, _PREHASHED)
        return self.key.sign(digest)  # RFC 8463 section 3: the digest itself is the signed text

    def at(self, at: int, *, names: bytes) -> Signing:
        """For all signatures of one moment, in seconds since 1970, over headers in the order of `names`: an `h=` value,
        from `signed_names`."""
        tags = f"v=1; a={self.algorithm}; c=relaxed/relaxed; d={self.domain};\r\n s={self.selector}; t={at};\r\n h="
        opening = b"".join([tags.encode("ascii"), names, b";\r\n bh="])
        return Signing(self.sign, opening, b"dkim-signature:" + opening.replace(b"\r\n ", b" "))


@dataclass(frozen=True, slots=True)
class Signing:
    """What all DKIM-Signature headers of one signer and moment share: its words, as they stand and relaxed."""

    sign: Callable[[bytes], bytes]
    opening: bytes
    relaxed_opening: bytes

    def header(self, signed: _Hash, body_hash: bytes) -> bytes:
        """The DKIM-Signature header of one message.

        `signed` has taken the relaxed headers that `opening` names, and is left as it is; `body_hash` is base64.
        """
        # Section 3.7: the header that is being made is hashed last, with b= empty and without its line end
        digest = signed.copy()
        digest.update(b"%b%b; b=" % (self.relaxed_opening, body_hash))
        signature = base64.b64encode(self.sign(digest.digest()))
        lines = b"\r\n ".join([signature[at : at + 72] for at in range(0, len(signature), 72)])
        return b"DKIM-Signature: %b%b;\r\n b=%b\r\n" % (self.opening, body_hash, lines)


def relaxed(header: bytes) -> bytes:
    """A raw header, line end included, in relaxed form (RFC 6376 section 3.4.2)."""
    name, _, value = header.partition(b":")
    return name.strip().lower() + b":" + b" ".join(value.split()) + b"\r\n"


def signed_names(present: Iterable[str]) -> bytes:
    """The `h=` value for headers (all among OVERSIGNED) that are hashed in this order, folded for a header.

    A name beyond its last occurrence stands for "no further one" (section 5.4.2).
    """
    lines = [""]
    for name in [*(name.lower() for name in present), *OVERSIGNED]:
        if len(lines[-1]) + len(name) > 70:
            lines.append("")
        lines[-1] += f"{name}:"
    return "\r\n ".join(lines).removesuffix(":").encode("ascii")


def body_hash(state: _Hash) -> bytes:
    """`bh=`: base64 of what has taken the whole relaxed body."""
    return base64.b64encode(state.digest())


def generate_key(kind: Kind) -> str:
    """A new private key as PEM (PKCS #8, not encrypted: keep it in a file of mode 600)."""
    key = Ed25519PrivateKey.generate() if kind == "ed25519" else generate_private_key(65537, RSA_BITS)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")


def dns_record(pem: str | bytes) -> str:
    """The TXT record's value that publishes this private key's public half. Raises SettingsError."""
    key = _private_key(pem)
    if isinstance(key, RSAPrivateKey):
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode('ascii')}"
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return f"v=DKIM1; k=ed25519; p={base64.b64encode(public).decode('ascii')}"


def zone_line(pem: str | bytes, *, domain: str, selector: str) -> str:
    """The same as a line for a zone file; a TXT string holds at most 255 octets, so it comes in several."""
    value = dns_record(pem)
    strings = " ".join(f'"{value[at : at + 250]}"' for at in range(0, len(value), 250))
    return f"{selector}._domainkey.{domain}. IN TXT ( {strings} )"


def _private_key(pem: str | bytes) -> RSAPrivateKey | Ed25519PrivateKey:
    try:
        key = load_pem_private_key(pem.encode("utf-8") if isinstance(pem, str) else pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        wish = "an unencrypted PEM private key (RSA or Ed25519) is wanted; make one with `digest init` or openssl"
        raise SettingsError(f"[[dkim]] key_file: not readable as a key: {wish}") from error
    if isinstance(key, Ed25519PrivateKey):
        return key
    if not isinstance(key, RSAPrivateKey):
        raise SettingsError(f"[[dkim]] key_file: {type(key).__name__}: an RSA or Ed25519 key is wanted; make a new one")
    if not RSA_BITS <= key.key_size <= _RSA_BITS_LIMIT:
        raise SettingsError(f"[[dkim]] key_file: RSA of {key.key_size} bits: 2048 to 4096 are wanted; make a new one")
    return key
