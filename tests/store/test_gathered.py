"""Gathered stories: what a round came to, which articles readers have had, and editors' changes in their order."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from digest.gather.candidate import Candidate
from digest.gather.copies import Copies
from digest.gather.source import Source
from digest.model import EditionState, Evidence, KeyPoint, Story
from digest.newsroom.telling.findings import Finding
from digest.store import Store, articles, editions, gathered, storychanges
from digest.store.gathered import StoryRow
from tests.store.samples import approved, edition_of

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
LEDGER = Source(name="Northern Ledger", url="https://northern-ledger.example/feed")
SLOT = date(2026, 11, 23)


def stored(store: Store, *titles: str) -> list[int]:
    """The ids of new articles."""
    items = [Candidate(title=title, url=f"https://ledger.example/{title}", text=title) for title in titles]
    with store.write() as db:
        return list(articles.keep(db, "weekly", LEDGER, items, copies=Copies(), now=NOW).new)


def row(name: str, *ids: int, told_of: str = "x") -> StoryRow:
    story = Story(
        id=name,
        headline=name.title(),
        key_points=(KeyPoint("A point.", 1),),
        evidence=Evidence(study_type="cohort"),
        day=date(2026, 11, 19),
    )
    return StoryRow(story=story, articles=ids, findings=(Finding("costs", "no cost is told", (1,)),), told_of=told_of)


def keep(store: Store, round: str, members: dict[int, str], *rows: StoryRow) -> None:
    with store.write() as db:
        gathered.keep_round(db, "weekly", round, members, rows)


def test_a_round_comes_back_as_it_was_kept(store: Store) -> None:
    one, two, three = stored(store, "a", "b", "c")
    croup = row("croup", one, two)

    keep(store, "r1", {one: "croup", two: "croup", three: "salt"}, croup)

    with store.read() as db:
        assert gathered.latest_round(db, "weekly") == ("r1", 1), "one article in a story that was not told in full"
        assert gathered.stories_of(db, "weekly", "r1") == [croup]
        assert gathered.names_of(db, "weekly", [one, three]) == {one: "croup", three: "salt"}
        assert gathered.names_taken(db, "weekly") == {"croup", "salt"}
        assert gathered.latest_round(db, "monthly") is None


def test_a_later_round_takes_the_place_of_the_one_before(store: Store) -> None:
    one, two = stored(store, "a", "b")
    keep(store, "r1", {one: "croup", two: "salt"}, row("croup", one), row("salt", two))

    keep(store, "r2", {one: "croup", two: "croup"}, row("croup", one, two, told_of="y"))

    with store.read() as db:
        assert gathered.stories_of(db, "weekly", "r2") == [row("croup", one, two, told_of="y")]
        assert gathered.told_before(db, "weekly", ["salt", "nobody"]) == {"salt": row("salt", two)}
        assert gathered.names_of(db, "weekly", [two]) == {two: "croup"}


def test_an_article_that_comes_in_or_changes_makes_another_state(store: Store) -> None:
    with store.read() as db:
        empty = gathered.state(db, "weekly", date(2026, 11, 6))
    stored(store, "a")
    with store.read() as db:
        first = gathered.state(db, "weekly", date(2026, 11, 6))
        later = gathered.state(db, "weekly", date(2026, 11, 21))

    changed = Candidate(title="a", url="https://ledger.example/a", text="other words")
    with store.write() as db:
        articles.keep(db, "weekly", LEDGER, [changed], copies=Copies(), now=NOW + timedelta(hours=1))

    with store.read() as db:
        assert len({empty, first, gathered.state(db, "weekly", date(2026, 11, 6))}) == 3
        assert later == empty, "what is older than the window does not count"


def test_articles_of_an_edition_are_told_for_every_other_slot(store: Store) -> None:
    one, two = stored(store, "a", "b")
    edition = approved(store)
    with store.write() as db:
        gathered.note_told(db, edition.id, {"ketamine": [one, two]}, ["ketamine"])

    with store.read() as db:
        assert gathered.told_articles(db, "weekly", SLOT) == {}, "an edition's own articles can be told anew"
        assert gathered.told_articles(db, "weekly", SLOT + timedelta(days=7)) == {one: "ketamine", two: "ketamine"}
        assert gathered.told_articles(db, "weekly", SLOT - timedelta(days=7)) == {}, "it may yet be changed"
    with store.write() as db:
        editions.set_state(db, edition.id, [EditionState.APPROVED], EditionState.SENDING, NOW, "test")
    with store.read() as db:
        assert gathered.told_articles(db, "weekly", SLOT - timedelta(days=7)).keys() == {one, two}


def test_a_story_that_leaves_an_edition_takes_its_articles_along(store: Store) -> None:
    one, two = stored(store, "a", "b")
    edition = approved(store, edition_of(stories=("ketamine", "salt")))
    with store.write() as db:
        gathered.note_told(db, edition.id, {"ketamine": [one], "salt": [two]}, ["ketamine", "salt"])

    with store.write() as db:
        gathered.note_told(db, edition.id, {}, ["salt"])

    with store.read() as db:
        assert gathered.told_articles(db, "weekly", SLOT + timedelta(days=7)) == {two: "salt"}


def test_changes_are_listed_in_their_order_and_undone_from_the_end(store: Store) -> None:
    with store.write() as db:
        storychanges.add(db, "weekly", "croup", {"headline": "One"}, by="ada", now=NOW)
        storychanges.add(db, "weekly", "salt", {"pinned": True}, by="bob", now=NOW)
        storychanges.add(db, "weekly", "croup", {"point": {"was": None, "text": "“ü”"}}, by="ada", now=NOW)

    with store.write() as db:
        undone = storychanges.undo_last(db, "weekly", "croup", by="bob", now=NOW + timedelta(hours=1))

    assert undone is not None
    assert undone.change == {"point": {"was": None, "text": "“ü”"}}
    with store.read() as db:
        changes = storychanges.all_changes(db, "weekly")
        assert [(change.story, change.undone_by) for change in changes] == [
            ("croup", None), ("salt", None), ("croup", "bob"),
        ]  # fmt: skip
        assert storychanges.all_changes(db, "weekly", "salt")[0].by == "bob"
    with store.write() as db:
        first = storychanges.undo_last(db, "weekly", "croup", by="bob", now=NOW)
        assert first is not None
        assert first.change == {"headline": "One"}
        assert storychanges.undo_last(db, "weekly", "croup", by="bob", now=NOW) is None
