"""Evidence in plain words: labels that warn, facts in one line, and what the kind of study means. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from digest.model import Evidence, Quantity, StudyType
from digest.render.links import identifier_links
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
    "randomised trial": "People were put into groups by chance, so that the groups can be compared fairly.",
    "systematic review": "All the studies that could be found on one question, weighed together.",
    "meta-analysis": "The numbers of several studies, put together into one result.",
    "cohort": "A group of people watched over time. It shows what goes together, not what causes what.",
    "case-control": "People with and without an illness, compared by looking back. It shows links, not causes.",
    "case report": "What happened to one patient or a few. A hint, not a proof.",
    "cross-sectional": "A picture of one moment. It shows what goes together, not what causes what.",
    "animal": "Done with animals. Whether it holds for people is open.",
    "in vitro": "Done with cells in a laboratory, not with people.",
    "guideline": "Advice agreed on by experts for those who treat patients.",
    "press release": "An announcement by those it is about. Nobody independent has checked it.",
}

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
    """`facts` in one line, `legend` in plain words (None when the kind is not known), `links` as (words, URL)."""

    labels: tuple[Label, ...]
    facts: str
    legend: str | None
    links: tuple[tuple[str, str], ...]


def evidence_view(evidence: Evidence, words: Words) -> EvidenceView:
    """Only what is known is said; `facts` is empty when nothing is."""
    legend = LEGENDS.get(evidence.study_type)
    if evidence.study_type == "press release":
        legend = None  # its label says it already
    return EvidenceView(
        _labels(evidence, words),
        " · ".join(_facts(evidence, words)),
        words.say(legend) if legend else None,
        identifier_links(evidence.identifiers),
    )


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
    if evidence.study_type in NAMES and evidence.study_type != "press release":  # that one is a label
        facts.append(words.say(NAMES[evidence.study_type]))
    if evidence.trials is not None:
        facts.append(words.count("%(n)s trial", "%(n)s trials", evidence.trials))
    if evidence.participants is not None:
        facts.append(_participants(evidence.participants, words))
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
