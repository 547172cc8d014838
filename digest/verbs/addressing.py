"""Addressing: the personal values of an edition's recipients, each drawn from keys. Hall; used by `desk`."""

from __future__ import annotations

from digest.model import Addressee, Claim
from digest.verbs.parts import Parts
from subscribers import tokens


class Addressing:
    """Names messages and makes links for one edition's recipients; what they share is worked out once."""

    def __init__(self, parts: Parts, edition: str) -> None:
        base = parts.letterhead.base_url
        self._edition = edition
        self._mac = tokens.message_macs(parts.ring)
        self._token = tokens.unsubscribe_tokens(parts.ring, parts.newsletter)
        self._domain = parts.letterhead.from_address.partition("@")[2]
        self._unsubscribe = f"{base}/u/"
        self._preferences = f"{base}/preferences"

    def message_id(self, subscriber: int) -> str:
        """`<edition.subscriber.mac@domain>`: the same for every attempt, also after a crash before it was written."""
        name = f"{self._edition}.{subscriber}"
        return f"<{name}.{self._mac(name)}@{self._domain}>"

    def addressee(self, claim: Claim) -> Addressee:
        """The personal values of one recipient."""
        number = claim.subscriber
        named = claim.message_id or self.message_id(number)
        return Addressee(claim.address, claim.name, self._unsubscribe + self._token(number), self._preferences, named)
