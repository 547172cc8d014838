"""The hand-over journal: what its bytes tell, whole, cut short or damaged."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.deliver.journal import (
    FileJournal,
    began_record,
    boot_id,
    ended_record,
    header_record,
    is_being_written,
    read_heading,
    read_journal,
    returned_record,
)
from digest.errors import StoreError
from digest.model import Claim, Outcome, Phase
from tests.deliver.lists import replay

HEADER = header_record("weekly-2026-11-23", 7, "boot-1")
SENT = Outcome(phase=Phase.DOT, code=250, enhanced="2.0.0", text="queued as 4711")


def claim(subscriber: int, fence: int = 1) -> Claim:
    return Claim(
        edition="weekly-2026-11-23", subscriber=subscriber, address="", name="", attempt=1, fence=fence, message_id=None
    )


def test_what_began_and_never_ended_is_in_doubt_and_nothing_else() -> None:
    told = replay(HEADER + began_record(claim(1)) + began_record(claim(2)) + ended_record(claim(1), SENT))

    assert (told.edition, told.sender, told.boot) == ("weekly-2026-11-23", 7, "boot-1")
    assert told.begun == {(2, 1)}
    assert told.ended == {(1, 1): SENT}
    assert told.is_whole


def test_what_was_returned_was_never_begun() -> None:
    told = replay(HEADER + began_record(claim(1)) + returned_record(claim(1)))

    assert (told.begun, told.ended, told.is_whole) == (frozenset(), {}, True)


def test_a_message_begun_again_is_in_doubt_again() -> None:
    refused = Outcome(phase=Phase.MAIL, code=421)
    told = replay(HEADER + began_record(claim(1)) + ended_record(claim(1), refused) + began_record(claim(1)))

    assert told.begun == {(1, 1)}
    assert told.ended == {}


def test_another_fence_is_another_claim() -> None:
    told = replay(HEADER + began_record(claim(1, fence=1)) + ended_record(claim(1, fence=2), SENT))

    assert told.begun == {(1, 1)}


@pytest.mark.parametrize("data", [b"", b"\n", b"something else\n", b"digest-journal 2 e 1 b\n", b"\x00" * 100])
def test_what_is_no_journal_tells_nothing(data: bytes) -> None:
    assert replay(data) == replay(b"")
    assert not replay(data).is_whole


def test_damage_is_told_and_ends_the_reading() -> None:
    told = replay(HEADER + began_record(claim(1)) + b"+2 x\n" + ended_record(claim(1), SENT))

    assert told.begun == {(1, 1)}
    assert not told.is_whole


outcomes = st.builds(
    Outcome,
    phase=st.sampled_from(list(Phase)),
    code=st.none() | st.integers(200, 599),
    enhanced=st.none() | st.just("5.1.1"),
    text=st.text(max_size=60),
)


@given(st.lists(st.tuples(st.integers(1, 9), outcomes), max_size=9))
def test_every_outcome_comes_back_as_it_was(ends: list[tuple[int, Outcome]]) -> None:
    told = replay(HEADER + b"".join(ended_record(claim(who), outcome) for who, outcome in ends))

    assert told.ended == {(who, 1): outcome for who, outcome in ends}
    assert told.is_whole


@given(
    st.lists(st.sampled_from([began_record(claim(n)) for n in (1, 23, 456)] + [ended_record(claim(23), SENT)])),
    st.integers(0, 500),
)
def test_a_journal_cut_anywhere_never_calls_a_begun_message_unbegun(records: list[bytes], cut: int) -> None:
    whole = b"".join(records)[:cut]
    last_end = whole.rfind(b"\n") + 1

    told, safe = replay(HEADER + whole), replay(HEADER + whole[:last_end])

    assert safe.is_whole
    assert told.begun | set(told.ended) >= safe.begun


def test_the_file_holds_each_record_when_the_call_returns(tmp_path: Path) -> None:
    file = tmp_path / "7.journal"
    journal = FileJournal(file, edition="weekly-2026-11-23", sender=7, boot=boot_id())

    journal.began(claim(1))
    during = replay(file.read_bytes())
    journal.ended(claim(1), SENT)
    journal.began(claim(2))
    journal.returned(claim(2))
    after = replay(file.read_bytes())
    journal.close(remove=True)

    assert during.begun == {(1, 1)}
    assert (after.begun, after.ended) == (frozenset(), {(1, 1): SENT})
    assert not file.exists()


def test_of_a_long_journal_only_what_is_wanted_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "7.journal"
    records = [began_record(claim(n)) + ended_record(claim(n), SENT) for n in range(1, 1000)]
    file.write_bytes(HEADER + b"".join(records) + began_record(claim(1000)) + began_record(claim(1001)))

    told = read_journal(file, wanted={(998, 1), (999, 2), (1000, 1)})

    assert (told.edition, told.sender, told.is_whole) == ("weekly-2026-11-23", 7, True)
    assert told.begun == {(1000, 1)}
    assert told.ended == {(998, 1): SENT}
    assert read_heading(file).boot == "boot-1"


def test_a_file_with_a_line_without_end_is_damaged(tmp_path: Path) -> None:
    file = tmp_path / "7.journal"
    file.write_bytes(HEADER + began_record(claim(1)) + b"x" * 1_000_000)

    told = read_journal(file, wanted={(1, 1)})

    assert told.begun == {(1, 1)}
    assert not told.is_whole


def test_a_journal_is_seen_to_be_written_until_it_is_closed(tmp_path: Path) -> None:
    file = tmp_path / "7.journal"
    before = is_being_written(file)
    journal = FileJournal(file, edition="weekly-2026-11-23", sender=7, boot="b")

    during = is_being_written(file)
    journal.close(remove=False)

    assert (before, during, is_being_written(file)) == (False, True, False)


def test_a_journal_is_never_written_over(tmp_path: Path) -> None:
    file = tmp_path / "7.journal"
    file.write_bytes(HEADER)

    with pytest.raises(StoreError, match="nothing was sent"):
        FileJournal(file, edition="weekly-2026-11-23", sender=7, boot="b")

    assert file.read_bytes() == HEADER


def test_a_journal_that_cannot_be_made_is_an_error_before_anything_is_sent(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nothing was sent"):
        FileJournal(tmp_path / "no such folder" / "7.journal", edition="e", sender=1, boot="b")


def test_room_for_records_to_come_is_not_damage() -> None:
    told = replay(HEADER + began_record(claim(1)) + bytes(100_000))

    assert told.begun == {(1, 1)}
    assert told.is_whole


def test_a_record_cut_off_before_its_first_byte_is_none() -> None:
    told = replay(HEADER + began_record(claim(1)) + b"\0" + began_record(claim(2))[1:] + bytes(1000))

    assert told.begun == {(1, 1)}
    assert told.is_whole
