"""MJML is cut into pieces without gaps, as strictly as the renderer reads it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from mjml import mjml2html

from digest.render.markup import tokens
from digest.render.nesting import nesting_faults
from digest.render.normalise import normalise
from digest.render.structure import structure_faults, unsupported

SNIPPETS = [
    "<p>", "</p>", "<b>", "</b>", "<br>", "<br/>", "<BR>", '<img src="a">', "x", "é", "a & b", " < ", "<", ">", '"',
    "'", "=", '<p a="b">', "<p a=b>", "<p a='b\"c'>", "<p a>", '<p a = "b">', '<p a="b"c="d">', "<!-- c -->", "<!--",
    "-->", "--", "<!--[if mso]>", "<![endif]-->", "<![CDATA[x]]>", "<?x?>", "<mj-text>", "</mj-text>",
    '<mj-image src="a" />', "<mj-raw>", "</mj-raw>",
    "<1>", "</ p>", "</p >", "< p>", "<p /a>", "<é>", '<p é="1">', '<p @a="1">',
    "”",
    '<p a="\\ \n é">', "<o:p>", "</o:p>", '<p a="<">', '<p a=">">', "]]>", '<p 1a="">',
]  # fmt: skip


@given(st.lists(st.sampled_from(SNIPPETS), max_size=12).map("".join) | st.text("<>/!-=\"' ab&\n", max_size=30))
def test_pieces_have_no_gaps_and_always_move_on(text: str) -> None:
    pieces = list(tokens(text))

    assert "".join(text[piece.start : piece.end] for piece in pieces) == text
    assert all(piece.end > piece.start for piece in pieces)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(SNIPPETS), min_size=1, max_size=6).map("".join))
def test_the_renderer_accepts_whatever_has_no_fault(content: str) -> None:
    inside = f"<mj-text>{content}</mj-text>"
    mjml = f"<mjml><mj-body><mj-section><mj-column>{inside}</mj-column></mj-section></mj-body></mjml>"
    pieces = list(tokens(mjml))

    faults = structure_faults(mjml, pieces) + unsupported(pieces) + nesting_faults(mjml, pieces, fragment=False)

    if not faults:
        assert mjml2html(normalise(mjml)).startswith("<!doctype html>")


def test_hostile_text_is_read_in_linear_time() -> None:
    hostile = ["<" * 9_000, "<p a='" * 9_000, "<!--" * 9_000, "</a>" * 9_000, "<a b=" * 9_000, " " * 90_000]

    for text in hostile:
        pieces = list(tokens(text))
        assert structure_faults(text, pieces)
        assert normalise(text) is not None
