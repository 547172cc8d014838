"""Records of retractions: kept once each, found by DOI or PubMed number, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from digest.model import Evidence, Identifiers, Story
from digest.newsroom.retractions import Record
from digest.store import Store, retractions
from digest.store.retractions import Intake
from tests.store.samples import LATER, NOW

FIRST = Record(record="1", nature="retraction", title="Evening light", doi="10.1234/a", pmid="11", day=date(2024, 5, 1))
SECOND = Record(record="2", nature="correction", title="Morning 100% light", doi="10.1234/b", day=date(2025, 1, 1))
THIRD = Record(record="3", nature="reinstatement", pmid="11")


def take(store: Store, *batches: list[Record], remove_others: bool = False) -> dict[str, int]:
    with store.write() as db:
        intake = Intake(db, "weekly", NOW)
        for batch in batches:
            intake.take(batch)
        removed = {"removed": intake.remove_others()} if remove_others else {}
        return {**+intake.counts, **removed}


def listed(store: Store, words: str = "") -> list[str]:
    with store.read() as db:
        return [record.record for record in retractions.listing(db, "weekly", words, 10)]


def test_a_paper_is_found_by_either_of_its_names(store: Store) -> None:
    take(store, [FIRST, SECOND, THIRD])

    with store.read() as db:
        found = retractions.found(db, "weekly", [Identifiers(doi="10.1234/A", pmid="11"), Identifiers(doi="10.9/none")])

    assert found == {"doi 10.1234/a": (FIRST,), "pmid 11": (FIRST, THIRD)}


def test_another_newsletter_has_records_of_its_own(store: Store) -> None:
    take(store, [FIRST])

    with store.read() as db:
        assert retractions.found(db, "daily", [Identifiers(doi="10.1234/a")]) == {}


def test_many_papers_are_looked_up_at_once(store: Store) -> None:
    take(store, [FIRST])
    papers = [Identifiers(doi=f"10.1234/x{number}") for number in range(3_000)]

    with store.read() as db:
        assert list(retractions.found(db, "weekly", [*papers, Identifiers(pmid="11")])) == ["pmid 11"]


def test_the_same_again_changes_nothing(store: Store) -> None:
    assert take(store, [FIRST, SECOND]) == {"added": 2}
    assert take(store, [FIRST, SECOND]) == {"unchanged": 2}
    assert take(store, [replace(FIRST, reason="More is known")]) == {"changed": 1}
    assert listed(store) == ["2", "1"]


def test_a_record_named_twice_counts_once_near_and_far(store: Store) -> None:
    assert take(store, [FIRST, replace(FIRST, title="Again")], [replace(FIRST, title="Far")]) == {
        "added": 1,
        "duplicates": 2,
    }
    with store.read() as db:
        assert retractions.listing(db, "weekly", "", 5) == [FIRST]


def test_what_a_whole_list_does_not_name_can_be_forgotten(store: Store) -> None:
    take(store, [FIRST, SECOND])

    assert take(store, [SECOND, THIRD], remove_others=True) == {"added": 1, "unchanged": 1, "removed": 1}
    assert listed(store) == ["2", "3"]


def test_records_are_listed_by_name_or_words(store: Store) -> None:
    take(store, [FIRST, SECOND, THIRD])

    assert listed(store) == ["2", "1", "3"]
    assert listed(store, "https://doi.org/10.1234/A") == ["1"]
    assert listed(store, "11") == ["1", "3"]
    assert listed(store, "LIGHT") == ["2", "1"]
    assert listed(store, "100%") == ["2"]


def test_how_much_there_is_is_told(store: Store) -> None:
    take(store, [FIRST, SECOND, THIRD])

    with store.read() as db:
        held = retractions.held(db, "weekly")

    assert held.natures == {"correction": 1, "reinstatement": 1, "retraction": 1}
    assert (held.newest, held.imported_at) == (date(2025, 1, 1), NOW)
    assert held.imported_at is not None
    assert held.imported_at < LATER


def test_stories_are_marked(store: Store) -> None:
    take(store, [FIRST])
    on_it = Story(id="a", headline="A", evidence=Evidence(identifiers=Identifiers(doi="10.1234/a")))
    other = Story(id="b", headline="B")

    with store.read() as db:
        marked = retractions.marked(db, "weekly", [on_it, other])

    assert [story.evidence.retracted for story in marked] == [True, None]
