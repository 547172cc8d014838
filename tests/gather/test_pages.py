"""Pages: the article out of a page, in a child that hostile pages may kill without harm."""

from __future__ import annotations

import resource
from collections.abc import Iterator

import pytest

from digest.gather.candidate import SourceError
from digest.gather.pages import PageReader, is_about

SENTENCES = [
    "In a trial with 184 office workers, dimmer light in the evening went with slightly longer sleep.",
    "Those who turned their lamps down slept eleven minutes more, the researchers from Utrecht report.",
    "Daytime sleepiness did not differ between the two groups, and nobody left the trial because of harm.",
    "The workers knew which group they were in, so expectations may explain a part of the difference.",
    "A larger trial that also measures the light itself is planned for next winter, says the team.",
    "“Eleven minutes are not nothing, but they are no cure,” says Ada Quist, who was not involved.",
]


def page(text: str = "", head: str = "") -> bytes:
    body = text or "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
    return (
        f"<!doctype html><html><head><title>Dimmer evenings</title>{head}</head><body>"
        "<nav><ul><li><a href='/'>Home</a></li><li><a href='/about'>About us</a></li></ul></nav>"
        f"<main><article><h1>Dimmer evenings, longer sleep</h1>{body}</article></main>"
        "<aside>Subscribe to our newsletter now</aside><footer>Cookie settings. All rights reserved.</footer>"
        "</body></html>"
    ).encode()


@pytest.fixture(scope="module")
def reader() -> Iterator[PageReader]:
    with PageReader() as ready:
        yield ready


def test_the_article_is_read_and_the_rest_of_the_page_is_not(reader: PageReader) -> None:
    text = reader.text(page(), "text/html; charset=utf-8")

    assert all(sentence in text.split("\n") for sentence in SENTENCES)
    for noise in ("About us", "Subscribe", "Cookie", "<"):
        assert noise not in text


def test_active_content_never_becomes_text(reader: PageReader) -> None:
    hostile = "".join(f"<p onclick='x()'>{sentence}</p><script>steal()</script>" for sentence in SENTENCES)

    text = reader.text(page(hostile + "<style>p{}</style><iframe src='javascript:x'></iframe>\x00\u202e"), "text/html")

    assert "184 office workers" in text
    for active in ("steal", "onclick", "javascript:", "\x00", "\u202e"):
        assert active not in text


@pytest.mark.parametrize(
    ("encoding", "content_type", "head"),
    [
        ("utf-8", "text/html", ""),
        ("iso-8859-15", "text/html; charset=ISO-8859-15", ""),
        ("cp1252", "", '<meta charset="windows-1252">'),
        ("cp1252", "text/html; charset=no-such", ""),
    ],
)
def test_letters_survive_the_usual_encodings(reader: PageReader, encoding: str, content_type: str, head: str) -> None:
    body = "".join(f"<p>Für Müde: {sentence}</p>" for sentence in SENTENCES)
    text = page(body, head).decode().replace("“", '"').replace("”", '"')

    assert "Für Müde: In a trial" in reader.text(text.encode(encoding), content_type)


@pytest.mark.parametrize(
    ("body", "content_type", "why"),
    [
        (b"%PDF-1.7", "application/pdf", "not a page: application/pdf"),
        (b"", "text/html", "no article"),
        (b"<html><body></body></html>", "text/html", "no article"),
        (b"\x00\xff" * 500, "text/html", "no article"),
        (b"<html><body>" + b"<div>" * 50_000 + b"<p>x", "text/html", "nested too deeply"),
    ],
    ids=["pdf", "empty", "bare", "noise", "deep"],
)
def test_what_holds_no_article_is_told(reader: PageReader, body: bytes, content_type: str, why: str) -> None:
    with pytest.raises(SourceError, match=why):
        reader.text(body, content_type)


HOSTILE = {
    "long attribute": page("<p a='" + "x" * 2_000_000 + "'>y</p>"),
    "many paragraphs": page("<p>x</p>" * 200_000),
    "angles": b"<html><body>" + b"<" * 1_000_000,
    "comment": b"<html><body><!--" + b"-" * 1_000_000,
    "entities": page("&lt;" * 300_000),
    "unclosed": page("<b><i>" * 250),
    "doctype": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + page("<p>&a;</p>" * 20),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_cost_little_and_stop_nothing(name: str, reader: PageReader) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)

    try:
        text = reader.text(HOSTILE[name], "text/html")
    except SourceError as fault:
        text = ""
        assert "OSError" not in str(fault), "it wanted to open something"

    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert "root:" not in text
    assert len(text) <= 20_000
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 8, "a child's start included"
    assert SENTENCES[0] in reader.text(page(), "text/html")


def test_a_page_that_takes_too_long_is_cut_off() -> None:
    with PageReader(cpu_s=0.05, cpu_s_per_mb=0) as hasty, pytest.raises(SourceError, match="of processor time"):
        hasty.text(HOSTILE["many paragraphs"], "text/html")


def test_a_page_is_about_its_articles_title_or_another_page() -> None:
    text = " ".join(SENTENCES)

    assert is_about(text, "Dimmer light in the evening, longer sleep")
    assert not is_about("Please sign in to continue reading. We value your privacy.", "Dimmer light, longer sleep")
    assert is_about("anything", "?")
