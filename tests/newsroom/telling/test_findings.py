"""What an editor should know about a story before readers do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from digest.model import Evidence, Quantity, StudyType
from digest.newsroom.telling import Piece
from digest.newsroom.telling.disagreement import agree, disagreements
from digest.newsroom.telling.findings import Finding
from digest.newsroom.telling.hints import hints
from digest.newsroom.telling.risks import absolute, relative
from digest.newsroom.telling.studied import evidence_in

FILLER = " The weather in the valley was mild that week and nobody complained of it." * 20


def differing(pieces: Sequence[Piece]) -> list[str]:
    read = [evidence_in(piece) for piece in pieces]
    return [finding.message for finding in disagreements(pieces, read, range(1, len(pieces) + 1))]


def test_articles_that_disagree_on_a_number_are_shown_side_by_side(piece: Callable[..., Piece]) -> None:
    right = [piece(f"r{n}", "A review of 67 trials found no benefit of the drug.") for n in range(8)]
    wrong = piece("w", "The review of 76 trials found no benefit of the drug.")

    assert differing([*right, wrong]) == ["67 trials (8 articles) · 76 trials (1 article)"]
    assert differing(right) == []


def test_risks_that_differ_are_shown(piece: Callable[..., Piece]) -> None:
    pair = [
        piece("a", "Walkers had a 27% lower risk of stroke."),
        piece("b", "Walkers had a 72% lower risk of stroke."),
    ]

    assert differing(pair) == ["27% lower risk (1 article) · 72% lower risk (1 article)"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Quantity(2300, "over"), Quantity(2341), True),
        (Quantity(2300, "over"), Quantity(2299), False),
        (Quantity(2300, "over"), Quantity(4000), False),
        (Quantity(2300, "nearly"), Quantity(2288), True),
        (Quantity(2300, "about"), Quantity(2350, "over"), True),
        (Quantity(2300), Quantity(2341), False),
        (Quantity(2300), Quantity(2300, "about"), True),
    ],
)
def test_a_rounded_number_agrees_with_the_exact_one_near_it(one: Quantity, other: Quantity, same: bool) -> None:
    assert agree(one, other) is same
    assert agree(other, one) is same


@pytest.mark.parametrize(
    "text",
    [
        "It halved the risk of stroke.",
        "Walkers had a 27% lower risk of stroke.",
        "Statins cut the risk of heart attack by 50 per cent.",
        "Smokers are twice as likely to fall.",
        "Deaths fell (hazard ratio 0.71).",
        "It raised the odds of bleeding by half.",
    ],
)
def test_relative_risks_are_known(text: str) -> None:
    assert next(relative(text), None)
    assert not absolute(text)


@pytest.mark.parametrize(
    "text",
    [
        "Strokes happened to 2 in 1,000 people.",
        "The rate fell from 4% to 2%.",
        "It is 3.1 per 100,000 a year.",
        "Nausea struck 11% of those with the drug compared with 6% on placebo.",
        "Seven out of 100 patients had it.",
        "It was 2 percentage points lower.",
    ],
)
def test_absolute_risks_are_known(text: str) -> None:
    assert absolute(text)


def rules(found: Sequence[Finding]) -> set[str]:
    return {finding.rule for finding in found}


def hinted(piece: Piece, headline: str = "x", evidence: Evidence | None = None) -> set[str]:
    return rules(hints(headline, [piece], evidence or Evidence(), [1]))


def test_what_no_article_says_is_asked_for(piece: Callable[..., Piece]) -> None:
    silent = piece("New pill for cramps", "The drug stopped cramps in the trial." + FILLER)
    telling = piece(
        "New pill for cramps",
        "The drug stopped cramps better than placebo. It costs 40 pounds a month and can cause nausea. Ada Lorn, who "
        "was not involved in the study, was pleased. The study was funded by the makers of the drug." + FILLER,
    )

    assert hinted(silent) >= {"costs", "harms", "alternatives", "independent view", "conflicts"}
    assert not hinted(telling) & {"costs", "harms", "alternatives", "independent view", "conflicts"}


def test_of_mere_teasers_nothing_is_asked(piece: Callable[..., Piece]) -> None:
    assert hinted(piece("New pill", "The drug stopped cramps in the trial.")) == set()


def test_costs_are_not_asked_of_news_that_sells_nothing(piece: Callable[..., Piece]) -> None:
    assert "costs" not in hinted(piece("Measles in the valley", "Nine people have measles." + FILLER))


def test_loud_words_are_shown_with_their_articles(piece: Callable[..., Piece]) -> None:
    found = hints(
        "x", [piece("a", "Quiet."), piece("b", "A breakthrough against the silent killer.")], Evidence(), [1, 2]
    )

    assert {(finding.rule, finding.sources) for finding in found} == {
        ("press-release wording", (2,)),
        ("disease-mongering", (2,)),
    }


def test_a_relative_risk_without_an_absolute_one_is_pointed_out(piece: Callable[..., Piece]) -> None:
    assert "relative risk" in hinted(piece("a", "Statins cut the risk of stroke by 50%."))
    assert "relative risk" not in hinted(
        piece("a", "Statins cut the risk of stroke by 50%, from 4 in 1,000 to 2 in 1,000 people.")
    )


def test_who_paid_is_told_in_the_articles_own_words(piece: Callable[..., Piece]) -> None:
    found = hints("x", [piece("a", "It works. The trial was funded by Pill Works Ltd. It ended.")], Evidence(), [1])

    assert [finding.quote for finding in found] == ["The trial was funded by Pill Works Ltd."]
    assert found[0].message == "The trial was funded by Pill Works Ltd. (article 1)"


@pytest.mark.parametrize(
    ("headline", "study", "rule"),
    [
        ("Pill cures baldness", "animal", "not in people"),
        ("Coffee prevents stroke", "cohort", "cause"),
        ("Coffee linked to fewer strokes", "cohort", None),
        ("Pill regrows hair in mice", "animal", None),
        ("Pill prevents stroke", "randomised trial", None),
    ],
)
def test_a_headline_may_not_say_more_than_its_study(
    headline: str, study: StudyType, rule: str | None, piece: Callable[..., Piece]
) -> None:
    assert hinted(piece("a"), headline, Evidence(study_type=study)) == ({rule} if rule else set())


def test_news_from_press_wires_only_is_marked(piece: Callable[..., Piece]) -> None:
    assert "press release" in hinted(piece("a", url="https://www.newswise.com/x"))
    assert "press release" not in hinted(piece("a", url="https://post.example/x"))
