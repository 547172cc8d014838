"""Story files say what an editor wrote, and refuse what cannot be used with its line."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.errors import InputError
from digest.model import (
    Article,
    BiasCounts,
    BiasPercent,
    Coverage,
    Evidence,
    Identifiers,
    KeyPoint,
    Quantity,
    Story,
)
from digest.newsroom.storyfile import format_story_file, parse_story_file, read_story

FULL = """\
---
headline: "Magnesium: pills do little for cramps"
summary: A review of 41 trials with over 1,800 adults found no benefit .
topic: pain
date: 2026-11-18
not_before: 2026-11-20T07:00+01:00
pinned: true
weight: -2
key_points:
  - The pills do not help.
  - {text: Stomachs suffer, source: 2}
  - text: Stretching may help
evidence: {study_type: systematic review, trials: 41, participants: over 1800, publisher: Cochrane, doi: 10.1000/xyz1}
articles:
  - {outlet: The Ledger, title: No help from pills, url: https://ledger.example/a, published: 2026-11-17}
  - title: Cramps stay
    excerpt: They do.
articles_total: 9
---

**Body** text.

- more
"""


def story_of(head: str, body: str = "") -> Story:
    return parse_story_file(f"---\n{head}\n---\n{body}", "s.md").story


def refusal_of(head: str) -> str:
    with pytest.raises(InputError) as refusal:
        story_of(head)
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


def test_a_story_file_is_read_in_all_its_parts() -> None:
    story = parse_story_file(FULL, "stories/Leg Cramps.md").story

    assert story.id == "leg-cramps"
    assert story.origin == "stories/Leg Cramps.md"
    assert story.headline == "Magnesium: pills do little for cramps"
    assert story.summary == "A review of 41 trials with over 1,800 adults found no benefit."
    assert story.topic == "pain"
    assert story.key_points == (
        KeyPoint("The pills do not help."),
        KeyPoint("Stomachs suffer", 2),
        KeyPoint("Stretching may help"),
    )
    assert story.articles == (
        Article(
            title="No help from pills",
            outlet="The Ledger",
            url="https://ledger.example/a",
            published=date(2026, 11, 17),
        ),
        Article(title="Cramps stay", excerpt="They do."),
    )
    assert story.articles_total == 9
    assert story.body == "**Body** text.\n\n- more"
    assert (story.day, story.pinned, story.dropped, story.weight) == (date(2026, 11, 18), True, False, -2)
    assert story.not_before == datetime(2026, 11, 20, 6, tzinfo=UTC)


def test_evidence_is_what_the_editor_wrote() -> None:
    evidence = parse_story_file(FULL, "s.md").story.evidence

    assert evidence.study_type == "systematic review"
    assert evidence.trials == 41
    assert evidence.participants == Quantity(1800, "over")
    assert evidence.publisher == "Cochrane"
    assert evidence.identifiers == Identifiers(doi="10.1000/xyz1")


def test_what_the_editor_leaves_open_is_read_from_the_story() -> None:
    head = "headline: Cochrane review of 41 trials finds no help"

    assert story_of(head).evidence.trials == 41
    assert story_of(head + "\nevidence: {publisher: Lake Clinic}").evidence.trials == 41
    assert story_of(head + "\nevidence: {trials: 40}").evidence.trials == 40
    assert story_of(head + "\nevidence: {trials: null}").evidence.trials is None


@pytest.mark.parametrize(
    ("written", "quantity"),
    [
        ("2300", Quantity(2300)),
        ("over 2300", Quantity(2300, "over")),
        ("'More than 2,300'", Quantity(2300, "more than")),
        ("approximately 50", Quantity(50, "about")),
        ("{value: 7, qualifier: up to}", Quantity(7, "up to")),
        ("~", None),
    ],
)
def test_participants_may_be_written_with_a_word_before(written: str, quantity: Quantity | None) -> None:
    assert story_of(f"headline: x\nevidence: {{participants: {written}}}").evidence.participants == quantity


@pytest.mark.parametrize(
    ("written", "study_type"),
    [
        ("RCT", "randomised trial"),
        ("randomized trial", "randomised trial"),
        ("Randomised controlled trial", "randomised trial"),
        ("meta analysis", "meta-analysis"),
        ("in vitro", "in vitro"),
        ("unknown", "unknown"),
    ],
)
def test_study_types_may_be_spelt_in_usual_ways(written: str, study_type: str) -> None:
    assert story_of(f"headline: x\nevidence: {{study_type: {written}}}").evidence.study_type == study_type


@pytest.mark.parametrize(
    ("written", "coverage"),
    [
        (
            "{left: 4, center: 4, right: 3, unrated: 2}",
            Coverage(counts=BiasCounts(left=4, center=4, right=3, unrated=2)),
        ),
        ("{percent: {left: 0, center: 100%}}", Coverage(reported=BiasPercent(center=100))),
        ("{factuality: high}", Coverage(factuality="high")),
        (
            "{center: 2, factuality: {high: 1, low: 1}, raters: [Board]}",
            Coverage(
                counts=BiasCounts(center=2),
                factuality_counts=(("high", 1), ("low", 1)),
                raters=("Board",),
                factuality_raters=("Board",),
            ),
        ),
        (
            "{center: 2, factuality: {high: 2}, raters: [Sides], factuality_raters: [Facts]}",
            Coverage(
                counts=BiasCounts(center=2),
                factuality_counts=(("high", 2),),
                raters=("Sides",),
                factuality_raters=("Facts",),
            ),
        ),
    ],
)
def test_coverage_is_counts_or_per_cents(written: str, coverage: Coverage) -> None:
    story = story_of(f"headline: x\ncoverage: {written}")

    assert story.coverage == coverage
    assert parse_story_file(format_story_file(story), "s.md").story == story


def test_words_that_yaml_takes_for_something_else_stay_words() -> None:
    story = story_of("headline: 2026\ntopic: no\nsummary: 12:30\nkey_points: [yes, ~, 1.50]")

    assert (story.headline, story.topic, story.summary) == ("2026", "no", "12:30")
    assert [point.text for point in story.key_points] == ["yes", "1.50"]


@pytest.mark.parametrize(
    "mutate", [str, lambda t: t.replace("\n", "\r\n"), lambda t: "\ufeff" + t, lambda t: "\n\n" + t]
)
def test_line_ends_and_marks_of_other_programs_do_not_matter(mutate: type[str]) -> None:
    story = parse_story_file(FULL, "s.md").story

    assert parse_story_file(mutate(FULL), "s.md").story == story
    assert read_story(mutate(FULL).encode(), "s.md").story == story


def test_three_to_five_key_points_are_advised() -> None:
    parsed = parse_story_file("---\nheadline: x\nkey_points:\n  - one\n---\n", "s.md")

    assert [(notice.line, notice.message) for notice in parsed.notices] == [(4, "three to five key points read best")]


# ── what is refused ──────────────────────────────────────────────────────────────────────────────

REFUSALS = {
    "summary: x": "s.md:2: headline: missing",
    "headline:": "s.md:2: headline: missing",
    "": "front matter is empty",
    "just words": "keys with values are wanted",
    "headline: x\nsumary: y": "s.md:3: sumary: not a known key; did you mean summary?",
    "headline: x\nheadline: y": "s.md:3: headline: is written twice",
    "headline: a: b": "s.md:2: front matter cannot be read: mapping values are not allowed here; put quotation marks",
    "headline: x\n\tsummary: y": "front matter cannot be read",
    "headline: [x]": "headline: a text is wanted",
    "headline: x\ndate: yesterday": "s.md:3: date: yesterday: a date such as 2026-11-18 is wanted",
    "headline: x\nnot_before: 2026-11-23T07:00": "a time with its zone is wanted",
    "headline: x\npinned: maybe": "true or false is wanted",
    "headline: x\nweight: 1000": "a whole number from -100 to 100 is wanted",
    "headline: x\nkey_points: one": "a list is wanted",
    "headline: x\nkey_points: [{text: a, source: 1}]": "the story lists no article",
    "headline: x\nkey_points: [{text: a, source: 2}]\narticles: [{title: b}]": "a whole number from 1 to 1 is wanted",
    "headline: x\nkey_points: [{source: 2}]": "a text is wanted",
    "headline: x\narticles: [{outlet: y}]": "an article with a title is wanted",
    "headline: x\narticles: [https://a.example]": "keys with values are wanted: outlet, title",
    "headline: x\narticles:\n  - title: y\n    url: javascript:alert(1)": (
        "s.md:5: articles 1 url: javascript:alert(1): a full link"
    ),
    "headline: x\narticles: [{title: a, url: 'https://b@c.example'}]": "without a user name",
    "headline: x\narticles: [{title: a}]\narticles_total: 0": "1 articles are listed",
    "headline: x\nevidence: {study_type: vibes}": "one of these is wanted: randomised trial",
    "headline: x\nevidence: {participants: many}": 'a number such as 2300 or "over 2300" is wanted',
    "headline: x\nevidence: {participants: over 2,300, trials: 4}": "quotation marks around a value that holds a comma",
    "headline: x\nevidence: {doi: abc}": "a DOI such as",
    "headline: x\ncoverage: {left: 1, percent: {left: 3}}": "either counts or per cents",
    "headline: x\ncoverage: {percent: {left: 300}}": "a whole per cent from 0 to 100",
    "headline: " + "x" * 301: "301 characters: at most 300 are wanted",
    "headline: *a": "an alias (*), an anchor (&), a tag (!)",
    "headline: &a x": "an alias (*), an anchor (&), a tag (!)",
    "headline: !!python/object/apply:os.system [echo]": "an alias (*), an anchor (&), a tag (!)",
    "headline: x\n<<: {summary: y}": "<<: not a known key",
    "headline: x\nkey_points: " + "[" * 2000: "nested too deeply",
    "headline: x\nsummary: " + "{a: " * 2000: "nested too deeply",
}


@pytest.mark.parametrize(("head", "message"), REFUSALS.items(), ids=[repr(key)[:50] for key in REFUSALS])
def test_what_cannot_be_used_is_refused_with_what_is_wanted(head: str, message: str) -> None:
    assert message in refusal_of(head)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("---\nheadline: x\n", "s.md:1: front matter does not end"),
        ("headline: x", "s.md:1: front matter is missing"),
        ("---\nheadline: x\n---\n" + "> " * 30_000, "s.md:4: body of 59999 characters"),
        ("---\n" + "# x\n" * 20_000 + "---\n", "front matter of 80000 characters"),
        ("x" * 1_000_001, "larger than 1 MB"),
    ],
)
def test_files_out_of_bounds_are_refused(text: str, message: str) -> None:
    with pytest.raises(InputError) as refusal:
        parse_story_file(text, "s.md")

    assert message in str(refusal.value)


def test_a_bomb_of_aliases_is_refused_before_it_goes_off() -> None:
    head = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
    started = time.perf_counter()

    assert "an alias" in refusal_of(head)
    assert time.perf_counter() - started < 1


# ── hostile texts that are merely text ───────────────────────────────────────────────────────────


def test_header_injection_in_a_headline_becomes_one_plain_line() -> None:
    story = story_of('headline: "News\\r\\nBcc: a@b.example\\0\\u2028x =?UTF-8?Q?=0A?= \\ud83d\\u202e"')

    assert story.headline == "News Bcc: a@b.example x =?UTF-8?Q?=0A?="
    assert story.headline.encode()


def test_template_syntax_and_mark_up_stay_letters() -> None:
    story = story_of("headline: '{{ config }}'\narticles: [{title: '<script>x</script>{% raw %}'}]")

    assert story.headline == "{{ config }}"
    assert story.articles[0].title == "<script>x</script>{% raw %}"


# ── writing ──────────────────────────────────────────────────────────────────────────────────────


def test_a_story_written_reads_back_the_same() -> None:
    story = parse_story_file(FULL, "s.md").story

    assert parse_story_file(format_story_file(story), "s.md").story == story


def test_what_the_card_shows_is_taken_from_the_front_matter_and_written_back() -> None:
    head = (
        "headline: Naps again\nupdate_of: naps\nupdate_from: weekly-2026-11-16\nmachine_written: true\n"
        "evidence: {comparison: naps versus none, funding: Harbour Trust, conflicts: none declared}\n"
        "articles: [{title: Naps, outlet: The Ledger, copy_of: Gull Agency}, {title: B, text_by: Gull}]"
    )

    story = story_of(head)

    evidence = story.evidence
    assert (evidence.comparison, evidence.funding, evidence.conflicts) == (
        "naps versus none",
        "Harbour Trust",
        "none declared",
    )
    assert (story.update_of, story.update_from, story.machine_written) == ("naps", "weekly-2026-11-16", True)
    assert (story.articles[0].copy_of, story.articles[1].text_by) == ("Gull Agency", "Gull")
    assert parse_story_file(format_story_file(story), "s.md").story == story


def test_a_pasted_page_written_as_a_story_file_reads_back_the_same(page: object) -> None:
    story = read_story(page.text.encode(), "page.txt").story  # type: ignore[attr-defined]

    again = parse_story_file(format_story_file(story), f"{story.id}.md").story

    assert replace(again, origin=story.origin) == story


def test_evidence_that_an_editor_took_back_stays_away() -> None:
    story = replace(story_of("headline: Cochrane review of 41 trials"), evidence=Evidence())

    assert parse_story_file(format_story_file(story), "s.md").story.evidence == Evidence()


LINES = st.text(max_size=30).filter(lambda text: any(map(str.isalnum, text)))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    headline=LINES,
    points=st.lists(LINES, max_size=4),
    titles=st.lists(LINES, max_size=3),
    body=st.text(max_size=60),
    weight=st.integers(-100, 100),
    flags=st.tuples(st.booleans(), st.booleans()),
    day=st.none() | st.dates(),
)
def test_any_story_reads_back_the_same(
    headline: str,
    points: list[str],
    titles: list[str],
    body: str,
    weight: int,
    flags: tuple[bool, bool],
    day: date | None,
) -> None:
    rough = Story(
        id="s",
        headline=headline,
        key_points=tuple(KeyPoint(point) for point in points),
        articles=tuple(Article(title=title) for title in titles),
        articles_total=len(titles),
        body=body or None,
        weight=weight,
        pinned=flags[0],
        dropped=flags[1],
        day=day,
        origin="s.md",
    )

    try:
        story = parse_story_file(format_story_file(rough), "s.md").story
    except InputError:
        return  # nothing but controls where a title is wanted

    assert parse_story_file(format_story_file(story), "s.md").story == story


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet=st.one_of(st.sampled_from("---\n: []{}&*!%'\"#|>headline"), st.characters()), max_size=200))
def test_whatever_a_file_holds_it_is_read_or_refused(text: str) -> None:
    try:
        story = read_story(f"---\n{text}\n---\n".encode("utf-8", "surrogatepass"), "s.md").story
    except InputError as refusal:
        assert refusal.file == "s.md"
    else:
        assert story.headline
