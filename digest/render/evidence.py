"""Evidence in plain words: labels that warn, the facts of the card, and how strong that kind of study is. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from digest.model import Evidence, Quantity, StudyType
from digest.render.links import identifier_links
from digest.render.shorten import shorten
from digest.render.words import Words

NAMES: dict[StudyType, str] = {
    "randomised trial": "Randomised trial",
    "systematic review": "Systematic review",
    "meta-analysis": "Meta-analysis",
    "cohort": "Cohort study",
    "case-control": "Case-control study",
    "case report": "Case report",
    "cross-sectional": "Cross-sectional study",
    "animal": "Animal study",
    "in vitro": "Laboratory study",
    "guideline": "Guideline",
    "press release": "Press release",
}
"""What each kind of study is called; "other" and "unknown" have no name and are not shown."""

LEGENDS: dict[StudyType, str] = {
    "randomised trial": "Chance decided who got what, so groups compare fairly: a strong kind of evidence.",
    "systematic review": "Combines all the studies it could find on one question: a strong kind of evidence.",
    "meta-analysis": "Adds up the numbers of several studies: a strong kind of evidence, if those studies are good.",
    "cohort": "Followed people over time. Shows what goes together, not what causes what: middling evidence.",
    "case-control": "Compared people with and without an illness after the event. Links, not causes: weak evidence.",
    "case report": "What happened to one patient or a few: a hint, very weak evidence.",
    "cross-sectional": "A snapshot of one moment. Shows what goes together, not what causes what: weak evidence.",
    "animal": "Done with animals. Whether it holds for people is open: weak evidence for patients.",
    "in vitro": "Done with cells in a laboratory, not with people: a first step, very weak evidence for patients.",
    "guideline": "Advice that experts agreed on. It is as strong as the studies behind it.",
    "press release": "An announcement by those it is about. Nobody independent has checked it.",
}
"""What each kind is, in plain words, and how strong that kind is."""

QUALIFIED = {
    "over": "over %(n)s",
    "more than": "more than %(n)s",
    "about": "about %(n)s",
    "nearly": "nearly %(n)s",
    "up to": "up to %(n)s",
    "at least": "at least %(n)s",
    "fewer than": "fewer than %(n)s",
}


@dataclass(frozen=True, slots=True)
class Label:
    """A warning that stands above the story: `name` in bold, then what it means."""

    kind: str  # "preprint", "retracted" or "press-release": the CSS class
    name: str
    meaning: str


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """The evidence card: warnings, then the kind of study by name with the facts about it, then what that kind means.

    `legend` is None when the kind is not known, or no longer matters. `statements` are (what about, extract) of who
    paid and who gains; `links` are (words, URL).
    """

    labels: tuple[Label, ...]
    kind: str | None
    facts: tuple[str, ...]
    legend: str | None
    statements: tuple[tuple[str, str], ...]
    links: tuple[tuple[str, str], ...]

    @property
    def shown(self) -> bool:
        """Whether there is anything to put on a card; the labels stand above it."""
        return bool(self.kind or self.facts or self.statements or self.links)

    @property
    def line(self) -> str:
        """Kind and facts in one line."""
        return " · ".join([self.kind, *self.facts] if self.kind else self.facts)


def evidence_view(evidence: Evidence, words: Words, *, longest: int = 300) -> EvidenceView:
    """Only what is known is said; statements have at most `longest` characters."""
    # A press release is a label, which says it already; nothing rests on a paper that was taken back.
    named = evidence.study_type in NAMES and evidence.study_type != "press release"
    legend = LEGENDS[evidence.study_type] if named and not evidence.retracted else None
    statements = (
        (words.say("Funding"), evidence.funding),
        (words.say("Conflicts of interest"), evidence.conflicts),
    )
    links = identifier_links(evidence.identifiers)
    return EvidenceView(
        labels=_labels(evidence, words),
        kind=words.say(NAMES[evidence.study_type]) if named else None,
        facts=(*_facts(evidence, words), *_unlinked(evidence, links)),
        legend=words.say(legend) if legend else None,
        statements=tuple((about, shorten(said, longest)) for about, said in statements if said),
        links=links,
    )


def _unlinked(evidence: Evidence, links: Sequence[tuple[str, str]]) -> Iterator[str]:
    """A trial's number of a register that we know no address for: a reader can look it up all the same."""
    trial = evidence.identifiers.trial
    if trial and trial not in [name for name, _ in links]:
        yield shorten(trial, 40)


def _labels(evidence: Evidence, words: Words) -> tuple[Label, ...]:
    labels = []
    if evidence.retracted:
        meaning = words.say("Withdrawn since it was published. Do not rely on it.")
        labels.append(Label("retracted", words.say("Retracted"), meaning))
    if evidence.preprint:
        meaning = words.say("Not yet checked by other experts. It may still change.")
        labels.append(Label("preprint", words.say("Preprint"), meaning))
    if evidence.study_type == "press release":
        meaning = words.say(LEGENDS["press release"])
        labels.append(Label("press-release", words.say("Press release"), meaning))
    return tuple(labels)


def _facts(evidence: Evidence, words: Words) -> list[str]:
    facts = []
    if evidence.trials is not None:
        facts.append(words.count("%(n)s trial", "%(n)s trials", evidence.trials))
    if evidence.participants is not None:
        facts.append(_participants(evidence.participants, words))
    if evidence.comparison:
        facts.append(evidence.comparison)
    if evidence.publisher:
        facts.append(evidence.publisher)
    if evidence.peer_reviewed is not None and not evidence.preprint:
        facts.append(words.say("peer-reviewed") if evidence.peer_reviewed else words.say("not peer-reviewed"))
    return facts


def _participants(quantity: Quantity, words: Words) -> str:
    n = words.number(quantity.value)
    if quantity.qualifier in QUALIFIED:
        n = words.say(QUALIFIED[quantity.qualifier], n=n)
    elif quantity.qualifier:
        n = f"{quantity.qualifier} {n}"  # a word that we do not know is kept, not guessed at
    return words.count("%(n)s participant", "%(n)s participants", quantity.value, n=n)
