"""Test mails: the sealed bytes, marked as a test, to people on the list of [preview] test_recipients. Hall."""

from __future__ import annotations

from collections.abc import Sequence

from digest.deliver.message import compile_message
from digest.errors import EditionError, UsageError
from digest.model import Addressee
from digest.store import editions
from digest.store.editions import EditionRow
from digest.verbs.errand import run_errand
from digest.verbs.parts import Parts


def test_send(parts: Parts, row: EditionRow, to: Sequence[str]) -> dict[str, str | None]:
    """Mail the sealed edition to each address, "[Test]" before the subject; the unsubscribe link names nobody.

    Returns what was said for each address, None where it was accepted. Raises UsageError for an address that is not
    allow-listed: a test must never reach a reader by a slip of the finger.
    """
    allowed = {address.casefold() for address in parts.test_recipients}
    for address in to:
        if address.casefold() not in allowed:
            raise UsageError(f"--to {address}: not in [preview] test_recipients; add it there first")
    with parts.store.read() as db:
        sealed = editions.sealed(db, row.edition.id)
    if sealed is None:
        raise EditionError(f"{row.edition.id}: not sealed yet; run `digest assemble --slot {row.edition.slot.key}`")
    compiled = compile_message(sealed, test=True)
    base, now = parts.letterhead.base_url, parts.clock()
    domain = parts.letterhead.from_address.partition("@")[2]
    messages = {}
    for number, address in enumerate(dict.fromkeys(to)):
        addressee = Addressee(
            address=address,
            name="",
            unsubscribe_url=f"{base}/u/test",
            preferences_url=f"{base}/preferences",
            message_id=f"<test.{row.edition.id}.{now:%Y%m%d%H%M%S%f}.{number}@{domain}>",
        )
        messages[address] = compiled.build(addressee, date=now, signers=parts.signers)
    return run_errand(parts, messages)
