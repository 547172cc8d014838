"""The key ring: secrets for tokens and suppression hashes, read from a small text file. Pure.

The file has comment lines (#), one `suppression <base64>` line and one or more `<number> <base64>` lines:

    suppression 5Jz…=     never changes: a suppression must be recognised for ever
    1 q0V…=               the highest number signs, all numbers are accepted
    2 9pX…=

Every purpose gets a key of its own from a ring key (HKDF-SHA256, RFC 5869), so that no token serves twice.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from subscribers.errors import KeyRingError

KEY_BYTES = 32
MAX_KEY_ID = 255  # one byte in a token

_NUMBER = re.compile("[0-9]{1,3}")

_FILE = """\
# Keys of this newsletter. Keep this file secret and keep a copy: without it, unsubscribe links
# in mails already sent stop working, and suppressed addresses are no longer recognised.
# To change keys, add a line with the next number and 32 random bytes in base64; leave old lines in
# place for a year at least. Never change the suppression line.
suppression {suppression}
1 {first}
"""


@dataclass(frozen=True)
class KeyRing:
    """Secrets by number; the highest is current. Two rings are equal when their secrets are."""

    keys: dict[int, bytes] = field(repr=False)
    suppression_key: bytes = field(repr=False)
    _derived: dict[str, dict[int, bytes]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def parse(cls, text: str) -> KeyRing:
        """Read the file's text. KeyRingError names the line, never its content."""
        secrets: dict[str, bytes] = {}
        for number, line in enumerate(text.splitlines(), start=1):
            stripped = line.strip().removeprefix("\ufeff")
            if not stripped or stripped.startswith("#"):
                continue
            name, secret = _read_line(stripped, number)
            if name in secrets:
                raise KeyRingError(f"key file: line {number}: a second key of the same name; remove one")
            secrets[name] = secret
        suppression = secrets.pop("suppression", None)
        if suppression is None:
            raise KeyRingError("key file: no suppression line: one is wanted; restore the file from its copy")
        if not secrets:
            raise KeyRingError("key file: no numbered key: at least one is wanted; restore the file from its copy")
        return cls({int(name): secret for name, secret in secrets.items()}, suppression)

    @staticmethod
    def generate(randbytes: Callable[[int], bytes]) -> str:
        """The text of a new key file. `randbytes(n)` must come from the system's secure source."""
        suppression, first = (base64.b64encode(randbytes(KEY_BYTES)).decode() for _ in range(2))
        return _FILE.format(suppression=suppression, first=first)

    @property
    def current_id(self) -> int:
        """The number of the key that signs."""
        return max(self.keys)

    def derive(self, purpose: str) -> bytes:
        """The current key for one purpose: 32 bytes."""
        return self.derive_all(purpose)[self.current_id]

    def derive_all(self, purpose: str) -> dict[int, bytes]:
        """Every accepted key for one purpose, by its number."""
        # A token is made for every message of a run; deriving takes longer than the rest of it, so it is remembered.
        derived = self._derived.get(purpose)
        if derived is None:
            derived = {number: _derive(secret, purpose) for number, secret in self.keys.items()}
            self._derived[purpose] = derived
        return derived

    def permanent(self, purpose: str) -> bytes:
        """The key for one purpose that no rotation changes: for names that must be the same for ever."""
        derived = self._derived.get(f"permanent {purpose}")
        if derived is None:
            derived = {0: _derive(self.suppression_key, purpose)}
            self._derived[f"permanent {purpose}"] = derived
        return derived[0]

    def suppression_hash(self, address_key: str) -> str:
        """What a suppression keeps of an address: hex HMAC-SHA256 of `Address.key` with the permanent key."""
        return hmac.digest(self.suppression_key, address_key.encode(), "sha256").hex()

    def __hash__(self) -> int:
        return hash((tuple(sorted(self.keys)), len(self.suppression_key)))


def _read_line(line: str, number: int) -> tuple[str, bytes]:
    name, _, encoded = line.partition(" ")
    if name != "suppression":
        if not (_NUMBER.fullmatch(name) and 1 <= int(name) <= MAX_KEY_ID):
            raise KeyRingError(f"key file: line {number}: 'suppression' or a number from 1 to {MAX_KEY_ID} is wanted")
        name = str(int(name))
    try:
        secret = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise KeyRingError(f"key file: line {number}: the key is not base64; restore the file from its copy") from None
    if len(secret) < KEY_BYTES:
        raise KeyRingError(f"key file: line {number}: the key has {len(secret)} bytes: at least {KEY_BYTES} are wanted")
    return name, secret


def _derive(secret: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"health-digest {purpose}".encode()).derive(secret)
