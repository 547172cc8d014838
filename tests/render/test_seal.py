"""Sealing: the same bytes for ever, marks for what is personal, and harmless words whatever comes in."""

from __future__ import annotations

import dataclasses
import re
from types import MappingProxyType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.errors import DigestError, TemplateError
from digest.marks import Hole, fill, split_marks
from digest.model import Article, BiasCounts, Coverage, Evidence, KeyPoint, Story
from digest.render.seal import archive_html, archive_text, is_intact, seal, seal_hash
from digest.render.themes import Theme, ThemeFile
from tests.render.reading import flat, read
from tests.render.samples import KETAMINE, LETTERHEAD, SLEEP, edition

READER = {
    "name": "Ada <b>",
    "address": "ada&co@example.org",
    "unsubscribe_url": "https://news.example.org/u/" + "A" * 32,
    "preferences_url": "https://news.example.org/preferences",
}


# ── the same bytes, today and tomorrow ───────────────────────────────────────────────────────────


def test_sealing_twice_gives_the_same_bytes(theme: Theme) -> None:
    first, second = seal(edition(), LETTERHEAD, theme), seal(edition(), LETTERHEAD, theme)

    assert first == second
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", first.hash)


def test_another_word_in_a_story_gives_another_hash(theme: Theme) -> None:
    changed = dataclasses.replace(SLEEP, summary="Nurses who napped slept less.")

    assert seal(edition(KETAMINE, changed), LETTERHEAD, theme).hash != (
        seal(edition(KETAMINE, SLEEP), LETTERHEAD, theme).hash
    )


@pytest.mark.parametrize("part", ["html", "text", "subject", "preheader"])
def test_a_changed_part_is_noticed(theme: Theme, part: str) -> None:
    sealed = seal(edition(), LETTERHEAD, theme)

    changed = dataclasses.replace(sealed, **{part: getattr(sealed, part) + " "})

    assert is_intact(sealed)
    assert not is_intact(changed)


def test_a_changed_header_is_noticed(theme: Theme) -> None:
    sealed = seal(edition(), LETTERHEAD, theme)

    assert not is_intact(dataclasses.replace(sealed, headers=(*sealed.headers, ("Bcc", "x@example.org"))))


def test_parts_that_join_to_the_same_text_have_different_hashes() -> None:
    one = seal_hash(html="ab", text="c", subject="", preheader="", headers=())
    other = seal_hash(html="a", text="bc", subject="", preheader="", headers=())

    assert one != other


# ── personal marks ───────────────────────────────────────────────────────────────────────────────


def test_marks_stand_for_the_readers_own_values_in_both_parts(theme: Theme) -> None:
    sealed = seal(edition(), LETTERHEAD, theme)

    html = read(fill(sealed.html, sealed.nonce, READER))
    text = fill(sealed.text, sealed.nonce, READER)

    assert "because ada&co@example.org is subscribed to The Weekly Health Digest" in html.words
    assert ("Unsubscribe", READER["unsubscribe_url"]) in html.links
    assert ("Change your preferences", READER["preferences_url"]) in html.links
    assert "because ada&co@example.org is subscribed" in flat(text)
    assert f"\n{READER['unsubscribe_url']}\n" in text
    assert f"\n{READER['preferences_url']}\n" in text


def test_a_story_cannot_hold_a_mark(theme: Theme) -> None:
    nonce = seal(edition(), LETTERHEAD, theme).nonce
    sly = dataclasses.replace(SLEEP, summary=f"Your address is Qz{nonce}atzQ and Qz000000000000btzQ.")

    sealed = seal(edition(KETAMINE, sly), LETTERHEAD, theme)

    holes = [part for part in split_marks(sealed.text, sealed.nonce) if isinstance(part, Hole)]
    assert [hole.field for hole in holes] == ["address", "unsubscribe_url", "preferences_url"]


def test_a_template_that_loses_a_mark_is_refused_by_name(theme: Theme) -> None:
    weekly = theme.files["weekly/weekly.mjml.j2"]
    odd = weekly.text.replace("  <mj-head>", '  {% set lost = mine("name", "text") %}\n  <mj-head>')

    with pytest.raises(TemplateError, match=r"templates/weekly/weekly\.mjml\.j2: name: asked for"):
        seal(edition(), LETTERHEAD, _with(theme, "weekly/weekly.mjml.j2", odd))


def test_the_archive_shows_nothing_of_a_reader(theme: Theme) -> None:
    sealed = seal(edition(), LETTERHEAD, theme)

    html, text = archive_html(sealed), archive_text(sealed)

    assert sealed.nonce not in html + text
    assert "Unsubscribe" not in html + text
    assert "subscribed to" not in html + text
    assert KETAMINE.headline in html
    assert "Exampletown" in html
    assert "Exampletown" in text
    assert html.count("<div") == html.count("</div>")


# ── hostile and odd input ────────────────────────────────────────────────────────────────────────

HOSTILE = (
    "<script>alert(1)</script> {{ 7*7 }} {% for %} & \" ' --> ]]> </mj-text> \u202e\x00\x0b\x1b &lt; \\u{a0} p < 0.05"
)


def test_hostile_words_are_harmless_everywhere(theme: Theme) -> None:
    story = Story(
        id="hostile",
        headline=HOSTILE,
        summary=HOSTILE,
        topic=HOSTILE,
        key_points=(KeyPoint(HOSTILE, 1), KeyPoint(HOSTILE, 99), KeyPoint(HOSTILE, -1)),
        articles=(
            Article(title=HOSTILE, outlet=HOSTILE, url="javascript:alert(1)", excerpt=HOSTILE),
            Article(title=HOSTILE, url="https://ok.example/?a=1&b=<x>"),
            Article(title="x", url="https://ok.example/?a=1&b=2"),
        ),
        articles_total=0,
        coverage=Coverage(factuality=HOSTILE, counts=BiasCounts(left=1), raters=(HOSTILE,)),
        evidence=Evidence(publisher=HOSTILE),
        body=HOSTILE + "\n\n[click](javascript:alert(1)) <img src=x onerror=alert(1)> [b](https://u:p@evil.example/)",
    )

    sealed = seal(edition(story), LETTERHEAD, theme)
    page = read(sealed.html)

    assert not {"script", "img"} & set(page.tags)
    assert {url for _, url in page.links if "news.example.org" not in url and "Qz" not in url} == {
        "https://ok.example/?a=1&b=2"
    }
    assert "{{ 7*7 }} {% for %}" in page.words
    assert "p < 0.05" in page.words
    assert "javascript:" not in sealed.html.replace("[click](javascript:alert(1))", "")
    assert not re.search(r"[\x00\x0b\x1b]", sealed.html + sealed.text)


def test_no_header_can_be_smuggled_in(theme: Theme) -> None:
    sly = dataclasses.replace(edition(), subject="News\r\nBcc: all@example.org\u2028x")
    letterhead = dataclasses.replace(LETTERHEAD, from_name='A "B"\nBcc: x', name="L\\ist\r\n")

    sealed = seal(sly, letterhead, theme)

    assert sealed.subject == "News Bcc: all@example.org x"
    assert dict(sealed.headers)["From"] == '"A \\"B\\" Bcc: x" <digest@news.example.org>'
    assert [name for name, _ in sealed.headers] == ["From", "Reply-To", "List-Id", "List-Archive", "Feedback-ID"]
    assert not any("\n" in value or "\r" in value for _, value in sealed.headers)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(min_size=1, max_size=60))
def test_any_text_comes_through_as_itself_or_is_refused_in_one_line(theme: Theme, text: str) -> None:
    story = Story(id="any", headline=f"({text})", summary=text, key_points=(KeyPoint(text),), body=text)
    try:
        sealed = seal(edition(story), LETTERHEAD, theme)
    except DigestError as error:
        assert "\n" not in str(error)
        return

    seen = re.sub(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", "", " ".join(text.split()))
    heading = next(words for level, words in read(sealed.html).headings if level == 2)
    assert "".join(heading.split()) == "".join(f"({seen})".split())


def _with(theme: Theme, name: str, text: str) -> Theme:
    return Theme(MappingProxyType({**theme.files, name: ThemeFile(f"templates/{name}", text)}))
