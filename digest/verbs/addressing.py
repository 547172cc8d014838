"""Addressing: the personal values of an edition's recipients, each drawn from keys. Hall; used by `desk`."""

from __future__ import annotations

from digest.model import Addressee, Claim, SealedEdition
from digest.verbs.parts import Parts
from subscribers import tokens


class Addressing:
    """Names messages and makes links for one edition's recipients; what they share is worked out once.

    `domain` comes after the @ of Message-IDs: the sealed edition's (`sender_domain`), for the settings may change while
    it is sent, and a message that is sent once more must be named as it was.
    """

    def __init__(self, parts: Parts, edition: str, domain: str) -> None:
        base = parts.letterhead.base_url
        self._edition = edition
        self._mac = tokens.message_macs(parts.ring)
        self._token = tokens.unsubscribe_tokens(parts.ring, parts.newsletter)
        self._domain = domain
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


def sender_domain(sealed: SealedEdition) -> str:
    """The domain of the address in its From header, which is bare or in angle brackets."""
    sender = dict(sealed.headers)["From"]
    return sender.rpartition("@")[2].removesuffix(">")
