"""Retracted papers: a dirty list is taken in, stories on them are labelled, none goes out as if nothing were."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from digest.errors import HeldError, InputError, UsageError
from digest.model import EditionState
from digest.render.findings import Finding
from digest.verbs import approve, retractions, stories
from digest.verbs.assemble import assemble, edit
from digest.verbs.retractions import Imported
from digest.verbs.send import Order, send_edition
from tests.gather.hostile import HostileServer, answer
from tests.verbs.conftest import Newsletter
from tests.verbs.newsroom import SALT, Newsroom

NAMES = (
    "Record ID,Title,Journal,RetractionDate,RetractionDOI,OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature,"
    "Reason,Notes\n"
)
RETRACTED = "1,Sleep,J,5/1/2026 0:00,unavailable,10.1234/sleep.1,0,Retraction,+Unreliable Data;,\n"
REINSTATED = "2,Sleep,J,6/1/2026 0:00,unavailable,10.1234/SLEEP.1,0,Reinstatement,,\n"
CONCERN = "3,Sleep,J,4/1/2026 0:00,unavailable,10.1234/sleep.1,0,Expression of concern,,\n"
ON_IT = "evidence: {doi: 10.1234/sleep.1}"


def take(newsletter: Newsletter, text: str | bytes, **how: bool) -> Imported:
    file = newsletter.parts.workspace / "list.csv"
    file.write_bytes(text if isinstance(text, bytes) else (NAMES + text).encode())
    return retractions.import_file(newsletter.parts, file, **how)  # type: ignore[arg-type]


def about_retractions(newsletter: Newsletter) -> list[Finding]:
    row = newsletter.assembled()
    return [finding for finding in approve.check(newsletter.parts, row) if finding.rule == "retraction"]


# ── the list ─────────────────────────────────────────────────────────────────────────────────────


def test_a_dirty_list_is_taken_in_and_its_bad_rows_told_by_number(newsletter: Newsletter) -> None:
    done = take(
        newsletter,
        RETRACTED
        + '4,"A ""quoted"" title,\nover two lines",J,5/1/2026 0:00,,10.1234/b,,Retraction,,\n'
        + "5,No name,J,5/1/2026 0:00,,unavailable,0,Retraction,,\n"
        + "6,Unknown,J,5/1/2026 0:00,,10.1234/c,,Withdrawn?,,\n"
        + "7,Ragged, because, of, commas,J,5/1/2026 0:00,,10.1234/d,,Retraction,,\n"
        + '8,"never closed,J,5/1/2026 0:00,,10.1234/e,,Retraction,,\n'
        + "9,NUL \0,J,5/1/2026 0:00,,10.1234/f,,Retraction,,\n"
        + "10,Last,J,not a day,,10.1234/g,,Retraction,,\n",
    )

    assert (done.rows, done.added, done.nameless, done.rejected.count, done.unread.count) == (8, 3, 1, 4, 1)
    assert [error.row for error in done.rejected.listed] == [6, 7, 8, 9]
    assert done.unread.listed[0].row == 10
    assert done.rows == done.added + done.nameless + done.rejected.count


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_list_is_read_in_any_usual_encoding(newsletter: Newsletter, encoding: str) -> None:
    text = NAMES + RETRACTED.replace("Sleep", "Schlaf für Müde")

    done = take(newsletter, text.encode(encoding))

    assert done.added == 1
    assert retractions.listing(newsletter.parts, "", 5)[0].title == "Schlaf für Müde"


def test_the_same_list_again_changes_nothing(newsletter: Newsletter) -> None:
    take(newsletter, RETRACTED + CONCERN)

    done = take(newsletter, RETRACTED + CONCERN)

    assert (done.added, done.changed, done.unchanged) == (0, 0, 2)


def test_a_dry_run_says_the_same_and_writes_nothing(newsletter: Newsletter) -> None:
    trial = take(newsletter, RETRACTED, dry_run=True)

    assert (trial.added, retractions.listing(newsletter.parts, "", 5)) == (1, [])
    assert take(newsletter, RETRACTED).added == 1
    assert take(newsletter, CONCERN, replace=True, dry_run=True).removed == 1
    assert len(retractions.listing(newsletter.parts, "", 5)) == 1


def test_a_whole_list_can_take_the_place_of_the_old_one(newsletter: Newsletter) -> None:
    take(newsletter, RETRACTED)

    assert take(newsletter, CONCERN, replace=True).removed == 1
    assert [record.nature for record in retractions.listing(newsletter.parts, "", 5)] == ["expression of concern"]


def test_a_list_without_one_good_row_forgets_nothing(newsletter: Newsletter) -> None:
    take(newsletter, RETRACTED)

    assert take(newsletter, "1,2,3\n", replace=True).removed == 0
    assert len(retractions.listing(newsletter.parts, "", 5)) == 1


@pytest.mark.parametrize("text", [b"", b"address,name\na@example.org,A\n", b"PK\x03\x04" + b"\0" * 100])
def test_another_file_is_refused_and_nothing_written(newsletter: Newsletter, text: bytes) -> None:
    with pytest.raises(InputError, match=r"list\.csv: "):
        take(newsletter, text)

    assert retractions.listing(newsletter.parts, "", 5) == []


def test_a_file_that_is_not_there_is_told(newsletter: Newsletter, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        retractions.import_file(newsletter.parts, tmp_path / "none.csv")


def test_a_long_list_reports_how_far_it_is(newsletter: Newsletter) -> None:
    rows = "".join(f"{n},T,J,5/1/2026 0:00,,10.1234/n{n},0,Retraction,,\n" for n in range(1_000))
    file = newsletter.parts.workspace / "list.csv"
    file.write_text(NAMES + rows)
    told: list[int] = []

    done = retractions.import_file(newsletter.parts, file, progress=told.append)

    assert (done.added, told) == (1_000, [400, 800])


# ── stories and editions ─────────────────────────────────────────────────────────────────────────


def test_a_story_file_on_a_retracted_paper_is_labelled(newsletter: Newsletter) -> None:
    take(newsletter, RETRACTED)
    newsletter.story("Sleep is good", extra=ON_IT)
    newsletter.story("Tea is fine", extra="evidence: {doi: 10.1234/tea}")

    files = stories.listing(newsletter.parts)
    assert [file.parsed.story.evidence.retracted for file in files if file.parsed] == [True, None]
    row = newsletter.assembled()

    retracted = {story.id: story.evidence.retracted for story in row.edition.stories}
    assert retracted == {"sleep-is-good": True, "tea-is-fine": None}
    (finding,) = about_retractions(newsletter)
    assert (finding.severity, finding.story) == ("warning", "sleep-is-good")
    assert "10.1234/sleep.1 was retracted on 2026-05-01 (Unreliable Data): it is labelled" in finding.message


def test_a_gathered_article_that_is_a_retracted_paper_labels_its_story(newsletter: Newsletter) -> None:
    take(newsletter, RETRACTED)
    with HostileServer() as server:
        newsroom = Newsroom(newsletter, server)
        newsroom.publishes("Sleep Journal", SALT)
        link = "https://sleep-journal.example/doi/full/10.1234/Sleep.1"
        route = server.routes["/sleep-journal.example"]
        assert isinstance(route, bytes)
        body = route.partition(b"\r\n\r\n")[2]
        server.routes["/sleep-journal.example"] = answer(200, re.sub(rb"(?<=<link>)https://[^<]*", link.encode(), body))
        newsroom.fetch()

    row = newsletter.assembled()

    assert [story.evidence.retracted for story in row.edition.stories] == [True]
    assert about_retractions(newsletter)[0].severity == "warning"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (RETRACTED + REINSTATED, "was retracted and then reinstated on 2026-06-01"),
        (CONCERN, "has an expression of concern, 2026-04-01"),
    ],
)
def test_what_is_no_retraction_is_told_to_editors_only(newsletter: Newsletter, rows: str, said: str) -> None:
    take(newsletter, rows)
    newsletter.story("Sleep is good", extra=ON_IT)

    row = newsletter.assembled()

    assert row.edition.stories[0].evidence.retracted is None
    assert [(f.severity, f"10.1234/sleep.1 {said}") for f in about_retractions(newsletter)] == [
        ("warning", about_retractions(newsletter)[0].message)
    ]


def test_a_paper_retracted_since_sealing_stops_the_approval_until_it_is_labelled(newsletter: Newsletter) -> None:
    newsletter.story("Sleep is good", extra=ON_IT)
    row = newsletter.assembled()
    take(newsletter, RETRACTED)

    (finding,) = about_retractions(newsletter)
    assert (finding.severity, finding.story) == ("error", "sleep-is-good")
    with pytest.raises(HeldError, match=r"10\.1234/sleep\.1 was retracted on 2026-05-01"):
        approve.approve(newsletter.parts, row, hash_prefix=None, by="editor")

    done = assemble(newsletter.parts, row.edition.slot, refresh=True).row
    assert done is not None
    assert approve.approve(newsletter.parts, done, hash_prefix=None, by="editor").state is EditionState.APPROVED


def test_an_edit_seals_what_became_of_the_papers_meanwhile(newsletter: Newsletter) -> None:
    newsletter.story("Sleep is good", extra=ON_IT)
    row = newsletter.assembled()
    take(newsletter, RETRACTED)

    done = edit(newsletter.parts, row, subject="My own words").row

    assert done is not None
    assert done.edition.stories[0].evidence.retracted is True


def test_an_approved_edition_is_held_when_a_paper_is_retracted_before_its_slot(newsletter: Newsletter) -> None:
    newsletter.readers("ada")
    newsletter.story("Sleep is good", extra=ON_IT)
    row = approve.approve(newsletter.parts, newsletter.assembled(), hash_prefix=None, by="editor")
    take(newsletter, RETRACTED)

    held = send_edition(newsletter.parts, row.edition.id, Order())

    assert held.what == "held"
    assert held.reason is not None
    assert "10.1234/sleep.1 was retracted on 2026-05-01" in held.reason
    assert newsletter.received() == []

    done = assemble(newsletter.parts, row.edition.slot, refresh=True).row
    assert done is not None
    approve.approve(newsletter.parts, done, hash_prefix=None, by="editor")
    assert send_edition(newsletter.parts, row.edition.id, Order()).what == "sent"
    assert newsletter.received() == ["ada@example.com"]


def test_an_approved_edition_goes_out_when_its_retraction_is_labelled(newsletter: Newsletter) -> None:
    take(newsletter, RETRACTED)
    newsletter.readers("ada")
    newsletter.story("Sleep is good", extra=ON_IT)
    row = approve.approve(newsletter.parts, newsletter.assembled(), hash_prefix=None, by="editor")

    assert send_edition(newsletter.parts, row.edition.id, Order()).what == "sent"
