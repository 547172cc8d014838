"""A pasted page becomes the same story however it was copied."""

from __future__ import annotations

import itertools
import re
import textwrap
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import InputError
from digest.model import BiasCounts, BiasPercent, Coverage, KeyPoint, Quantity, Story
from digest.newsroom.page import parse_page, read_story
from digest.newsroom.parsed import Parsed
from tests.newsroom import conftest

Read = Callable[..., Parsed]
Page = Any  # tests/newsroom/conftest.py


def words(story: Story) -> Story:
    """The story without the places its evidence was read from, which move with the text."""
    return replace(story, evidence=replace(story.evidence, spans=()))


def messages(parsed: Parsed) -> list[tuple[int, str]]:
    return [(notice.line, notice.message) for notice in parsed.notices]


# ── the page as it is ────────────────────────────────────────────────────────────────────────────


def test_a_page_becomes_headline_summary_key_points_and_articles(page: Page, read: Read) -> None:
    story = read(*page.lines).story

    assert story.id == "magnesium-pills-do-little-for-night-time-leg-cramps"
    assert story.headline == page.headline[0]
    assert story.summary == page.summary[0]
    assert len(story.key_points) == 4
    assert [article.title for article in story.articles] == list(page.articles[::2])
    assert story.articles_total == 9
    assert all(article.url is None and article.outlet is None for article in story.articles)
    assert story.coverage == Coverage(reported=BiasPercent(center=100))


def test_evidence_is_read_from_the_pages_words(page: Page, read: Read) -> None:
    evidence = read(*page.lines).story.evidence

    assert evidence.study_type == "systematic review"
    assert evidence.trials == 41
    assert evidence.participants == Quantity(1800, "over")
    assert evidence.publisher == "Cochrane"
    assert evidence.retracted is None


def test_quotations_and_spaces_are_put_right(page: Page, read: Read) -> None:
    points = [point.text for point in read(*page.lines).story.key_points]

    assert "the Harbour Institute, Northmoor University, and" in points[1]
    assert "note “the most common complaints were loose stools, nausea and belly pain”, and" in points[2]


def test_sign_up_and_read_more_lines_never_reach_a_reader_and_are_told(page: Page, read: Read) -> None:
    parsed = read(*page.lines)

    assert parsed.story.articles[1].excerpt is None
    assert messages(parsed) == [
        (12, "sign-up line left out"),
        (12, "sign-up line left out"),
        (12, "greeting left out"),
        (12, "read-more line left out"),
        (12, "newsletter chatter left out: not about the story"),
        (19, "premium line left out"),
    ]


def test_an_excerpt_keeps_what_is_about_the_story(page: Page, read: Read) -> None:
    excerpt = "Magnesium does not stop leg cramps, a review says. Sign up for our newsletter. Read more at The Ledger…"

    story = read(*page.headline, *page.points, "1 Article", page.articles[0], excerpt).story

    assert story.articles[0].excerpt == "Magnesium does not stop leg cramps, a review says."


# ── the page as people copy it ───────────────────────────────────────────────────────────────────

COPIES = {
    "windows line ends": lambda text: text.replace("\n", "\r\n"),
    "old line ends": lambda text: text.replace("\n", "\r"),
    "byte-order mark": lambda text: "\ufeff" + text,
    "NBSP for spaces": lambda text: text.replace(" ", "\u00a0"),
    "double spaces": lambda text: text.replace(" ", "  "),
    "thin space before commas": lambda text: text.replace(" ,", "\u2009,"),
    "trailing blanks": lambda text: text.replace("\n", " \t\n"),
    "empty lines between": lambda text: text.replace("\n", "\n\n"),
    "empty lines above": lambda text: "\n\n" + text,
    "all indented": lambda text: textwrap.indent(text, "    "),
    "round bullets": lambda text: re.sub("(?m)^- ", "• ", text),
    "starred bullets": lambda text: re.sub("(?m)^- ", "* ", text),
    "dashed bullets": lambda text: re.sub("(?m)^- ", "– ", text),
    "bullet and tab": lambda text: re.sub("(?m)^- ", "•\t", text),
    "bullets without a space": lambda text: re.sub("(?m)^- ", "•", text),
    "bullets on their own lines": lambda text: re.sub("(?m)^- ", "•\n", text),
    "curly quotes": lambda text: re.sub("`([^`]*)`", "“\\1”", text),
    "typewriter quotes": lambda text: re.sub("`([^`]*)`", "``\\1''", text),
    "every line twice": lambda text: "\n".join(line for line in text.split("\n") for _ in range(2)),
    "the whole twice": lambda text: f"{text}\n{text}",
    "headline twice": lambda text: text.split("\n")[0] + "\n" + text,
    "count once": lambda text: text.replace("9 Articles\n9 Articles", "9 Articles"),
    "count with more words": lambda text: text.replace("9 Articles\n9 Articles", "All 9 news articles"),
    "headings above the parts": lambda text: text.replace("\nA review", "\nSummary\nA review", 1).replace(
        "\n- A new", "\nKey points:\n- A new", 1
    ),
    "wrapped at 80": lambda text: "\n".join(row for line in text.split("\n") for row in textwrap.wrap(line, 80)),
    "marked headings": lambda text: "# " + text.replace("\nCoverage", "\n## Coverage"),
    "drawn lines": lambda text: text.replace("\n9 Articles", "\n-----\n9 Articles", 1),
}


@pytest.mark.parametrize("copy", COPIES.values(), ids=COPIES.keys())
def test_however_a_page_was_copied_the_story_is_the_same(page: Page, read: Read, copy: Callable[[str], str]) -> None:
    story = parse_page(copy(page.text), "page.txt").story

    assert words(story) == words(read(*page.lines).story)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_page_is_read_in_the_encodings_that_programs_save(page: Page, read: Read, encoding: str) -> None:
    story = read_story(page.text.encode(encoding), "page.txt").story

    assert words(story) == words(read(*page.lines).story)


@pytest.mark.parametrize("order", list(itertools.permutations("SKAC")), ids="".join)
def test_below_the_headline_the_parts_may_stand_in_any_order(page: Page, read: Read, order: tuple[str, ...]) -> None:
    parts = {"S": page.summary, "K": page.points, "A": page.of(page.count, page.articles), "C": page.coverage}

    story = read(*page.headline, *page.of(*(parts[letter] for letter in order))).story

    assert words(story) == words(read(*page.lines).story)


@pytest.mark.parametrize("order", ["CHSKA", "AHSKC", "SHKAC", "KHSAC", "CAHSK"])
def test_other_parts_may_stand_above_the_headline(page: Page, read: Read, order: str) -> None:
    parts = {"S": page.summary, "K": page.points, "A": page.of(page.count, page.articles), "C": page.coverage}

    story = read(*page.of(*({**parts, "H": page.headline}[letter] for letter in order))).story

    assert words(story) == words(read(*page.lines).story)


def test_navigation_around_the_story_is_left_out_and_told(page: Page, read: Read) -> None:
    above = ("Ground News", "Home", "Log In", "Skip to main content", "Health")
    below = ("Subscribe", "Show more articles", "© 2026 The Aggregator")

    parsed = read(*above, *page.lines, *below)

    assert words(parsed.story) == words(read(*page.lines).story)
    assert {notice.line for notice in parsed.notices} >= {1, 2, 3, 4, 5, 25, 26, 27}
    assert (5, "not understood; left out") in messages(parsed)


# ── parts that are missing ───────────────────────────────────────────────────────────────────────


def test_a_headline_alone_is_a_story(read: Read) -> None:
    story = read("Magnesium does not stop cramps").story

    assert story.headline == "Magnesium does not stop cramps"
    assert (story.summary, story.key_points, story.articles, story.articles_total) == (None, (), (), 0)
    assert story.coverage == Coverage()


def test_without_a_count_the_listed_articles_are_counted(page: Page, read: Read) -> None:
    story = read(*page.headline, *page.summary, *page.points, *page.articles, *page.coverage).story

    assert len(story.articles) == story.articles_total == 3
    assert story.summary == page.summary[0]


def test_a_count_below_what_the_page_lists_is_told_and_not_believed(page: Page, read: Read) -> None:
    parsed = read(*page.headline, *page.points, "2 Articles", *page.articles)

    assert parsed.story.articles_total == 3
    assert (6, "the page lists 3 articles; that number is taken") in messages(parsed)


def test_without_key_points_and_count_titles_and_excerpts_are_still_articles(page: Page, read: Read) -> None:
    story = read(*page.headline, *page.summary, *page.articles, *page.coverage).story

    assert story.summary == page.summary[0]
    assert story.key_points == ()
    assert len(story.articles) == 3


def test_without_a_summary_there_is_none(page: Page, read: Read) -> None:
    story = read(*page.headline, *page.points, *page.count, *page.articles, *page.coverage).story

    assert story.summary is None
    assert len(story.articles) == 3


@pytest.mark.parametrize("count", [("1 Article", "1 Article"), ("1 article",), ()])
def test_a_page_with_one_article_lists_one(page: Page, read: Read, count: tuple[str, ...]) -> None:
    story = read(*page.headline, *page.summary, *page.points, *count, *page.articles[:2], *page.coverage).story

    assert [article.title for article in story.articles] == [page.articles[0]]
    assert story.articles_total == 1


def test_titles_without_excerpts_are_articles(page: Page, read: Read) -> None:
    story = read(*page.headline, *page.summary, *page.points, *page.count, *page.articles[::2], *page.coverage).story

    assert [article.title for article in story.articles] == list(page.articles[::2])
    assert {article.excerpt for article in story.articles} == {None}


def test_a_page_without_a_headline_is_refused(page: Page, read: Read) -> None:
    with pytest.raises(InputError, match=r"page\.txt:1: no headline found"):
        read(*page.points)


@pytest.mark.parametrize("text", ["", "\n \n", "-----", "\ufeff"])
def test_an_empty_page_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="no headline found"):
        parse_page(text, "page.txt")


# ── articles ─────────────────────────────────────────────────────────────────────────────────────


def test_a_repeated_article_counts_once_and_is_told(page: Page, read: Read) -> None:
    parsed = read(*page.headline, *page.points, "3 Articles", *page.articles[:2], *page.articles[:2])

    assert len(parsed.story.articles) == 1
    assert (9, "repeated article left out") in messages(parsed)


def test_one_title_with_two_texts_is_two_articles(page: Page, read: Read) -> None:
    first, second = page.articles[1], page.articles[5]

    story = read(*page.headline, *page.points, "2 Articles", page.articles[0], first, page.articles[0], second).story

    assert [article.excerpt for article in story.articles] == [first, second]


def test_a_title_with_a_full_stop_is_still_a_title(page: Page, read: Read) -> None:
    titles = ("Pills do not help.", "Cramps stay.")

    story = read(*page.headline, "2 Articles", titles[0], page.articles[1], titles[1], page.articles[5]).story

    assert [article.title for article in story.articles] == list(titles)


LAYOUTS = {
    "outlet above": lambda outlet, title, text: (f"{outlet} · 2 days ago", title, text),
    "outlet below": lambda outlet, title, text: (title, text, f"{outlet} · 2 days ago"),
    "outlet between": lambda outlet, title, text: (title, f"{outlet} · 2 days ago", text),
    "outlet, rating, age": lambda outlet, title, text: (f"{outlet} • Center • 3 days ago", title, text),
    "outlet on its own line": lambda outlet, title, text: (outlet, title, text),
    "outlet, rating on lines": lambda outlet, title, text: (outlet, "Lean Left", title, text, "Read Full Article"),
    "outlet named": lambda outlet, title, text: (title, text, f"Source: {outlet}"),
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_outlets_are_taken_where_lines_name_them(
    page: Page, read: Read, layout: Callable[..., tuple[str, ...]]
) -> None:
    outlets = ("STAT", "Harbour Post", "The Ledger")
    rows = [layout(outlet, *page.articles[2 * i : 2 * i + 2]) for i, outlet in enumerate(outlets)]

    story = read(*page.headline, *page.summary, *page.points, *page.count, *page.of(*rows), *page.coverage).story

    assert [article.outlet for article in story.articles] == list(outlets)
    assert [article.title for article in story.articles] == list(page.articles[::2])
    assert story.articles[0].excerpt == page.articles[1]


@pytest.mark.parametrize("place", [0, 1, 2], ids=["above", "between", "below"])
def test_links_are_taken_from_lines_of_their_own(page: Page, read: Read, place: int) -> None:
    links = [f"https://news.example/{number}?a=1&b=2" for number in range(3)]
    rows = [list(page.articles[2 * i : 2 * i + 2]) for i in range(3)]
    for row, link in zip(rows, links, strict=True):
        row.insert(place, link)

    story = read(*page.headline, *page.summary, *page.points, *page.count, *page.of(*map(tuple, rows))).story

    assert [article.url for article in story.articles] == links
    assert [article.title for article in story.articles] == list(page.articles[::2])


def test_a_date_is_taken_and_an_age_is_only_told(page: Page, read: Read) -> None:
    parsed = read(
        *page.headline,
        "2 Articles",
        *page.articles[:2],
        "STAT · 18 November 2026",
        "Leg cramps: a look",
        "Ledger · 2 days ago",
    )

    assert [str(article.published) for article in parsed.story.articles] == ["2026-11-18", "None"]
    assert (7, "age left out: it names no date") in messages(parsed)


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "https://a@b.example/", "https:///x", "//x"]
)
def test_a_link_that_cannot_be_trusted_is_left_out_and_told(page: Page, read: Read, link: str) -> None:
    parsed = read(*page.headline, "1 Article", *page.articles[:2], link)

    assert all(article.url is None for article in parsed.story.articles)


# ── coverage and factuality ──────────────────────────────────────────────────────────────────────

BIAS = {
    ("- 40% of the sources lean Left", "- 40% of the sources are Center", "- 20% of the sources lean Right"): (
        40,
        40,
        20,
    ),
    ("- L 33% C 33% R 33%",): (33, 33, 33),
    ("L 33%C 33%R 33%",): (33, 33, 33),
    ("Left: 40%", "Centre: 40%", "Right: 20%"): (40, 40, 20),
    ("Left", "40%", "Center", "40%", "Right", "20%"): (40, 40, 20),
    ("40%", "Left", "60%", "Center"): (40, 60, 0),
    ("- 40% of the sources lean Left, 40% are Center and 20% lean Right",): (40, 40, 20),
    ("- 33.3 % of sources lean left", "- 66.7 per cent of sources are in the centre"): (33, 67, 0),
    ("- 40% of the sources lean Left", "- 40% of the sources lean Left"): (40, 0, 0),
    ("Far Left 10% Left 20% Center 40% Lean Right 30%",): (30, 40, 30),
}


@pytest.mark.parametrize(("lines", "expected"), BIAS.items(), ids=[key[0] for key in BIAS])
def test_bias_lines_are_shown_as_reported(
    page: Page, read: Read, lines: tuple[str, ...], expected: tuple[int, int, int]
) -> None:
    coverage = read(
        *page.headline, *page.summary, *page.points, "Bias Distribution", *lines, "Factuality"
    ).story.coverage

    left, center, right = expected
    assert coverage == Coverage(reported=BiasPercent(left=left, center=center, right=right))


def test_bias_beside_its_heading_is_understood(page: Page, read: Read) -> None:
    coverage = read(*page.headline, "Bias Distribution: L 40% C 40% R 20%").story.coverage

    assert coverage.reported == BiasPercent(left=40, center=40, right=20)


def test_counts_stand_in_where_no_per_cents_are_reported(page: Page, read: Read) -> None:
    lines = ("Coverage Details", "Total News Sources", "9", "Leaning Left", "2", "Leaning Right", "1", "Center", "3")

    coverage = read(*page.headline, *page.points, *lines).story.coverage

    assert coverage == Coverage(counts=BiasCounts(left=2, center=3, right=1, unrated=3))


def test_reported_per_cents_win_over_counts_and_that_is_told(page: Page, read: Read) -> None:
    lines = (
        "Coverage Details",
        "Leaning Left",
        "0",
        "Center",
        "3",
        "Bias Distribution",
        "- 100% of the sources are Center",
    )

    parsed = read(*page.headline, *lines)

    assert parsed.story.coverage == Coverage(reported=BiasPercent(center=100))
    assert (3, "count left out: the page reports per cents") in messages(parsed)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (("40% of the sources lean Left", "30% of the sources lean Left"), "contradicts an earlier line; left out"),
        (("90% of the sources lean Left", "80% of the sources lean Right"), "per cents that add up to 170; left out"),
        (("40% of the sources lean Left",), "per cents add up to 40: the page does not say the rest"),
        (
            ("60% of the sources are Center", "40% of the sources are unrated"),
            "share of unrated sources left out: only rated ones are shown",
        ),
    ],
)
def test_bias_lines_that_do_not_fit_are_told(page: Page, read: Read, lines: tuple[str, ...], message: str) -> None:
    parsed = read(*page.headline, "Bias Distribution", *lines)

    assert message in [notice.message for notice in parsed.notices]


FACTUALITY = {
    ("Factuality: High",): "high",
    ("Factuality", "Mixed factuality"): "mixed",
    ("Factuality", "Very High"): "very high",
    ("Factuality", "- 100% of the sources are High"): "high",
    ("Factuality", "- 75% of the sources are High", "- 25% of the sources are Mixed"): "75% high, 25% mixed",
    ("Factuality - Mostly Factual",): "mostly factual",
    ("Factuality", "not available"): None,
    ("Factuality", "To view factuality data please Upgrade to Premium"): None,
}


@pytest.mark.parametrize(("lines", "expected"), FACTUALITY.items(), ids=[" ".join(key) for key in FACTUALITY])
def test_factuality_is_taken_as_reported_or_not_at_all(
    page: Page, read: Read, lines: tuple[str, ...], expected: str | None
) -> None:
    assert read(*page.headline, *page.summary, *lines).story.coverage.factuality == expected


def test_news_with_per_cents_and_sides_stays_news(read: Read) -> None:
    parsed = read(
        "Study of stroke sides published",
        "About 40% of adults left the study early.",
        "- 33% had pain on the right side.",
    )

    assert parsed.story.coverage == Coverage()
    assert parsed.story.summary == "About 40% of adults left the study early."
    assert parsed.story.key_points == (KeyPoint("33% had pain on the right side."),)


# ── hostile pages ────────────────────────────────────────────────────────────────────────────────


def test_mark_up_and_template_syntax_stay_plain_letters(read: Read) -> None:
    story = read(
        "<script>alert(1)</script> {{ 7*7 }} cures all", "1 Article", "{% include 'x' %} beats flu", "Flu is gone."
    ).story

    assert story.headline == "<script>alert(1)</script> {{ 7*7 }} cures all"
    assert story.articles[0].title == "{% include 'x' %} beats flu"


def test_a_headline_is_one_line_without_controls() -> None:
    parsed = read_story("Cramps\u202e and\x07 pills\u2028Bcc: a@b.example".encode(), "page.txt")

    assert parsed.story.headline == "Cramps and pills"
    assert (1, "invisible control characters left out") in messages(parsed)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"<!DOCTYPE html><html><body>x</body></html>", "HTML"),
        (b"[" * 10_000_000, "larger than 1 MB"),
        (b"x" * 500_000, "at most 20000 are read"),
        (b"a b c\n" * 5_000, "a story page has at most 2000"),
        (b"PK\x03\x04\x00\x00", "not a text file"),
        (b"\xff\xfea", "not readable as the encoding"),
        (b"caf\x81\xe9", "not a text in UTF-8"),
        (b"Headline " * 60, "at most 300 are wanted"),
    ],
)
def test_what_is_no_story_page_is_refused_in_one_line(data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message) as refusal:
        read_story(data, "page.txt")

    assert "\n" not in str(refusal.value)


def test_another_encoding_is_guessed_and_told() -> None:
    parsed = read_story("A headline here\nA café reports that it is so.".encode("cp1252"), "page.txt")

    assert messages(parsed)[0] == (2, "not UTF-8: read as Windows-1252; check the accents")


SHAPES = (
    "- A point about {} is made here.",
    "- {}",
    "Title of {} goes on",
    "A sentence about {} goes on and on until it ends.",
    "{}",
    "{} · 2 days ago",
    "Source: {}",
    "https://news.example/{}",
    "javascript:{}",
    "Sign up for the {} newsletter",
    "40% of the sources lean {}",
    "Summary",
    "9 Articles",
    "Bias Distribution",
    "Factuality",
    "- 100% of the sources are Center",
    "",
)


@settings(max_examples=100, deadline=None)
@given(shapes=st.lists(st.sampled_from(SHAPES), max_size=14))
def test_every_line_ends_in_the_story_or_in_a_notice(shapes: list[str]) -> None:
    lines = [shape.format(f"zebra{number}") for number, shape in enumerate(shapes)]

    parsed = parse_page("\n".join(["A headline of five words", *lines]), "page.txt")

    told = f"{words(parsed.story)} {parsed.notices}".lower()
    assert [number for number, line in enumerate(lines) if "zebra" in line and f"zebra{number}" not in told] == []


def letters(text: str) -> str:
    """Letters and digits only: what copying and tidying change is none of them."""
    return re.sub(r"[\W_]+", "", text).lower()


@settings(max_examples=150, deadline=None)
@given(order=st.permutations(conftest.Page().lines), cut_at=st.integers(1, 40))
def test_in_whatever_order_lines_come_and_wherever_they_stop_none_is_lost_and_nothing_made_up(
    order: list[str], cut_at: int
) -> None:
    lines = order[:cut_at]
    try:
        parsed = parse_page("\n".join(lines), "page.txt")
    except InputError as refusal:
        assert "no headline found" in str(refusal)
        return

    story = parsed.story
    texts = [story.headline, story.summary or "", *(point.text for point in story.key_points)]
    texts += [text for article in story.articles for text in (article.title, article.excerpt or "")]
    told = letters(" ".join([*texts, *(notice.text for notice in parsed.notices)]))
    prose = [line for line in lines if len(line) > 45 and "%" not in line]
    assert [line for line in prose if letters(line)[:40] not in told] == []
    assert set(re.findall(r"[^\W_]+", " ".join(texts))) <= set(re.findall(r"[^\W_]+", " ".join(lines)))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_whatever_a_page_holds_it_is_read_or_refused(text: str) -> None:
    try:
        story = read_story(text.encode("utf-8", "surrogatepass"), "page.txt").story
    except InputError as refusal:
        assert refusal.file == "page.txt"
    else:
        assert story.headline
