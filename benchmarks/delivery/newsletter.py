"""A newsletter to be sent: a workspace with readers in its database and one approved edition. Benchmarks only."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from benchmarks.message_bench import edition as sealed_sample
from digest.config import load
from digest.marks import fill
from digest.model import Edition, SealedEdition, Slot, Story
from digest.render.seal import seal_hash
from digest.store import editions
from digest.verbs.parts import Parts
from digest.verbs.workspace import init
from digest.wiring import assemble_parts, new_key_ring, now

LETTER_HTML_BYTES = 61_000  # comes to a message of 73 KB
SMALL_HTML_BYTES = 500

_COLUMNS = """newsletter, address, address_key, suppression_hash, domain, name, topics, state, confirmed_at, created_at,
              updated_at"""
_READER = """'weekly', 'reader' || n || '@example.net', 'reader' || n || '@example.net', {hash}, 'example.net',
             CASE n - n / 3 * 3 WHEN 0 THEN 'Ada Lovelace' WHEN 1 THEN 'Zoë Müller-Łukasiewicz' ELSE 'O''Brien, Pat'
             END,
             '[]', 'active', '2026-01-05 07:00:00.000000', '2026-01-05 07:00:00.000000', '2026-01-05 07:00:00.000000'"""
_SOURCES = {
    "sqlite": (
        "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {count})",
        "number",
        "lower(hex(randomblob(32)))",
    ),
    "postgresql": ("", "generate_series(1, {count}) AS number(n)", "encode(sha256(n::text::bytea), 'hex')"),
}


@dataclass(frozen=True, slots=True)
class Newsletter:
    """A workspace on disk. `url` is its database when that is not the file in the workspace."""

    folder: Path
    edition: str
    url: str | None = None

    def environment(self, port: int) -> dict[str, str]:
        """What the command line, and `parts`, are to be told: the relay's port and the database."""
        values = {"DIGEST_SMTP__PORT": str(port), "DIGEST_SMTP__CONNECTIONS": "10"}
        return values | ({"DIGEST_STORE__URL": self.url} if self.url else {})

    def parts(self, port: int = 1025, *, create: bool = False) -> Parts:
        return assemble_parts(load(str(self.folder), self.environment(port)), create=create)

    def copied(self, folder: Path) -> Newsletter:
        """A fresh one with the same readers, for SQLite."""
        shutil.copytree(self.folder, folder)
        return replace(self, folder=folder)


def make_newsletter(
    folder: Path, readers: int, *, html_bytes: int = LETTER_HTML_BYTES, url: str | None = None
) -> Newsletter:
    """A new workspace in `folder` with so many readers, ready to be sent at once."""
    init(folder, new_key_ring=new_key_ring, with_story=False)
    instant = now().astimezone(ZoneInfo("Europe/London")).replace(microsecond=0)
    made = Newsletter(folder, f"weekly-{instant.date()}", url)
    with made.parts(create=True).store as store:
        sealed = _sealed(made.edition, html_bytes)
        with store.write() as db:
            add_readers(db, readers)
            editions.insert_draft(db, _edition(made.edition, Slot(instant.date(), instant), sealed), instant)
            editions.save_sealed(
                db, _edition(made.edition, Slot(instant.date(), instant), sealed), sealed, instant, "made"
            )
            editions.approve(db, made.edition, sealed.hash, "benchmark", instant)
    return made


def add_readers(db: Connection, count: int) -> None:
    """Confirmed readers reader1 … reader<count>@example.net, by one statement."""
    before, source, hash = (text.format(count=count) for text in _SOURCES[db.dialect.name])
    db.exec_driver_sql(
        f"INSERT INTO subscriber ({_COLUMNS}) {before} SELECT {_READER.format(hash=hash)} FROM {source}"
        if db.dialect.name == "postgresql"
        else f"{before} INSERT INTO subscriber ({_COLUMNS}) SELECT {_READER.format(hash=hash)} FROM {source}"
    )


def _edition(name: str, slot: Slot, sealed: SealedEdition) -> Edition:
    return Edition(
        id=name,
        newsletter="weekly",
        slot=slot,
        number=1,
        subject=sealed.subject,
        preheader=sealed.preheader,
        intro="Good morning.",
        stories=(Story(id="ketamine", headline=sealed.subject),),
        reading_minutes=4,
    )


def _sealed(edition: str, html_bytes: int) -> SealedEdition:
    sample = sealed_sample(html_bytes)
    if html_bytes < LETTER_HTML_BYTES:
        sample = replace(sample, text="Good morning.\n")
    parts = {"html": sample.html, "text": sample.text, "subject": sample.subject, "preheader": sample.preheader}
    return replace(sample, edition=edition, hash=seal_hash(**parts, headers=sample.headers))


def letter_template() -> dict[str, str]:
    """The same letter for other programs: %name% and so on stand where personal values go."""
    sample = sealed_sample(LETTER_HTML_BYTES)
    places = {field: f"%{field}%" for field in ("name", "address", "unsubscribe_url", "preferences_url")}
    filled = {kind: fill(text, sample.nonce, places) for kind, text in (("html", sample.html), ("text", sample.text))}
    return filled | {"subject": sample.subject, "from": dict(sample.headers)["From"]}
