"""The checks before anything is sent: each fault is found, with the right severity, and good editions stay quiet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from digest.marks import mark
from digest.model import Article, BiasCounts, BiasPercent, Coverage, Edition, Evidence, KeyPoint, SealedEdition, Story
from digest.newsroom.telling.findings import Finding as Noticed
from digest.render.checks import check_sealed
from digest.render.findings import Finding
from digest.render.seal import Letterhead, seal
from digest.render.themes import Theme
from tests.render import samples

LETTERHEAD: Letterhead = samples.LETTERHEAD
PLAIN = Story(
    id="plain",
    headline="Walking lowers blood pressure",
    summary="None of the walkers undefined a thing; nan was null and void.",
    key_points=(KeyPoint("None stopped", 1), KeyPoint("Five miles a day", 1)),
    articles=(
        Article(title="Walk 5 miles", outlet="Herald", url="https://herald.example/walk", published=date(2026, 11, 20)),
    ),
    articles_total=1,
    evidence=Evidence(study_type="cohort"),
)
OTHER = replace(
    PLAIN,
    id="other",
    headline="Naps are harmless",
    articles=(Article(title="Nap on", outlet="Post", url="https://post.example/nap"),),
)


@pytest.fixture(scope="session")
def sealed_plain(theme: Theme) -> tuple[Edition, SealedEdition]:
    edition = samples.edition(PLAIN, OTHER)
    return edition, seal(edition, LETTERHEAD, theme)


def check(edition: Edition, sealed: SealedEdition, letterhead: Letterhead = LETTERHEAD) -> list[Finding]:
    return check_sealed(edition, sealed, letterhead, already_sent={})


def rules(findings: list[Finding], severity: str | None = None) -> set[str]:
    return {finding.rule for finding in findings if severity in (None, finding.severity)}


def test_a_good_edition_has_no_finding_though_it_says_none_and_undefined(
    sealed_plain: tuple[Edition, SealedEdition],
) -> None:
    assert check(*sealed_plain) == []


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "ar"])
def test_the_sample_edition_has_no_error_in_any_language(theme: Theme, language: str) -> None:
    letterhead = replace(LETTERHEAD, language=language, direction="rtl" if language == "ar" else "ltr")
    edition = samples.edition()

    assert rules(check(edition, seal(edition, letterhead, theme), letterhead), "error") == set()


def in_html(old: str, new: str) -> Callable[[SealedEdition], SealedEdition]:
    def change(sealed: SealedEdition) -> SealedEdition:
        assert old in sealed.html
        return replace(sealed, html=sealed.html.replace(old, new))

    return change


def in_text(old: str, new: str) -> Callable[[SealedEdition], SealedEdition]:
    def change(sealed: SealedEdition) -> SealedEdition:
        assert old in sealed.text
        return replace(sealed, text=sealed.text.replace(old, new))

    return change


def unsubscribe(context: str) -> Callable[[SealedEdition], SealedEdition]:
    def change(sealed: SealedEdition) -> SealedEdition:
        hole = mark(sealed.nonce, "unsubscribe_url", "attribute" if context == "html" else "plain")
        gone = replace(sealed, html=sealed.html.replace(hole, "https://news.example.org/u"))
        return gone if context == "html" else replace(sealed, text=sealed.text.replace(hole, ""))

    return change


BODY = "</body>"
ERRORS: dict[str, tuple[Callable[[SealedEdition], SealedEdition], str]] = {
    "a value that was not there": (in_html("Nap on", "None"), "leftover"),
    "nan beside a number": (in_html("Nap on", "nan trials"), "leftover"),
    "undefined in a picture": (in_html(BODY, '<img src="https://a.example" alt="undefined"></body>'), "leftover"),
    "open braces": (in_html("Nap on", "{{ title }}"), "leftover"),
    "an open statement in the text": (in_text("Nap on", "{% if x %}"), "leftover"),
    "filler": (in_html("Nap on", "Lorem ipsum dolor"), "leftover"),
    "None as the subject": (lambda sealed: replace(sealed, subject="None"), "leftover"),
    "a mark of another sealing": (in_html("Nap on", "Qz0123456789abbtzQ"), "open-mark"),
    "a mark in the subject": (lambda sealed: replace(sealed, subject=mark(sealed.nonce, "name", "plain")), "open-mark"),
    "a mark of the wrong kind": (lambda s: replace(s, text=s.text + mark(s.nonce, "name", "text")), "open-mark"),
    "no unsubscribe link": (unsubscribe("html"), "missing-unsubscribe"),
    "no unsubscribe link in the text": (unsubscribe("text"), "missing-unsubscribe"),
    "no address": (in_html("1 Sample Street", ""), "missing-address"),
    "no address in the text": (in_text("1 Sample Street", ""), "missing-address"),
    "no disclaimer": (in_html("not medical advice", ""), "missing-disclaimer"),
    "no disclaimer in the text": (in_text("not medical advice", ""), "missing-disclaimer"),
    "a link to nowhere": (in_html('href="https://post.example/nap"', 'href=" "'), "empty-link"),
    "a script link": (in_html('href="https://post.example/nap"', 'href="java&#9;script:x"'), "script-link"),
    "a hidden script link": (in_html('href="https://post.example/nap"', 'href="&#160;JavaScript:x"'), "script-link"),
    "a script": (in_html(BODY, "<script>x</script></body>"), "active-content"),
    "an event": (in_html(BODY, '<p onclick="x">y</p></body>'), "active-content"),
    "a page too large": (in_html(BODY, "x" * 90_000 + BODY), "clip-size"),
    "no text part": (lambda sealed: replace(sealed, text=" \n"), "no-text"),
    "another headline in the text": (in_text("Naps are harmless", "Naps are bad"), "other-headlines"),
    "another headline in the page": (in_html("Naps are harmless", "Naps are bad"), "other-headlines"),
    "a line end in a header": (lambda sealed: replace(sealed, headers=(("From", "a\nBcc: b"),)), "header-control"),
    "a fault in the MJML": (lambda s: replace(s, mjml=s.mjml.replace("mj-divider", "mj-dvider")), "unknown-tag"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "rule"), ERRORS.values(), ids=ERRORS.keys())
def test_a_fault_of_the_sealed_parts_is_an_error(
    sealed_plain: tuple[Edition, SealedEdition], change: Callable[[SealedEdition], SealedEdition], rule: str
) -> None:
    edition, sealed = sealed_plain

    assert rules(check(edition, change(sealed)), "error") == {rule}


WARNINGS: dict[str, tuple[Callable[[SealedEdition], SealedEdition], str]] = {
    "a page nearly too large": (in_html(BODY, "x" * 80_000 + BODY), "clip-size"),
    "a link within the mail": (in_html('href="https://post.example/nap"', 'href="#top"'), "link"),
    "a relative link": (in_html('href="https://post.example/nap"', 'href="/nap"'), "link"),
    "a plain http link": (in_html('href="https://post', 'href="http://post'), "plain-http"),
    "a link without words": (in_html(">Nap on<", "><"), "link-words"),
    "no link to the archive": (in_html("/archive/", "/elsewhere/"), "no-archive-link"),
    "a picture without alt": (in_html(BODY, '<img src="https://a.example/a.png"></body>'), "picture"),
    "a picture in the clear": (in_html(BODY, '<img src="http://a.example/a.png" alt=""></body>'), "picture"),
    "another link in the text": (in_text("https://post.example/nap", "https://post.example/pan"), "text-links"),
    "a large style sheet": (in_html(BODY, f"<style>{' ' * 16_001}</style></body>"), "style-size"),
    "two first headings": (in_html(BODY, "<h1>x</h1></body>"), "accessibility"),
    "a heading level skipped": (in_html(BODY, "<h2>x</h2><h5>y</h5></body>"), "accessibility"),
    "a bare table": (in_html(BODY, "<table><tr><td>x</td></tr></table></body>"), "accessibility"),
    "an empty subject": (lambda sealed: replace(sealed, subject=" "), "headers"),
    "an empty preheader": (lambda sealed: replace(sealed, preheader=""), "headers"),
    "no List-Id": (lambda sealed: replace(sealed, headers=sealed.headers[:1]), "headers"),
}


@pytest.mark.parametrize(("change", "rule"), WARNINGS.values(), ids=WARNINGS.keys())
def test_what_harms_less_is_a_warning(
    sealed_plain: tuple[Edition, SealedEdition], change: Callable[[SealedEdition], SealedEdition], rule: str
) -> None:
    edition, sealed = sealed_plain

    found = check(edition, change(sealed))

    assert rule in rules(found, "warning")
    assert rules(found, "error") == set()


def test_a_from_that_no_key_signs_for_is_told(sealed_plain: tuple[Edition, SealedEdition]) -> None:
    def signed_by(*domains: str) -> set[str]:
        return rules(check_sealed(*sealed_plain, LETTERHEAD, already_sent={}, dkim_domains=domains))

    assert signed_by("example.com") == {"headers"}
    assert signed_by("news.example.org") == signed_by("example.org") == signed_by() == set()


TWICE = {
    "by id": replace(OTHER, id="plain"),
    "by headline": replace(OTHER, headline="Walking  lowers blood-pressure!"),
    "by articles": replace(OTHER, articles=PLAIN.articles),
}


@pytest.mark.parametrize("second", TWICE.values(), ids=TWICE.keys())
def test_the_same_story_twice_is_an_error(theme: Theme, second: Story) -> None:
    edition = samples.edition(PLAIN, second)

    found = check(edition, seal(edition, LETTERHEAD, theme))

    assert [(one.rule, one.story) for one in found if one.severity == "error"] == [("story-twice", second.id)]


def test_a_story_of_an_earlier_edition_is_told_with_it(sealed_plain: tuple[Edition, SealedEdition]) -> None:
    found = check_sealed(*sealed_plain, LETTERHEAD, already_sent={"other": "weekly-2026-11-16"})

    assert [(one.rule, one.severity, one.story) for one in found] == [("sent-before", "warning", "other")]
    assert "weekly-2026-11-16" in found[0].message


def other(**changes: Any) -> Story:
    return replace(OTHER, **changes)


def dated(day: date) -> Story:
    return other(articles=(replace(OTHER.articles[0], published=day),))


def linked(url: str | None) -> Story:
    return other(articles=(Article(title="Nap on", url=url),))


def counted(*articles: Article, **counts: int) -> Story:
    return other(articles=articles, coverage=Coverage(counts=BiasCounts(**counts)))


SHARES = Coverage(reported=BiasPercent(left=80, center=80))
STORIES: dict[str, tuple[Story, str, str]] = {
    "an article without a link": (linked(None), "article-link", "warning"),
    "a script for a link": (linked("javascript:x"), "unfit-link", "error"),
    "a link that is none": (linked("ftp://a.example"), "unfit-link", "warning"),
    "no article": (other(articles=(), key_points=()), "no-article", "warning"),
    "a key point without source": (other(key_points=(KeyPoint("None left"),)), "key-point-source", "warning"),
    "a key point of no article": (other(key_points=(KeyPoint("x", 7),)), "key-point-source", "warning"),
    "an article of next week": (dated(date(2026, 11, 24)), "article-date", "warning"),
    "an article of last year": (dated(date(2025, 11, 24)), "article-date", "warning"),
    "more outlets than articles": (counted(*OTHER.articles, left=3), "coverage", "warning"),
    "fewer outlets than are named": (counted(*OTHER.articles, *PLAIN.articles, left=1), "coverage", "warning"),
    "shares that do not sum up": (other(coverage=SHARES), "coverage", "warning"),
    "a number that only the editor typed": (other(summary="It was 2,300 people"), "number", "warning"),
    "braces in a headline": (other(headline="Hello {{ name }}"), "leftover", "error"),
    "filler in a key point": (other(key_points=(KeyPoint("Lorem ipsum dolor", 1),)), "leftover", "error"),
}


@pytest.mark.parametrize(("story", "rule", "severity"), STORIES.values(), ids=STORIES.keys())
def test_a_story_is_told_what_it_lacks(theme: Theme, story: Story, rule: str, severity: str) -> None:
    edition = samples.edition(PLAIN, story)

    found = check(edition, seal(edition, LETTERHEAD, theme))

    assert (rule, severity, "other") in {(one.rule, one.severity, one.story) for one in found}
    assert all(one.story == "other" for one in found)


def test_a_number_that_a_machine_made_up_is_an_error(theme: Theme) -> None:
    story = replace(
        OTHER,
        summary="It was 2,300 people in 5 towns",
        articles=(Article(title="2300 people, five towns"),),
        machine_written=True,
    )
    wrong = replace(story, id="wrong", headline="Up by 31 %")
    read = replace(wrong, id="read", headline="Up by 31 % again")
    edition = samples.edition(story, wrong, read)
    sealed = seal(edition, LETTERHEAD, theme)

    found = check_sealed(edition, sealed, LETTERHEAD, already_sent={}, texts={"read": "Sales rose by 31 per cent."})

    numbers = [one for one in found if one.rule == "number"]
    assert [(one.story, one.severity) for one in numbers] == [("wrong", "error")]
    assert "31" in numbers[0].message


def test_what_the_newsroom_noticed_is_a_warning_under_its_own_rule(theme: Theme) -> None:
    edition = samples.edition(PLAIN, OTHER)
    noticed = {"other": (Noticed("numbers", "67 trials (8 articles) · 76 trials (1 article)", (1, 2)),), "gone": ()}

    found = check_sealed(edition, seal(edition, LETTERHEAD, theme), LETTERHEAD, already_sent={}, findings=noticed)

    assert [(one.rule, one.severity, one.story, one.message) for one in found] == [
        ("numbers", "warning", "other", "67 trials (8 articles) · 76 trials (1 article)")
    ]
    assert found[0].fix


@pytest.mark.parametrize(
    ("told", "hinted"),
    [
        ("Naps cut the risk of falls by 50%.", True),
        ("Naps cut the risk of falls by 50%: 2 in 100 people fell instead of 4 in 100.", False),
        ("Naps are harmless.", False),
    ],
)
def test_a_relative_risk_without_the_absolute_one_is_worth_a_word(theme: Theme, told: str, *, hinted: bool) -> None:
    article = replace(OTHER.articles[0], excerpt=told)
    edition = samples.edition(PLAIN, replace(OTHER, summary=told, articles=(article,)))

    found = check(edition, seal(edition, LETTERHEAD, theme))

    assert [(one.rule, one.severity, one.story) for one in found] == [("relative risk", "warning", "other")] * hinted


def test_a_link_to_an_earlier_edition_is_no_link_to_this_one(theme: Theme) -> None:
    edition = samples.edition(replace(PLAIN, update_of="walks", update_from="weekly-2026-11-16"))
    sealed = seal(edition, LETTERHEAD, theme)
    lost = replace(sealed, html=sealed.html.replace(f"/archive/{edition.id}", "/elsewhere"))

    assert "no-archive-link" not in rules(check(edition, sealed))
    assert "no-archive-link" in rules(check(edition, lost))


@pytest.mark.parametrize("part", ["html", "text"])
def test_a_template_that_keeps_the_machine_quiet_is_told(theme: Theme, part: str) -> None:
    edition = samples.edition(PLAIN, replace(OTHER, machine_written=True))
    sealed = seal(edition, LETTERHEAD, theme)
    quiet = replace(sealed, **{part: getattr(sealed, part).replace("written by a machine", "written")})

    assert check(edition, sealed) == []
    assert rules(check(edition, quiet)) == {"machine-label"}
    assert check(edition, quiet, replace(LETTERHEAD, tell_machine=False)) == []


def test_reprints_are_no_outlets_that_were_left_uncounted(theme: Theme) -> None:
    copy = Article(title="Nap on", outlet="Evening Post", url="https://evening.example/nap", copy_of="Gull Agency")
    story = replace(
        OTHER, articles=(*OTHER.articles, copy), articles_total=2, coverage=Coverage(counts=BiasCounts(left=1))
    )
    edition = samples.edition(PLAIN, story)

    assert check(edition, seal(edition, LETTERHEAD, theme)) == []


@pytest.mark.parametrize("said", ["None.", "None declared."])
def test_nothing_to_declare_is_no_leftover(theme: Theme, said: str) -> None:
    evidence = replace(OTHER.evidence, funding=said, conflicts=said, comparison="naps versus null")
    edition = samples.edition(PLAIN, replace(OTHER, evidence=evidence))

    assert check(edition, seal(edition, LETTERHEAD, theme)) == []


@pytest.mark.parametrize(
    ("evidence", "label", "severity"),
    [
        (Evidence(preprint=True), "Preprint", "error"),
        (Evidence(retracted=True), "Retracted", "error"),
        (Evidence(study_type="press release"), "Press release", "warning"),
    ],
)
def test_evidence_that_needs_a_label_has_it_in_both_parts(
    theme: Theme, evidence: Evidence, label: str, severity: str
) -> None:
    # The story's own words do not count as the label.
    story = replace(OTHER, headline=f"{label} or not, naps are harmless", evidence=evidence)
    edition = samples.edition(PLAIN, story, replace(PLAIN, id="third", headline="A third", articles=()))
    sealed = seal(edition, LETTERHEAD, theme)
    bare_html = sealed.html.replace(f"<b>{label}.</b>", "")
    bare_text = sealed.text.replace(f"{label.upper()}:", "")
    assert bare_html != sealed.html
    assert bare_text != sealed.text

    def labels(sealed: SealedEdition) -> list[tuple[str | None, str]]:
        return [(one.story, one.severity) for one in check(edition, sealed) if one.rule == "evidence-label"]

    assert labels(sealed) == []
    assert labels(replace(sealed, html=bare_html)) == [("other", severity)]
    assert labels(replace(sealed, text=bare_text)) == [("other", severity)]


def test_errors_come_first(sealed_plain: tuple[Edition, SealedEdition]) -> None:
    edition, sealed = sealed_plain

    found = check(edition, replace(sealed, preheader="", text=""))

    assert [one.severity for one in found] == sorted(one.severity for one in found)


def test_an_edition_without_stories_is_told(theme: Theme) -> None:
    edition = replace(samples.edition(PLAIN), stories=())

    assert rules(check(edition, seal(edition, LETTERHEAD, theme))) == {"no-stories"}
