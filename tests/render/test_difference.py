"""Which words are new and which are gone: nothing is lost on the way."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from digest.render.difference import Piece, difference

TEXTS = st.text(alphabet="ab \n", max_size=60)


def test_words_are_told_apart_inside_a_line() -> None:
    found = difference("Tea and sleep\n", "Coffee and sleep\n")

    assert found == (Piece("gone", "Tea"), Piece("new", "Coffee"), Piece("same", " and sleep\n"))


def test_the_same_text_has_no_difference() -> None:
    assert difference("a\nb\n", "a\nb\n") == ()


def test_far_lines_are_left_out_and_counted() -> None:
    same = "".join(f"line {n}\n" for n in range(10))

    found = difference(same + "old\n", same + "new\n")

    assert found[0] == Piece("skipped", "8 lines as before")
    assert found[1] == Piece("same", "line 8\nline 9\n")


@settings(max_examples=60)
@given(TEXTS, TEXTS)
def test_new_pieces_are_of_the_new_text_and_gone_ones_of_the_old(before: str, after: str) -> None:
    found = difference(before, after)
    skipped = any(piece.kind == "skipped" for piece in found)

    if found and not skipped:
        assert "".join(piece.text for piece in found if piece.kind != "gone") == after
        assert "".join(piece.text for piece in found if piece.kind != "new") == before
