"""Retractions: what became of papers since they were published, and what a story on one must say. Pure (newsroom).

The records are Retraction Watch's, imported by the user. One paper may have several: a worry first, then a retraction,
years later a reinstatement. The newest decision about a paper counts, and each is called what it is: a correction is
not a retraction, and what was reinstated is not retracted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal
from urllib.parse import unquote, urlsplit

from digest.model import Identifiers, Story

Nature = Literal["retraction", "expression of concern", "correction", "reinstatement"]
Status = Literal["retracted", "reinstated", "under concern", "corrected"]

_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/\S{1,240})", re.IGNORECASE | re.ASCII)
_PMID = re.compile(r"(?:pmid:?\s*)?0*([1-9]\d{0,8})(?:\.0)?", re.IGNORECASE | re.ASCII)
_PUBMED_PATH = re.compile(r"/(?:pubmed/)?(\d{1,9})/?")
_PUBMED_HOSTS = ("pubmed.ncbi.nlm.nih.gov", "www.ncbi.nlm.nih.gov", "ncbi.nlm.nih.gov")
_DOI_HOSTS = ("doi.org", "dx.doi.org", "www.doi.org")
_IN_PATH = re.compile(r"/doi/(?:(?:abs|full|pdf|epdf|epub|pdfdirect)/)?(10\.\d{4,9}/\S{1,240})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One entry about one paper. `doi` (lower-case) and `pmid` are the paper's own; `notice_doi` is the notice's."""

    record: str
    nature: Nature
    title: str = ""
    doi: str | None = None
    pmid: str | None = None
    day: date | None = None
    reason: str = ""
    notice_doi: str | None = None


Found = Mapping[str, Sequence[Record]]
"""The records of some papers, by `keys_of` each."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What became of a paper, and the record that says so."""

    status: Status
    record: Record

    @property
    def told(self) -> str:
        """In words: "10.1000/x was retracted on 2026-11-02 (data that cannot be trusted)"."""
        paper = self.record.doi or f"PMID {self.record.pmid}"
        what = {
            "retracted": "was retracted",
            "reinstated": "was retracted and then reinstated",
            "under concern": "has an expression of concern",
            "corrected": "was corrected",
        }[self.status]
        on = f", {self.record.day}" if self.status == "under concern" else f" on {self.record.day}"
        why = f" ({self.record.reason})" if self.record.reason else ""
        return f"{paper} {what}{on if self.record.day else ''}{why}"


# ── papers and their names ───────────────────────────────────────────────────────────────────────


def whole_doi(text: str) -> str | None:
    """The whole DOI, lower-case, out of "10.1/x", "doi:10.1/x" or a link to doi.org; None for all else.

    Never a part of one: two papers of an old journal may differ in the last letters only.
    """
    found = _DOI.fullmatch(text.strip())
    return found[1].rstrip(".,;").lower() if found else None


def plain_pmid(text: str) -> str | None:
    """A PubMed number without what stands before it, and without the ".0" of spreadsheets; None for 0 and all else."""
    found = _PMID.fullmatch(text.strip())
    return found[1] if found else None


def keys_of(paper: Identifiers) -> tuple[str, ...]:
    """What records of a paper are looked up by; nothing for one that has neither DOI nor PubMed number."""
    doi, pmid = whole_doi(paper.doi or ""), plain_pmid(paper.pmid or "")
    return tuple(f"{kind} {value}" for kind, value in (("doi", doi), ("pmid", pmid)) if value)


def papers_of(story: Story) -> tuple[Identifiers, ...]:
    """The papers that a story rests on: the one its evidence names, and those that its articles are."""
    linked = (_paper_at(article.url) for article in story.articles if article.url)
    papers = (story.evidence.identifiers, *(paper for paper in linked if paper))
    return tuple(dict.fromkeys(paper for paper in papers if keys_of(paper)))


def _paper_at(url: str) -> Identifiers | None:
    try:
        parts = urlsplit(url)
        host, path = parts.hostname or "", unquote(parts.path)
    except ValueError:
        return None
    if host in _DOI_HOSTS:
        return Identifiers(doi=path.lstrip("/"))
    if host in _PUBMED_HOSTS and (found := _PUBMED_PATH.fullmatch(path)):
        return Identifiers(pmid=found[1])
    inside = _IN_PATH.fullmatch(path)
    return Identifiers(doi=inside[1]) if inside else None


# ── what became of them ──────────────────────────────────────────────────────────────────────────


def standing(records: Sequence[Record]) -> Standing | None:
    """What became of a paper that these records are about; None without any.

    A reinstatement undoes the retractions before it, and those without a date; a retraction after it counts again.
    """
    newest = {nature: _newest(records, nature) for nature in ("retraction", "reinstatement", "expression of concern")}
    retraction, back, concern = newest.values()
    if retraction and not (back and _undoes(back, retraction)):
        return Standing("retracted", retraction)
    if concern and not (back and _undoes(back, concern)):
        return Standing("under concern", concern)
    if back:
        return Standing("reinstated", back)
    correction = _newest(records, "correction")
    return Standing("corrected", correction) if correction else None


def _newest(records: Sequence[Record], nature: str) -> Record | None:
    of_kind = [record for record in records if record.nature == nature]
    return max(of_kind, key=lambda record: (record.day or date.min, record.record), default=None)


def _undoes(back: Record, earlier: Record) -> bool:
    return back.day is None or earlier.day is None or back.day >= earlier.day


def standings(story: Story, found: Found) -> Iterator[Standing]:
    """What became of the papers that a story rests on, those apart of which nothing is known."""
    for paper in papers_of(story):
        records = {record.record: record for key in keys_of(paper) for record in found.get(key, ())}
        if (what := standing(list(records.values()))) is not None:
            yield what


def with_retractions(story: Story, found: Found) -> Story:
    """The story, called retracted when a paper that it rests on was; whatever it says of itself stays otherwise."""
    if story.evidence.retracted or not any(what.status == "retracted" for what in standings(story, found)):
        return story
    return replace(story, evidence=replace(story.evidence, retracted=True))
