"""Stress: editions made to break a layout: long words, right-to-left, one story, forty, missing fields. Pure.

For looking only; every text is invented or repeated from the edition at hand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from digest.model import Article, BiasCounts, Coverage, Edition, Evidence, KeyPoint, Quantity, Story

_LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
_ADDRESS = "https://example.org/" + "a-very-long-address-without-a-blank-" * 4

_PLAIN = Story(
    id="stress",
    headline="A sample story that stands in where there is none",
    summary="One or two sentences say what was found, and how sure one can be of it.",
    topic="sample",
    key_points=(KeyPoint("The first finding.", 1), KeyPoint("The second one.", 1), KeyPoint("What is not known.")),
    articles=(Article(title="A linked article", outlet="Sample Post", url="https://sample.example/1"),),
    articles_total=4,
)

_ARABIC = Story(
    id="stress-rtl",
    headline="مراجعة جديدة لا تجد فائدة واضحة للكيتامين في علاج الألم المزمن",
    summary="جمعت المراجعة 67 تجربة شارك فيها أكثر من 2300 شخص، ولم تجد دليلا واضحا على الفائدة.",
    topic="الألم",
    key_points=(
        KeyPoint("شملت المراجعة 67 تجربة عشوائية نشرت قبل عام 2025.", 1),
        KeyPoint("كانت أكثر الآثار الجانبية شيوعا الغثيان و vomiting والدوار.", 1),
        KeyPoint("يقول المؤلفون إن الحاجة قائمة إلى تجارب أكبر (COVID-19 وما بعده)."),
    ),
    articles=(
        Article(title="لا دليل واضحا على فائدة الكيتامين", outlet="صحيفة المثال", url="https://sample.example/ar"),
        Article(title="Ketamine for chronic pain: an English title", outlet="Sample Post"),
    ),
    articles_total=11,
    coverage=Coverage(counts=BiasCounts(left=2, center=4, right=3, unrated=2)),
    evidence=Evidence(
        study_type="systematic review", trials=67, participants=Quantity(2300, "over"),
        comparison="compared with placebo", funding="صندوق المثال (2019-12)", conflicts="none declared.",
    ),
    update_of="stress", update_from="weekly-2026-11-16", machine_written=True,
)  # fmt: skip


def stressed(edition: Edition, kind: str) -> Edition:
    """The edition with the stress of this kind, one of STRESSES. Raises KeyError for another."""
    stories = STRESSES[kind][1](edition.stories or (_PLAIN,))
    words = edition
    if kind == "long-words" and stories:
        words = replace(edition, subject=stories[0].headline, preheader=_ADDRESS, intro=f"{_LONG} {_LONG}")
    if kind == "right-to-left":
        words = replace(edition, subject=_ARABIC.headline, preheader=_ARABIC.summary or "", intro="")
    return replace(words, stories=stories)


def _long_words(stories: tuple[Story, ...]) -> tuple[Story, ...]:
    return tuple(_lengthened(story) for story in stories)


def _lengthened(story: Story) -> Story:
    return replace(
        story,
        headline=f"{_LONG} {story.headline}",
        summary=f"{story.summary or ''} {_ADDRESS}",
        topic=_LONG,
        key_points=(*story.key_points, KeyPoint("x" * 180, 1)),
        articles=(*story.articles, Article(title="y" * 120, outlet="z" * 80, url=_ADDRESS, copy_of="c" * 80)),
        evidence=replace(
            story.evidence, comparison=f"{_LONG} or none", funding="f" * 200, conflicts=f"{_LONG} pays. " * 3
        ),
        update_of="stress",
        update_from="weekly-2026-11-16",
        machine_written=True,
    )


def _forty(stories: tuple[Story, ...]) -> tuple[Story, ...]:
    turns = [(stories[at % len(stories)], at) for at in range(40)]
    return tuple(
        replace(story, id=f"{story.id}-{at}", headline=f"{story.headline} · {at + 1}") if at else story
        for story, at in turns
    )


def _missing_fields(stories: tuple[Story, ...]) -> tuple[Story, ...]:
    bare = tuple(Story(id=story.id, headline=story.headline) for story in stories)
    half = Story(
        id="stress-half",
        headline="A story with a summary and a title without a link",
        summary="No key points, no evidence, no coverage.",
        articles=(Article(title="No outlet and no link"),),
        articles_total=1,
    )
    return (*bare, half)


STRESSES: dict[str, tuple[str, Callable[[tuple[Story, ...]], tuple[Story, ...]]]] = {
    "long-words": ("long words", _long_words),
    "right-to-left": ("right to left", lambda stories: (_ARABIC, *stories[1:3])),
    "one-story": ("one story", lambda stories: stories[:1]),
    "forty-stories": ("forty stories", _forty),
    "missing-fields": ("missing fields", _missing_fields),
    "empty-week": ("an empty week", lambda stories: ()),
}
"""Name → what it is called, and what it makes of an edition's stories (at least one)."""
