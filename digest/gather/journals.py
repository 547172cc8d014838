"""Journals: queries to PubMed, Crossref and Europe PMC, as addresses to ask. Pure (gather).

A source of kind "journal" names its query in short (`pubmed: ketamine AND chronic pain`) or as the service's own
address, which is also how another base address is given. What the address does not say is filled in: the records of
the last two weeks, newest first, a hundred at most.
NCBI's rules: E-utilities with `tool`, at most three requests a second.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from digest.gather.jsonfeed import load

MOST_RECORDS = 100
WINDOW = timedelta(days=14)

_SHORT = re.compile(r"(pubmed|crossref|europepmc)\s*:\s*(?!//)(\S.*)", re.IGNORECASE | re.DOTALL)
_ADDRESSES = {
    "pubmed": ("https://eutils.ncbi.nlm.nih.gov/entrez/eutils/esearch.fcgi", "term"),
    "crossref": ("https://api.crossref.org/works", "query.bibliographic"),
    "europepmc": ("https://www.ebi.ac.uk/europepmc/webservices/rest/search", "query"),
}
_TOOL = "health-digest"
_IDS = re.compile(r"\d{1,12}")


@dataclass(frozen=True, slots=True)
class Query:
    """What to ask: the service, the first address, and how its answer leads to more of them (PubMed only)."""

    form: str
    url: str
    further: Callable[[bytes], Sequence[str]] | None = None


def query(text: str, today: date) -> Query:
    """The query that a source names. Raises ValueError, in words, for what is none."""
    short = _SHORT.fullmatch(text.strip())
    if short is not None:
        form = short[1].lower()
        base, name = _ADDRESSES[form]
        text = f"{base}?{urlencode({name: short[2].strip()})}"
    else:
        form = _form_of(text)
    return _FILLED[form](text, today)


def _form_of(url: str) -> str:
    path = urlsplit(url).path
    if "/eutils" in path or path.endswith("esearch.fcgi"):
        return "pubmed"
    if "/europepmc/" in path:
        return "europepmc"
    if path.rstrip("/").endswith("/works"):
        return "crossref"
    raise ValueError('not a journal query; write for example "pubmed: ketamine AND chronic pain"')


def _pubmed(url: str, today: date) -> Query:
    base = url.partition("?")[0].rstrip("/").removesuffix("/esearch.fcgi")
    asked = dict(parse_qsl(urlsplit(url).query))
    if not asked.get("term"):
        raise ValueError("a PubMed query needs term=…")
    window = {} if asked.keys() & {"reldate", "mindate"} else {"datetype": "edat", "reldate": str(WINDOW.days)}
    filled = {
        "retmax": str(MOST_RECORDS),
        **window,
        **asked,
        "db": "pubmed",
        "retmode": "json",
        "tool": _TOOL,
    }
    key = {"api_key": asked["api_key"]} if "api_key" in asked else {}

    def further(body: bytes) -> list[str]:
        ids = _pubmed_ids(body)
        wanted = {"db": "pubmed", "id": ",".join(ids), "retmode": "xml", "tool": _TOOL, **key}
        return [f"{base}/efetch.fcgi?{urlencode(wanted, safe=',')}"] if ids else []

    return Query("pubmed", f"{base}/esearch.fcgi?{urlencode(filled)}", further)


def _pubmed_ids(body: bytes) -> list[str]:
    answer = load(body)
    result = answer.get("esearchresult") if isinstance(answer, dict) else None
    ids = result.get("idlist") if isinstance(result, dict) else None
    if not isinstance(ids, list):
        raise ValueError("not an answer of PubMed's search")
    return [number for number in ids if isinstance(number, str) and _IDS.fullmatch(number)][:MOST_RECORDS]


def _crossref(url: str, today: date) -> Query:
    asked = dict(parse_qsl(urlsplit(url).query))
    if not any(name == "filter" or name.startswith("query") for name in asked):
        raise ValueError("a Crossref query needs query=… or filter=…")
    since = f"from-created-date:{today - WINDOW}"
    filled = {"rows": str(MOST_RECORDS), "sort": "created", "order": "desc", "filter": since, **asked}
    return Query("crossref", _with_query(url, filled))


def _europepmc(url: str, today: date) -> Query:
    asked = dict(parse_qsl(urlsplit(url).query))
    if not asked.get("query"):
        raise ValueError("a Europe PMC query needs query=…")
    if "FIRST_PDATE" not in asked["query"]:
        asked["query"] = f"({asked['query']}) AND FIRST_PDATE:[{today - WINDOW} TO {today}]"
    filled = {"pageSize": str(MOST_RECORDS), "sort": "P_PDATE_D desc", **asked, "format": "json", "resultType": "core"}
    return Query("europepmc", _with_query(url, filled))


def _with_query(url: str, values: dict[str, str]) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(values, quote_via=quote, safe=":,"), ""))


_FILLED: dict[str, Callable[[str, date], Query]] = {
    "pubmed": _pubmed,
    "crossref": _crossref,
    "europepmc": _europepmc,
}
