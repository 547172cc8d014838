"""Judgement: each part of an answer by itself; what fails gives way to the articles' own words, and is reported."""

from __future__ import annotations

import json
from typing import Any

import pytest

from digest.newsroom.outlets import Ratings
from digest.newsroom.rewriting import judged, prompt
from digest.newsroom.telling import Piece, Told, tell
from tests.newsroom.telling.lies import HELD_OUT, TUNED, Case

FIRST = Piece(
    title="Magnesium does little for cramps",
    text="Magnesium tablets do little against leg cramps at night, a review of 41 trials has found. The work pooled "
    "data from over 1,800 adults. Loose stools were more common in those who took the mineral. The trials lasted four "
    "to eight weeks.",
    outlet="Sample Post",
    key="1",
)
SECOND = Piece(
    title="Makers paid for magnesium trials",
    text="Makers of the tablets paid for 12 of the 41 trials on magnesium. A survey by the Harbour Institute found "
    "that 3.5% of adults buy the mineral each month.",
    outlet="Northern Ledger",
    key="2",
)
SUMMARY = "Magnesium tablets do little against leg cramps at night, a review has found."
GOOD = [
    ("Data came from over 1,800 adults.", 1),
    ("Loose stools were more common in those who took magnesium.", 1),
    ("Makers of the tablets paid for 12 of the 41 trials.", 2),
    ("The trials lasted four to eight weeks.", 1),
]


def told() -> Told:
    return tell([FIRST, SECOND], Ratings(()))


def judge(summary: str = SUMMARY, points: list[tuple[str, Any]] | None = None) -> Told:
    items = [{"text": text, "source": source} for text, source in (GOOD if points is None else points)]
    story = told()
    return judged(story, prompt(story), json.dumps({"summary": summary, "points": items}))


def refusals(judgement: Told) -> list[str]:
    return [
        found.rule.removeprefix("machine-")
        for found in judgement.findings
        if found.rule.startswith("machine-") and found.rule != "machine-written"
    ]


def texts(judgement: Told) -> list[str]:
    return [point.text for point in judgement.story.key_points]


def test_what_is_true_is_taken_whole() -> None:
    judgement = judge()

    assert judgement.story.summary == SUMMARY
    assert sorted(texts(judgement)) == sorted(text for text, _ in GOOD)
    assert {(point.text, point.source) for point in judgement.story.key_points} == set(GOOD)
    assert refusals(judgement) == []
    assert "the summary, 4 of 4 points" in judgement.findings[-1].message


@pytest.mark.parametrize(
    ("point", "rule"),
    [
        (("Data came from over 18,000 adults.", 1), "number"),
        (("Data came from over 1,800 adults.", 2), "number"),  # the other article
        (("Data came from over 1,800 adults.", 3), "source"),
        (("Data came from over 1,800 adults.", 0), "source"),
        (("Data came from over 1,800 adults.", -1), "source"),
        (("Loose stools were less common in those who took magnesium.", 1), "opposite"),
        (("Stop taking the mineral against leg cramps at night.", 1), "advice"),
        (("Data came from over 1,800 adults. The trials lasted four to eight weeks.", 1), "length"),
        (("data came from over 1,800 adults", 1), "form"),
        (("The trials.", 1), "form"),
        (("", 1), "empty"),
        (("Data came from over 1,800 adults, <script>alert(1)</script>.", 1), "markup"),
        (("The trials lasted four to eight weeks" + " and four to eight weeks" * 12 + ".", 1), "length"),
        (("The trials lasted" + " four to eight weeks" * 11 + ".", 1), "form"),
    ],
)
def test_one_false_point_falls_alone_and_is_reported(point: tuple[str, int], rule: str) -> None:
    judgement = judge(points=[*GOOD[1:3], point])

    assert point[0] not in texts(judgement)
    assert {GOOD[1][0], GOOD[2][0]} <= set(texts(judgement))
    assert len(texts(judgement)) == 3
    assert rule in refusals(judgement)
    assert judgement.story.machine_written


def test_the_same_point_thrice_is_told_once() -> None:
    same = [GOOD[0], GOOD[0], ("Over 1,800 adults gave the data.", 1)]

    judgement = judge(points=[*same, *GOOD[1:3]])

    assert texts(judgement).count(GOOD[0][0]) == 1
    assert refusals(judgement).count("repetition") == 2


def test_of_six_points_five_stand() -> None:
    more = [*GOOD, ("Of adults, 3.5% buy the mineral each month.", 2), ("The review is about magnesium and cramps.", 1)]

    judgement = judge(points=more)

    assert len(texts(judgement)) <= 5


def test_one_giant_point_leaves_the_articles_own() -> None:
    judgement = judge(points=[(" ".join(text for text, _ in GOOD) * 5, 1)])

    assert texts(judgement) == [point.text for point in told().story.key_points]
    assert judgement.story.summary == SUMMARY


def test_no_point_at_all_leaves_the_articles_own() -> None:
    assert texts(judge(points=[])) == [point.text for point in told().story.key_points]


def test_a_false_summary_falls_alone() -> None:
    judgement = judge("Magnesium tablets help against leg cramps at night, a review has found.")

    assert judgement.story.summary == told().story.summary
    assert judgement.story.machine_written
    assert GOOD[1][0] in texts(judgement)


def test_an_answer_that_is_all_false_leaves_the_story_as_it_was() -> None:
    judgement = judge("Magnesium cures cramps.", [("Magnesium cures cramps in 99% of adults.", 1)] * 3)

    assert judgement.story == told().story
    assert not judgement.story.machine_written


def test_an_answer_that_cannot_be_read_leaves_the_story_as_it_was() -> None:
    story = told()

    judgement = judged(story, prompt(story), "Sorry, I cannot help.")

    assert judgement.story == story.story
    assert refusals(judgement) == ["none"]


def test_absolute_numbers_go_before_relative_ones() -> None:
    scans = Piece(
        title="Scans cut deaths",
        text="Yearly scans cut deaths from lung cancer by 25%, a trial has found. Deaths fell from 24 to 18 of 1,000 "
        "smokers. The scans cost 210 euros each. The trial took place in Spain.",
        key="3",
    )
    story = tell([scans], Ratings(()))
    points = [
        {"text": "Yearly scans cut deaths from lung cancer by 25%.", "source": 1},
        {"text": "Deaths fell from 24 to 18 of 1,000 smokers.", "source": 1},
        {"text": "Each of the scans cost 210 euros.", "source": 1},
    ]

    judgement = judged(
        story, prompt(story), json.dumps({"summary": "The trial took place in Spain.", "points": points})
    )

    ordered = [text for text in texts(judgement) if "%" in text or "1,000" in text]
    assert "1,000" in ordered[0]


@pytest.mark.parametrize("case", [*TUNED, *HELD_OUT], ids=lambda case: case.piece.outlet)
def test_a_machine_that_only_lies_has_no_lie_of_known_kinds_printed(case: Case) -> None:
    story = tell([case.piece], Ratings(()))
    own = {story.story.summary, *(point.text for point in story.story.key_points)}
    lies = [text for _, text in case.lies]
    printed: set[str | None] = set()

    for start in range(0, len(lies), 5):
        points = [{"text": lie, "source": 1} for lie in lies[start : start + 5]]
        judgement = judged(story, prompt(story), json.dumps({"summary": lies[start], "points": points}))
        printed |= {judgement.story.summary, *texts(judgement)} - own

    assert len(printed) <= 2 if case in HELD_OUT else printed == set()
