"""Records of PubMed, Crossref and Europe PMC, read into candidates. Pure; runs in a confined child."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from digest.gather import plaintext
from digest.gather.candidate import Candidate, Feed, SourceError
from digest.gather.canonical import plain_doi
from digest.gather.jsonfeed import instant, load, string
from digest.newsroom.text import single_line

_MONTHS = {name: number for number, name in enumerate(re.findall("...", "janfebmaraprmayjunjulaugsepoctnovdec"), 1)}
_JATS = re.compile(r"<(/?)jats:(?:title|sec)\b")
_PREPRINT = "Preprint"


def read_pubmed(bodies: Sequence[bytes]) -> Feed:
    """The answer of a search, then those of efetch. Raises SourceError."""
    items: list[Candidate] = []
    for body in bodies[1:]:
        try:
            top = defusedxml.ElementTree.fromstring(body)
        except (ParseError, DefusedXmlException, ValueError, LookupError) as fault:
            raise SourceError(f"not PubMed's XML: {single_line(str(fault))[:80]}") from None
        if top.tag != "PubmedArticleSet":
            raise SourceError("not an answer of PubMed's efetch")
        items += [item for article in top.iterfind("PubmedArticle") if (item := _pubmed_item(article)).title]
    return Feed(title="PubMed", items=tuple(items))


def read_crossref(bodies: Sequence[bytes]) -> Feed:
    """The answer of /works. Raises SourceError."""
    message = _object(bodies[0], "message")
    items = (_crossref_item(item) for item in message.get("items") or [] if isinstance(item, dict))
    return Feed(title="Crossref", items=tuple(item for item in items if item.title))


def read_europepmc(bodies: Sequence[bytes]) -> Feed:
    """The answer of /search. Raises SourceError."""
    found = _object(bodies[0], "resultList")
    items = (_europepmc_item(item) for item in found.get("result") or [] if isinstance(item, dict))
    return Feed(title="Europe PMC", items=tuple(item for item in items if item.title))


# ── PubMed ───────────────────────────────────────────────────────────────────────────────────────


def _pubmed_item(record: Element) -> Candidate:
    pmid = _words(record, "MedlineCitation/PMID")
    article = record.find("MedlineCitation/Article")
    if article is None:
        return Candidate(title="")
    ids = {node.get("IdType", ""): _plain(node) for node in record.iterfind("PubmedData/ArticleIdList/ArticleId")}
    printed = [node for node in article.iterfind("ELocationID") if node.get("ValidYN") != "N"]
    ids |= {node.get("EIdType", ""): _plain(node) for node in printed}
    doi = plain_doi(ids.get("doi", ""))
    text = "\n".join(_abstract(article))
    return Candidate(
        title=_title(_words(article, "ArticleTitle")),
        summary=plaintext.one_line(text),
        text=plaintext.paragraphs(text),
        url=_link(doi, pmid),
        guid=f"pmid:{pmid}" if pmid else None,
        doi=doi,
        published=_pubmed_date(record),
        outlet=_words(article, "Journal/Title")[:120] or None,
        details=_details(
            pmid=pmid,
            pmcid=ids.get("pmc", ""),
            types=[_plain(node) for node in article.iterfind("PublicationTypeList/PublicationType")],
            retracted=_is_retracted(record),
            funding=[_words(grant, "Agency") for grant in article.iterfind("GrantList/Grant")],
            conflicts=_words(record, "MedlineCitation/CoiStatement")[:2_000],
        ),
    )


def _abstract(article: Element) -> Iterator[str]:
    """The parts of an abstract, each with its label ("CONCLUSIONS: …")."""
    for part in article.iterfind("Abstract/AbstractText"):
        label = part.get("Label", "")
        words = _plain(part)
        if words:
            yield f"{label}: {words}" if label else words


def _pubmed_date(record: Element) -> datetime | None:
    """The day it appeared online, else the day PubMed got it, else that of the printed issue."""
    for path in (
        "MedlineCitation/Article/ArticleDate",
        "PubmedData/History/PubMedPubDate[@PubStatus='entrez']",
        "PubmedData/History/PubMedPubDate[@PubStatus='pubmed']",
        "MedlineCitation/Article/Journal/JournalIssue/PubDate",
    ):
        node = record.find(path)
        if node is not None:
            month = _words(node, "Month").lower()
            day = _day(_words(node, "Year"), str(_MONTHS.get(month[:3], month)), _words(node, "Day"))
            if day is not None:
                return day
    return None


def _is_retracted(record: Element) -> bool:
    kinds = {
        node.get("RefType") for node in record.iterfind("MedlineCitation/CommentsCorrectionsList/CommentsCorrections")
    }
    types = {_plain(node) for node in record.iterfind("MedlineCitation/Article/PublicationTypeList/PublicationType")}
    return "RetractionIn" in kinds or "Retracted Publication" in types


def _words(node: Element, path: str) -> str:
    found = node.find(path)
    return "" if found is None else _plain(found)


def _plain(node: Element) -> str:
    return single_line("".join(node.itertext()))


# ── Crossref ─────────────────────────────────────────────────────────────────────────────────────


def _crossref_item(item: dict[str, Any]) -> Candidate:
    doi = plain_doi(string(item, "DOI"))
    abstract = _JATS.sub(r"<\1p", string(item, "abstract")).replace("jats:", "")
    preprint = string(item, "type") == "posted-content" and string(item, "subtype") in ("preprint", "")
    updates = {string(update, "type") for update in _list(item, "update-to")}
    return Candidate(
        title=_title(_first(item, "title")),
        summary=plaintext.one_line(abstract),
        text=plaintext.paragraphs(abstract),
        url=_link(doi, ""),
        doi=doi,
        published=_crossref_date(item),
        outlet=plaintext.one_line(_first(item, "container-title") or _first(item, "institution"), 120) or None,
        details=_details(
            types=[_PREPRINT] if preprint else [],
            notice_of=sorted(updates & {"retraction", "withdrawal", "removal", "correction", "erratum"}),
            retracted=any(string(update, "type") == "retraction" for update in _list(item, "updated-by")),
            funding=[string(funder, "name") for funder in _list(item, "funder")],
        ),
    )


def _crossref_date(item: dict[str, Any]) -> datetime | None:
    for key in ("published-online", "posted", "published"):
        value = item.get(key)
        parts = value.get("date-parts") if isinstance(value, dict) else None
        if isinstance(parts, list) and parts and isinstance(parts[0], list) and len(parts[0]) == 3:
            day = _day(*(str(part) for part in parts[0]))
            if day is not None:
                return day
    return instant(string(item.get("created"), "date-time"))


def _first(item: dict[str, Any], key: str) -> str:
    """The first of a list of texts, or of objects with a name."""
    values = item.get(key)
    value = values[0] if isinstance(values, list) and values else ""
    return string(value, "name") if isinstance(value, dict) else value if isinstance(value, str) else ""


def _list(item: dict[str, Any], key: str) -> list[dict[str, Any]]:
    values = item.get(key)
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


# ── Europe PMC ───────────────────────────────────────────────────────────────────────────────────


def _europepmc_item(item: dict[str, Any]) -> Candidate:
    doi, pmid = plain_doi(string(item, "doi")), string(item, "pmid")
    abstract = string(item, "abstractText")
    preprint = string(item, "source") == "PPR"
    types = item.get("pubTypeList") if isinstance(item.get("pubTypeList"), dict) else {}
    named = types.get("pubType") if isinstance(types, dict) else []
    journal = item.get("journalInfo")
    outlet = string(journal.get("journal"), "title") if isinstance(journal, dict) else ""
    publisher = string(item.get("bookOrReportDetails"), "publisher")
    kinds = [kind for kind in named if isinstance(kind, str)] if isinstance(named, list) else []
    return Candidate(
        title=_title(string(item, "title")),
        summary=plaintext.one_line(abstract),
        text=plaintext.paragraphs(abstract),
        url=_link(doi, pmid),
        guid=f"{string(item, 'source')}:{string(item, 'id')}" if string(item, "id") else None,
        doi=doi,
        published=instant(string(item, "firstPublicationDate")),
        outlet=plaintext.one_line(outlet or string(item, "journalTitle") or publisher, 120) or None,
        details=_details(
            pmid=pmid,
            pmcid=string(item, "pmcid"),
            types=[*kinds, *([_PREPRINT] if preprint and _PREPRINT not in kinds else [])],
            retracted="retracted publication" in {kind.lower() for kind in kinds},
            funding=[string(grant, "agency") for grant in _list(item.get("grantsList") or {}, "grant")],
        ),
    )


# ── all of them ──────────────────────────────────────────────────────────────────────────────────


def _object(body: bytes, key: str) -> dict[str, Any]:
    try:
        answer = load(body)
    except ValueError as fault:
        raise SourceError(str(fault)) from None
    found = answer.get(key) if isinstance(answer, dict) else None
    if not isinstance(found, dict):
        raise SourceError(f"JSON without {key}: not an answer of this service")
    return found


def _title(markup: str) -> str:
    title = plaintext.one_line(markup, plaintext.LONGEST_TITLE)
    if title.startswith("[") and title.rstrip(".").endswith("]"):  # how PubMed marks a title that it translated
        title = title.rstrip(".").strip("[]")
    return title.removesuffix(".") if title.count(". ") == 0 else title


def _link(doi: str | None, pmid: str) -> str | None:
    if doi:
        return f"https://doi.org/{quote(doi, safe='/:;().-_')}"
    return f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if pmid.isascii() and pmid.isdigit() else None


def _day(year: str, month: str, day: str) -> datetime | None:
    try:
        return datetime(int(year), int(month), int(day), tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _details(**values: Any) -> dict[str, Any]:
    """What is there, bounded: lists of at most twenty different short texts."""
    found = {name: _bounded(value) for name, value in values.items()}
    return {name: value for name, value in found.items() if value}


def _bounded(value: Any) -> Any:
    if isinstance(value, list):
        return list(dict.fromkeys(single_line(text)[:120] for text in value if text))[:20]
    return value[:2_000] if isinstance(value, str) else value


READERS: dict[str, Callable[[Sequence[bytes]], Feed]] = {
    "pubmed": read_pubmed,
    "crossref": read_crossref,
    "europepmc": read_europepmc,
}
"""By the service's name; each takes the bodies in the order in which they were asked for."""
