"""How many lies the guard over machine writing finds, and how many honest texts it refuses.

    python -m benchmarks.newsroom.guard_bench [MEDLINE.txt] [--records N]

First the invented articles of tests/newsroom/telling/lies.py: lies by kind, honest rewordings, apart for the articles
that the rules were made with and others. Then, given MEDLINE records: sentences of real abstracts, each
as it is (an honest text), and each with one thing made wrong by a program: a digit, a "not" put in or taken out, a
direction, two numbers changed places, a unit, who was studied, a word of another abstract; and a sentence of another
abstract whole. What a program makes wrong is sometimes still true, or nonsense; the shares are a lower bound.
"""

from __future__ import annotations

import argparse
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from digest.newsroom.medline import Record, parse_medline
from digest.newsroom.telling import Piece
from digest.newsroom.telling.figures import figures
from digest.newsroom.telling.guard import faults
from digest.newsroom.telling.sentences import read_sentences
from tests.newsroom.telling.lies import HELD_OUT, TUNED, Case

SENTENCES = 14
"""Of an abstract, that are taken."""

Falsify = Callable[[str, "Draw"], str | None]

WAYS = {
    "increased": "decreased", "higher": "lower", "more": "less", "reduced": "increased", "lower": "higher",
    "decreased": "increased", "reduction": "increase", "increase": "reduction", "fewer": "more", "longer": "shorter",
    "improved": "worsened", "better": "worse",
}  # fmt: skip
UNITS = {"weeks": "months", "months": "weeks", "years": "months", "mg": "g", "days": "weeks", "hours": "minutes"}
PEOPLE = {"patients": "children", "women": "men", "adults": "infants", "children": "adults", "infants": "adults"}


class Draw:
    """Chance with a seed, and the abstracts to take foreign words from."""

    def __init__(self, abstracts: Sequence[str], seed: int) -> None:
        self.random = random.Random(seed)
        self.abstracts = abstracts


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("medline", type=Path, nargs="?")
    arguments.add_argument("--records", type=int, default=200)
    options = arguments.parse_args()
    for name, cases in (("rules were made with", TUNED), ("rules were not made with", HELD_OUT)):
        _invented(name, cases)
    if options.medline:
        records = [record for record in parse_medline(options.medline.read_text("utf-8")) if record.abstract]
        _real(records, options.records)


def _invented(name: str, cases: Sequence[Case]) -> None:
    told: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for case in cases:
        for kind, text in case.lies:
            told[kind] += 1
            found[kind] += bool(faults(text, case.piece))
    honest = [bool(faults(text, case.piece)) for case in cases for text in case.honest]
    print(f"\n{len(cases)} invented articles that the {name}")
    for kind, number in told.most_common():
        print(f"  {kind:12} {found[kind]:4} of {number:4} lies found")
    print(f"  {'all':12} {found.total():4} of {told.total():4} = {found.total() / told.total():.1%}")
    print(f"  {'honest':12} {sum(honest):4} of {len(honest):4} refused = {sum(honest) / len(honest):.1%}")


def _real(records: list[Record], wanted: int) -> None:
    draw = Draw([record.abstract for record in records], 1)
    draw.random.shuffle(records)
    told: Counter[str] = Counter()
    found: Counter[str] = Counter()
    begun, judged = time.process_time(), 0
    for record in records[:wanted]:
        piece = Piece(title=record.title, text=record.abstract)
        for sentence in read_sentences(record.abstract, record.title)[:SENTENCES]:
            if len(sentence.text) < 40:
                continue
            for name, falsify in FALSIFIED.items():
                text = falsify(sentence.text, draw)
                if text and (text != sentence.text or name == "as it is"):
                    told[name] += 1
                    found[name] += bool(faults(text, piece))
                    judged += 1
    print(f"\n{min(wanted, len(records))} abstracts of MEDLINE")
    for name, number in told.items():
        print(f"  {name:22} {found[name]:5} of {number:5} refused = {found[name] / number:.1%}")
    print(f"  {1000 * (time.process_time() - begun) / judged:.1f} ms CPU a text")


def _digit(text: str, draw: Draw) -> str | None:
    places = [(start, end) for _, start, end in figures(text) if text[start].isdigit()]
    if not places:
        return None
    start, end = draw.random.choice(places)
    at = draw.random.choice([place for place in range(start, end) if text[place].isdigit()])
    other = str((int(text[at]) + draw.random.randint(1, 8)) % 10)
    return f"{text[:at]}{'9' if at == start and other == '0' else other}{text[at + 1 :]}"


def _not_taken_out(text: str, _: Draw) -> str | None:
    match = re.search(r"\b(?:did|was|were|is|are|does|do|had|has|have) not ", text)
    return text[: match.end() - 4] + text[match.end() :] if match else None


def _not_put_in(text: str, _: Draw) -> str | None:
    match = None if re.search(r"\bnot?\b", text) else re.search(r"\b(?:was|were|is|are|had|has|have) ", text)
    return f"{text[: match.end()]}not {text[match.end() :]}" if match else None


def _swap(text: str, _: Draw) -> str | None:
    places = [(start, end) for _, start, end in figures(text) if text[start].isdigit()]
    if len(places) < 2:
        return None
    (a, b), (c, d) = places[0], places[-1]
    return text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]


def _exchanged(words: dict[str, str]) -> Falsify:
    pattern = re.compile(rf"\b({'|'.join(words)})\b")
    return lambda text, _: pattern.sub(lambda match: words[match[0]], text, count=1)


def _word(text: str, draw: Draw) -> str | None:
    mine = re.findall(r"\b[a-z]{7,}\b", text)
    theirs = re.findall(r"\b[a-z]{7,}\b", draw.random.choice(draw.abstracts))
    return text.replace(draw.random.choice(mine), draw.random.choice(theirs), 1) if mine and theirs else None


def _elsewhere(_: str, draw: Draw) -> str | None:
    sentences = read_sentences(draw.random.choice(draw.abstracts), "")
    return sentences[-1].text if sentences else None


FALSIFIED: dict[str, Falsify] = {
    "as it is": lambda text, _: text,
    "a digit": _digit,
    "numbers changed places": _swap,
    "a unit": _exchanged(UNITS),
    "a direction": _exchanged(WAYS),
    "who was studied": _exchanged(PEOPLE),
    '"not" taken out': _not_taken_out,
    '"not" put in': _not_put_in,
    "a word from elsewhere": _word,
    "another abstract's": _elsewhere,
}

if __name__ == "__main__":
    main()
