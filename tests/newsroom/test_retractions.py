"""What became of a paper: the newest decision counts, each is called what it is, and stories on it are found."""

from __future__ import annotations

from datetime import date

import pytest

from digest.model import Article, Evidence, Identifiers, Story
from digest.newsroom.retractions import (
    Nature,
    Record,
    keys_of,
    papers_of,
    plain_pmid,
    standing,
    standings,
    whole_doi,
    with_retractions,
)

PAPER = "10.1234/sleep.1"


def record(nature: Nature, day: date | None = date(2024, 5, 1), number: str = "1") -> Record:
    return Record(record=number, nature=nature, doi=PAPER, pmid="30000001", day=day, reason="Unreliable Data")


def story(*, doi: str | None = PAPER, url: str | None = None, retracted: bool | None = None) -> Story:
    articles = (Article(title="About it", url=url),)
    evidence = Evidence(identifiers=Identifiers(doi=doi), retracted=retracted)
    return Story(id="sleep", headline="Sleep", articles=articles, evidence=evidence)


FOUND = {f"doi {PAPER}": (record("retraction"),)}


def status(*records: Record) -> str | None:
    what = standing(records)
    return what.status if what else None


@pytest.mark.parametrize(
    ("nature", "said"),
    [
        ("retraction", "retracted"),
        ("expression of concern", "under concern"),
        ("correction", "corrected"),
        ("reinstatement", "reinstated"),
    ],
)
def test_each_decision_is_called_what_it_is(nature: Nature, said: str) -> None:
    assert status(record(nature)) == said


def test_what_was_reinstated_is_not_retracted() -> None:
    assert status(record("retraction"), record("reinstatement", date(2025, 1, 1), "2")) == "reinstated"
    assert status(record("reinstatement", None, "2"), record("retraction")) == "reinstated"


def test_a_retraction_after_a_reinstatement_counts_again() -> None:
    first, back = record("retraction"), record("reinstatement", date(2025, 1, 1), "2")

    assert status(first, back, record("retraction", date(2025, 6, 1), "3")) == "retracted"


def test_a_concern_after_a_reinstatement_counts() -> None:
    back = record("reinstatement", date(2025, 1, 1), "2")

    assert status(back, record("expression of concern", date(2025, 6, 1), "3")) == "under concern"


def test_a_correction_hides_no_retraction() -> None:
    later = record("correction", date(2025, 1, 1), "2")

    assert status(record("retraction"), later) == "retracted"
    assert status(record("expression of concern"), later) == "under concern"


def test_it_is_told_in_words() -> None:
    what = standing([record("retraction")])
    assert what is not None

    assert what.told == f"{PAPER} was retracted on 2024-05-01 (Unreliable Data)"


@pytest.mark.parametrize(
    "text", ["10.1234/Sleep.1", " https://doi.org/10.1234/SLEEP.1", "doi: 10.1234/sleep.1", "http://dx.doi.org/10.1234/sleep.1."]
)  # fmt: skip
def test_a_doi_is_known_in_every_spelling(text: str) -> None:
    assert whole_doi(text) == PAPER


@pytest.mark.parametrize("text", ["unavailable", "", "10.1234", "see 10.1234/a", "10.1234/a b", "x" * 9_000])
def test_what_is_no_doi_is_none(text: str) -> None:
    assert whole_doi(text) is None


def test_old_dois_with_angle_brackets_stay_whole() -> None:
    """Else all papers of an issue would be one: they differ behind the bracket only."""
    one = "10.1002/(SICI)1097-0258(19980815)17:15/16<1661::AID-SIM968>3.0.CO;2-2"

    assert whole_doi(one) == one.lower()


def test_pubmed_numbers_are_known_in_every_spelling() -> None:
    assert [plain_pmid(text) for text in ("30000001", "PMID: 30000001", "30000001.0", "030000001")] == ["30000001"] * 4
    assert [plain_pmid(text) for text in ("0", "", "unavailable", "1e7", "12345678901")] == [None] * 5


def test_a_paper_without_a_name_has_no_key() -> None:
    assert keys_of(Identifiers(doi="unavailable", pmid="0", trial="NCT00000000")) == ()


@pytest.mark.parametrize(
    "url",
    [
        "https://doi.org/10.1234/sleep.1",
        "https://journal.example/doi/full/10.1234/Sleep.1",
        "https://journal.example/doi/10.1234%2Fsleep.1?utm_source=x",
    ],
)
def test_an_article_that_is_the_paper_itself_is_found_by_its_link(url: str) -> None:
    labelled = with_retractions(story(doi=None, url=url), FOUND)

    assert labelled.evidence.retracted is True


def test_an_article_at_pubmed_is_found_by_its_number() -> None:
    at_pubmed = story(doi=None, url="https://pubmed.ncbi.nlm.nih.gov/30000001/")

    assert papers_of(at_pubmed) == (Identifiers(pmid="30000001"),)
    assert with_retractions(at_pubmed, {"pmid 30000001": (record("retraction"),)}).evidence.retracted is True


@pytest.mark.parametrize(
    "url",
    ["https://[", "https://news.example/10.1234", "https://doi.org/", "https://pubmed.ncbi.nlm.nih.gov/?term=1"],
)
def test_other_links_name_no_paper(url: str) -> None:
    assert papers_of(story(doi=None, url=url)) == ()


def test_a_story_on_a_retracted_paper_is_labelled_whatever_it_says() -> None:
    assert with_retractions(story(), FOUND).evidence.retracted is True
    assert with_retractions(story(retracted=False), FOUND).evidence.retracted is True


@pytest.mark.parametrize("nature", ["correction", "expression of concern", "reinstatement"])
def test_nothing_else_labels_a_story(nature: Nature) -> None:
    plain = story()

    assert with_retractions(plain, {f"doi {PAPER}": (record(nature),)}) is plain


def test_the_editors_own_word_stays_where_the_list_says_nothing() -> None:
    told = story(retracted=True)

    assert with_retractions(told, {}) is told
    assert with_retractions(story(doi="10.1234/other"), FOUND).evidence.retracted is None


def test_records_found_twice_count_once() -> None:
    named = story()
    paper = Identifiers(doi=PAPER, pmid="30000001")
    both = Story(id="x", headline="X", evidence=Evidence(identifiers=paper))
    found = {f"doi {PAPER}": (record("retraction"),), "pmid 30000001": (record("retraction"),)}

    assert len(list(standings(both, found))) == 1
    assert len(list(standings(named, found))) == 1
