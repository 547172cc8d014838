"""The guard over machine-written text: what its article does not say is found, whatever the machine claims. Pure.

Newsroom. A machine may shorten and reword; it may not add. Numbers, names, quotations and links must stand in the cited
article and belong there to what they belong to here, enough words must be shared (faithful summaries share 64 to 88 %
of their content words, one put under the wrong story 7 %), no word of weight may be new, and what the article says
nearest to a sentence must not be its opposite. Doubt counts against the text: the publisher's own sentence is always
there instead.

Rules by name: empty length language · markup character link · number ratio unit limit pair · name quotation · words
word certainty population · company opposite · advice echo.
"""

from __future__ import annotations

from digest.newsroom.telling.guard.advice import advice
from digest.newsroom.telling.guard.article import flat, read, sentence_of
from digest.newsroom.telling.guard.company import strange_company
from digest.newsroom.telling.guard.fault import Fault
from digest.newsroom.telling.guard.marks import links, marks, without_links
from digest.newsroom.telling.guard.names import misplaced_names, strange_names, strange_quotations
from digest.newsroom.telling.guard.nearcopies import changed_copies
from digest.newsroom.telling.guard.numbers import strange_counts, strange_numbers
from digest.newsroom.telling.guard.opposites import opposites
from digest.newsroom.telling.guard.wording import is_english, overstated, strange_language, strange_words
from digest.newsroom.telling.piece import Piece
from digest.newsroom.telling.sentences import split

__all__ = ["LONGEST", "Fault", "faults", "is_english"]

LONGEST = 2_000
"""Characters; more is no summary."""

_SENTENCES = 40


def faults(text: str, *cited: Piece) -> tuple[Fault, ...]:
    """What is wrong with a machine's `text`, given the articles it cites; nothing wrong is ().

    The articles' titles, texts, outlets and addresses count as what they say. Never raises.
    """
    if not text.strip():
        return (Fault("empty", ""),)
    if len(text) > LONGEST or len(split(text)) > _SENTENCES:
        return (Fault("length", f"{len(text)} characters in {len(split(text[:LONGEST]))} sentences or more"),)
    article = read(cited)
    told = [sentence_of(sentence) for line in without_links(text).splitlines() for sentence in split(line)]
    sentences = [sentence for sentence in told if flat(sentence.text) not in article.verbatim]  # else it is quoted
    return tuple(
        dict.fromkeys(
            (
                *marks(text, article),
                *links(text, article),
                *strange_language(text),
                *strange_numbers(text, article),
                *strange_counts(sentences, article),
                *strange_quotations(text, article),
                *strange_names(sentences, article),
                *misplaced_names(sentences, article),
                *strange_words(text, sentences, article),
                *overstated(sentences, article),
                *strange_company(sentences, article),
                *opposites(sentences, article),
                *changed_copies(sentences, article),
                *advice(sentences, article),
            )
        )
    )
