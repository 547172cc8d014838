"""How well stories are told from their articles.

    python -m benchmarks.newsroom.telling_bench HEALTH.jsonl MEDLINE.txt [--show N]

Abstracts whose authors marked their conclusions: ROUGE-1 of what is told against those conclusions, once with the
headings taken away, once with the conclusions taken away altogether; beside as many sentences from the beginning
("lead") and beside the first sentence with the last ones. Groups of health news: ROUGE-1 of headline and summary
against the title of an article that was left out. Then what can be counted: points a story, shares with numbers,
repetitions (pairs of lines of one story with more than half of the shorter one's word stems in common), and whether
each point stands in its article and passes the guard over machine writing.
"""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from pathlib import Path
from statistics import mean

from benchmarks.newsroom.measures import Labelled, load
from digest.newsroom.medline import Record, parse_medline
from digest.newsroom.outlets import Ratings
from digest.newsroom.profile import Item, stems
from digest.newsroom.telling import Piece, Told, tell
from digest.newsroom.telling.abstracts import parts
from digest.newsroom.telling.figures import digit_runs, figure_set
from digest.newsroom.telling.guard import faults
from digest.newsroom.telling.saying import sayings_of
from digest.newsroom.telling.sentences import split
from digest.newsroom.text import tidy

WORD = re.compile(r"\w+")
Teller = Callable[[Piece], Sequence[str]]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("health", type=Path)
    arguments.add_argument("medline", type=Path)
    arguments.add_argument("--show", type=int, default=0, help="print this many stories of each kind")
    options = arguments.parse_args()
    records = [record for record in parse_medline(options.medline.read_text("utf-8")) if record.abstract]
    _abstracts(records)
    groups = _groups(load(options.health))
    _left_out([group for group in groups if len(group) > 1])
    begun = time.process_time()
    news = [tell(group, Ratings()) for group in groups]
    papers = [tell([_paper(record, record.abstract)], Ratings()) for record in records]
    spent = time.process_time() - begun
    _counted("news stories", news)
    _counted("of them with 2 articles or more", [told for told in news if len(told.pieces) > 1])
    _counted("abstracts", papers)
    print(f"\n{1000 * spent / (len(news) + len(papers)):.1f} ms CPU a story")
    for told in (*[told for told in news if len(told.pieces) > 2][: options.show], *papers[: options.show]):
        _show(told)


@dataclass(frozen=True)
class Marked:
    """An abstract without headings, and which part of it its authors call their conclusions."""

    record: Record
    body: str
    conclusions: str


def _abstracts(records: Iterable[Record]) -> None:
    marked = []
    for record in records:
        sections = list(parts(record.abstract, None))
        conclusions = " ".join(text for text, section in sections if section == "conclusions")
        body = " ".join(text for text, section in sections if section != "conclusions")
        if conclusions and body:
            marked.append(Marked(record, body, conclusions))
    print(f"{len(marked)} abstracts, ROUGE-1 F against their conclusions")
    print(f"{'':<34}{'told':>8}{'lead':>8}{'first + last':>14}")
    bodies: dict[str, Callable[[Marked], str]] = {
        "conclusions there, no headings": lambda one: f"{one.body} {one.conclusions}",
        "conclusions taken away": lambda one: one.body,
    }
    for name, text_of in bodies.items():
        rows = [(_paper(one.record, text_of(one)), one.conclusions) for one in marked]
        scores = [_three_ways(piece, reference) for piece, reference in rows]
        told, lead, ends = (mean(column) for column in zip(*scores, strict=True))
        print(f"{name:<34}{told:>8.3f}{lead:>8.3f}{ends:>14.3f}")


def _three_ways(piece: Piece, reference: str) -> tuple[float, float, float]:
    """Summary and first two points; as many first sentences; the first sentence and as many last ones less one."""
    story = tell([piece], Ratings()).story
    told = [story.summary or "", *(point.text for point in story.key_points[:2])]
    sentences, count = split(piece.text), len([text for text in told if text])
    ends = [*sentences[:1], *sentences[1:][-(count - 1) :]] if count > 1 else sentences[-1:]
    return rouge(told, reference), rouge(sentences[:count], reference), rouge(ends, reference)


def _left_out(groups: Sequence[list[Piece]]) -> None:
    rows: defaultdict[str, list[float]] = defaultdict(list)
    for group in groups:
        for place, piece in enumerate(group):
            rest = [*group[:place], *group[place + 1 :]]
            story = tell(rest, Ratings()).story
            first = next(iter(sayings_of(rest)), None)
            rows["headline"].append(rouge([story.headline], piece.title))
            rows["first title"].append(rouge([rest[0].title], piece.title))
            rows["summary"].append(rouge([story.summary or ""], piece.title))
            rows["first sentence"].append(rouge([first.text if first else ""], piece.title))
    print(f"\n{len(groups)} groups of news, ROUGE-1 F against the title of an article left out")
    print("  ".join(f"{name} {mean(values):.3f}" for name, values in rows.items()))


def _counted(name: str, told: Sequence[Told]) -> None:
    stories = [one.story for one in told]
    points = [(one, point) for one in told for point in one.story.key_points]
    lines = [[story.summary or "", *(point.text for point in story.key_points)] for story in stories]
    pairs = [pair for texts in lines for pair in combinations([text for text in texts if text], 2)]
    twice = sum(_alike(one, other) for one, other in pairs)
    there = sum(_stands(one, point.text, (point.source or 0) - 1) for one, point in points)
    passed = sum(not faults(point.text, one.pieces[(point.source or 0) - 1]) for one, point in points)
    counts = Counter(min(len(story.key_points), 5) for story in stories)
    print(f"\n{len(told)} {name}: {dict(sorted(counts.items()))} stories by number of points")
    print(f"  with a summary {_part(sum(bool(s.summary) for s in stories), len(stories))}", end="")
    print(f", points with numbers {_part(sum(bool(figure_set(p.text)) for _, p in points), len(points))}", end="")
    print(f", repetitions {twice} of {len(pairs)} pairs")
    print(f"  points that stand in their article {_part(there, len(points))}", end="")
    print(f", pass the guard {_part(passed, len(points))}")
    print(f"  findings: {dict(Counter(found.rule for one in told for found in one.findings).most_common())}")


def rouge(told: Sequence[str], reference: str) -> float:
    """ROUGE-1 F: unigrams in common, counted, over both lengths."""
    one, other = (Counter(WORD.findall(text.casefold())) for text in (" ".join(told), reference))
    shared = sum((one & other).values())
    return 2 * shared / (sum(one.values()) + sum(other.values())) if shared else 0.0


def _alike(one: str, other: str) -> bool:
    """Whether two sentences have more than half of the shorter one's stems in common."""
    mine, theirs = set(stems(one)), set(stems(other))
    return len(mine & theirs) > 0.5 * max(1, min(len(mine), len(theirs)))


def _stands(told: Told, text: str, place: int) -> bool:
    piece = told.pieces[place]
    return text in tidy(piece.text) and digit_runs(text) <= digit_runs(tidy(piece.text))


def _part(some: int, all_: int) -> str:
    return f"{some / all_:.0%}" if all_ else "-"


def _groups(labelled: Labelled) -> list[list[Piece]]:
    groups: defaultdict[str, list[Piece]] = defaultdict(list)
    for item in labelled.items:
        groups[labelled.story[item.id]].append(_piece(item))
    return list(groups.values())


def _piece(item: Item) -> Piece:
    when = datetime(item.day.year, item.day.month, item.day.day) if item.day else None
    return Piece(title=item.title, text=item.text, outlet=item.outlet, key=item.id, published=when)


def _paper(record: Record, text: str) -> Piece:
    return Piece(title=record.title, text=text, outlet=record.journal, key=record.id, journal=True)


def _show(told: Told) -> None:
    print(f"\n{told.story.headline}\n  {told.story.summary}")
    for point in told.story.key_points:
        print(f"  - [{point.source}] {point.text}")
    for found in told.findings:
        print(f"    {found.rule}: {found.message}")


if __name__ == "__main__":
    main()
