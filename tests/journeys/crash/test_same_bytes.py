"""A restart changes nothing in what readers get: approved bytes, whatever has become of what they were made from."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator

import pytest

from digest.marks import split_marks
from digest.model import SealedEdition
from digest.render.seal import seal_hash
from digest.store import editions
from tests.journeys.crash.laboratory import Laboratory, Trial
from tests.smtpd import Accepted, SmtpServer


@pytest.fixture
def relay() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


def _approved(trial: Trial) -> tuple[str, SealedEdition]:
    """The approved hash, and the bytes that are sealed."""
    with trial.workspace.parts() as parts, parts.store.read() as db:
        row, sealed = editions.get(db, trial.edition), editions.sealed(db, trial.edition)
    assert row is not None
    assert row.approved_hash is not None
    assert sealed is not None
    return row.approved_hash, sealed


def _change_what_it_was_made_of(trial: Trial) -> None:
    trial.env |= {"DIGEST_NEWSLETTER__NAME": "Another Name", "DIGEST_NEWSLETTER__POSTAL_ADDRESS": "Elsewhere 1"}
    for story in (trial.workspace.folder / "stories").iterdir():
        story.write_text(re.sub("(?m)^headline: .*$", "headline: Something else", story.read_text()))
    templates = trial.workspace.folder / "templates" / "weekly"
    templates.mkdir(parents=True)
    for name in ("weekly.txt.j2", "story.mjml.j2"):
        (templates / name).write_text("Nothing to read.\n")


def _hash_of(message: Accepted, sealed: SealedEdition) -> str:
    """The hash of what arrived, the reader's own values taken out again."""
    parsed = email.message_from_bytes(message.data, policy=email.policy.default)
    parts = {part.get_content_type(): part.get_content() for part in parsed.walk() if not part.is_multipart()}
    return seal_hash(
        html=_without_values(parts["text/html"], sealed.html, sealed.nonce),
        text=_without_values(parts["text/plain"], sealed.text, sealed.nonce),
        subject=str(parsed["Subject"]),
        preheader=sealed.preheader,  # it is in the HTML
        headers=[(name, _without_quotes(str(parsed[name]), value)) for name, value in sealed.headers],
    )


def _without_values(part: str, sealed: str, nonce: str) -> str:
    """`sealed` where `part` is that with values in its marks; else `part`."""
    fixed = (re.escape(piece) if isinstance(piece, str) else r"[^\n]*?" for piece in split_marks(sealed, nonce))
    return sealed if re.fullmatch("".join(fixed), part.replace("\r\n", "\n")) else part


def _without_quotes(header: str, sealed: str) -> str:
    """`sealed` where `header` is that but for quotation marks, which a name of plain words can do without."""
    return sealed if header == sealed.replace('"', "") else header


@pytest.mark.slow
@pytest.mark.parametrize("point", ["after_plan_commit", "after_claim", "after_dot_before_reply:7"])
def test_what_is_sent_after_a_restart_is_what_was_approved(
    laboratory: Laboratory, relay: SmtpServer, point: str
) -> None:
    with laboratory.trial(relay, policy="resend-once") as trial:
        approved, sealed = _approved(trial)
        assert trial.run(point) == -9
        _change_what_it_was_made_of(trial)
        trial.finish()
        books = trial.books()

    assert books.totals.sent == laboratory.readers
    assert {_hash_of(message, sealed) for message in relay.accepted} == {approved}
    assert all(f"\r\nX-Digest-Edition-Hash: {approved}\r\n".encode() in message.data for message in relay.accepted)
