"""MEDLINE records: the tagged text in which PubMed hands out citations. Pure; newsroom.

Format: https://www.nlm.nih.gov/bsd/mms/medlineelements.html. A tag of up to four letters, "- ", a value; continued
lines are indented by six blanks; a blank line, or the next PMID, ends a record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from digest.model import Evidence, Identifiers
from digest.newsroom.evidence import read_evidence

_TAGGED = re.compile(r"([A-Z][A-Z0-9]{1,3}) {0,2}- ?(.*)")
_DOI = re.compile(r"(10\.\d{4,9}/\S{1,200})\s*\[doi\]")
_REGISTRIES = re.compile(r"(?i)^(?:ClinicalTrials\.gov|ISRCTN|ANZCTR|DRKS|ChiCTR|EudraCT|UMIN|JPRN|CTRI|NTR)/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One citation. `publication_types` are the indexers' verdict: answers to measure by, never input."""

    id: str  # PMID
    title: str = ""
    abstract: str = ""
    journal: str = ""
    doi: str | None = None
    pmcid: str | None = None
    trial: str | None = None
    retracted_by: str | None = None
    publication_types: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Title and abstract, a line each."""
        return f"{self.title}\n{self.abstract}" if self.abstract else self.title


def parse_medline(text: str) -> Iterator[Record]:
    """The records in order. Lines that belong to no record, and records without a PMID, are passed over."""
    fields: dict[str, list[str]] = {}
    tag = ""
    for line in text.lstrip("\ufeff").splitlines():
        tagged = _TAGGED.match(line)
        if not line.strip() or (tagged and tagged.group(1) == "PMID"):
            yield from _record(fields)
            fields, tag = {}, ""
        if tagged:
            tag = tagged.group(1)
            fields.setdefault(tag, []).append(tagged.group(2).strip())
        elif tag and line.startswith("  "):
            fields[tag].append(f"\0{line.strip()}")
    yield from _record(fields)


def record_evidence(record: Record) -> Evidence:
    """What title and abstract say, with the identifiers that the record itself carries.

    Spans count in `record.text`. A retraction notice that the record names (RIN) is as good as the text's own word.
    """
    read = read_evidence(record.text)
    ids = Identifiers(
        doi=record.doi or read.identifiers.doi,
        pmid=record.id,
        trial=record.trial or read.identifiers.trial,
        pmcid=record.pmcid or read.identifiers.pmcid,
    )
    return replace(read, identifiers=ids, retracted=True if record.retracted_by else read.retracted)


def _record(fields: dict[str, list[str]]) -> Iterator[Record]:
    values = {tag: _joined(lines) for tag, lines in fields.items()}
    pmid = next(iter(values.get("PMID", [])), "")
    if not pmid.isdigit():
        return
    yield Record(
        id=pmid,
        title=next(iter(values.get("TI", [])), ""),
        abstract=next(iter(values.get("AB", [])), ""),
        journal=next(iter(values.get("JT", []) or values.get("TA", [])), ""),
        doi=_first(_DOI, values.get("LID", []) + values.get("AID", [])),
        pmcid=next(iter(values.get("PMC", [])), None),
        trial=next((value.partition("/")[2] for value in values.get("SI", []) if _REGISTRIES.match(value)), None),
        retracted_by=next(iter(values.get("RIN", [])), None),
        publication_types=tuple(values.get("PT", [])),
        headings=tuple(values.get("MH", [])),
    )


def _joined(lines: list[str]) -> list[str]:
    """Continued lines, marked by the parser with NUL, put behind the value that they continue."""
    return [
        " ".join(value.split("\0")).replace("  ", " ") for value in "\n".join(lines).replace("\n\0", "\0").split("\n")
    ]


def _first(pattern: re.Pattern[str], values: list[str]) -> str | None:
    return next((match.group(1) for value in values if (match := pattern.search(value))), None)
