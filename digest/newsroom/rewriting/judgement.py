"""Judgement: a machine's summary and points, each by itself; what fails gives way to the article's own words. Pure.

Newsroom. Nothing is repaired: a text stands as the machine wrote it, or the extractive one stands. Whatever was refused
is told to editors with the rule and the machine's words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from digest.model import KeyPoint, Story
from digest.newsroom.profile import stems
from digest.newsroom.rewriting.answer import Answer, AnswerError, Point, read_answer
from digest.newsroom.rewriting.prompt import Prompt
from digest.newsroom.telling.findings import Finding
from digest.newsroom.telling.guard import Fault, faults
from digest.newsroom.telling.points import FEWEST, MOST, absolute_first, repeats
from digest.newsroom.telling.saying import Saying, fit, said
from digest.newsroom.telling.sentences import split
from digest.newsroom.telling.studied import with_spans
from digest.newsroom.telling.tell import Told
from digest.newsroom.text import cut, single_line

LONGEST_SUMMARY, MOST_SENTENCES = 500, 3
LONGEST_POINT, MOST_WORDS = 300, 40
"""Bounds of what is easily read: characters of each, words of any sentence."""

_RULE = "machine"


def kept(told: Told, why: str) -> Told:
    """The story in the articles' own words, and a finding that says why no machine's words are in it."""
    return _with(told, told.story, [Finding(f"{_RULE}-none", f"{why}; the articles' own words stand")])


def judged(told: Told, asked: Prompt, words: str) -> Told:
    """The story with as much of the machine's answer `words` as bears judgement, and findings about all the rest."""
    try:
        answer = read_answer(words)
    except AnswerError as fault:
        return kept(told, f"the machine's answer cannot be used: {fault}")
    return _Judge(told, asked).judged(answer)


@dataclass(frozen=True, slots=True)
class _Line:
    """A key point on its way: the machine's or the articles' own."""

    saying: Saying
    by_machine: bool


class _Judge:
    """Judges one answer. Numbers of articles count from 1, as the story's do."""

    def __init__(self, told: Told, asked: Prompt) -> None:
        self._told = told
        self._sources = asked.sources
        self._topic = frozenset(stem for piece in told.pieces[:20] for stem in stems(piece.title[:300]))
        self._findings: list[Finding] = []

    def judged(self, answer: Answer) -> Told:
        summary = self._summary(answer.summary)
        lines = self._lines(answer.points, summary or self._told.story.summary)
        own = self._told.story.key_points
        if summary is not None and len(lines) < min(FEWEST, len(own)):
            # It left the points nothing to tell. Points are what readers come for.
            self._refused("summary", Fault("repetition", answer.summary), self._sources)
            summary = None
            lines = self._lines(answer.points, self._told.story.summary, again=True)
        points = [line for line in lines if line.by_machine]
        if summary is None and not points:
            return _with(self._told, self._told.story, self._findings)
        ordered = absolute_first([line.saying for line in lines])
        story = replace(
            self._told.story,
            summary=summary or self._told.story.summary,
            key_points=tuple(KeyPoint(saying.text, saying.piece) for saying in ordered) if points else own,
            machine_written=True,
        )
        which = [*(["the summary"] if summary else []), *([f"{len(points)} of {len(lines)} points"] if points else [])]
        self._findings.insert(0, Finding(f"{_RULE}-written", f"in a machine's words: {', '.join(which)}"))
        return _with(self._told, with_spans(story), self._findings)

    def _summary(self, text: str) -> str | None:
        cited = [self._told.pieces[number - 1] for number in self._sources]
        wrong = [*faults(text, *cited), *_ill_formed(text, LONGEST_SUMMARY, MOST_SENTENCES)]
        for fault in wrong:
            self._refused("summary", fault, self._sources)
        return None if wrong else single_line(text)

    def _lines(self, points: Sequence[Point], summary: str | None, *, again: bool = False) -> list[_Line]:
        """The machine's points that stand, and in the place of those that do not, the articles' own."""
        before = [said(sentence, 0) for sentence in split(single_line(summary or ""))]
        lines: list[_Line] = []
        for number, point in enumerate(points, 1):
            wrong = list(self._point_faults(point, before + [line.saying for line in lines], full=len(lines) >= MOST))
            if not wrong:
                lines.append(_Line(said(single_line(point.text), point.source), by_machine=True))
            for fault in () if again else wrong:
                sources = (point.source,) if point.source in self._sources else ()
                self._refused(f"point {number}", fault, sources)
        wanted = min(MOST, max(FEWEST, len(points)))
        for own in self._told.story.key_points:
            saying = said(own.text, own.source or 0)
            if len(lines) < wanted and not repeats(saying, before + [line.saying for line in lines], self._topic):
                lines.append(_Line(saying, by_machine=False))
        return lines

    def _point_faults(self, point: Point, told: list[Saying], *, full: bool) -> Iterator[Fault]:
        if point.source not in self._sources:
            yield Fault("source", f"[{point.source}] {point.text}")
            return
        yield from faults(point.text, self._told.pieces[point.source - 1])
        yield from _ill_formed(point.text, LONGEST_POINT, 1)
        if repeats(said(single_line(point.text), point.source), told, self._topic):
            yield Fault("repetition", point.text)
        if full:
            yield Fault("count", point.text)

    def _refused(self, what: str, fault: Fault, sources: tuple[int, ...]) -> None:
        words = cut(single_line(fault.text), 200)
        message = (
            f"the machine's {what}: {fault.rule}: {words!r}: {_WHY.get(fault.rule, 'the article does not say so')}"
        )
        self._findings.append(Finding(f"{_RULE}-{fault.rule}", f"{message}; not printed", sources, words))


_WHY = {
    "source": "no article of that number was handed over",
    "form": "not what reads well in a digest",
    "repetition": "told already",
    "count": f"more than {MOST} points",
    "length": "too long",
    "empty": "nothing there",
}


def _ill_formed(text: str, longest: int, sentences: int) -> Iterator[Fault]:
    """Whole sentences, few enough, short enough, that stand by themselves."""
    found = split(single_line(text[: 4 * longest]))
    if len(text) > longest or len(found) > sentences:
        yield Fault("length", f"{len(text)} characters in {len(found)} sentences")
        return
    for sentence in found:
        if not fit(sentence) or len(sentence.split()) > MOST_WORDS:
            yield Fault("form", sentence)


def _with(told: Told, story: Story, findings: Sequence[Finding]) -> Told:
    return replace(told, story=story, findings=(*told.findings, *findings))
