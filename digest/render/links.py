"""Links: which addresses a reader may be led to. Pure."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from digest.model import Identifiers

LONGEST_URL = 2000

_UNFIT = re.compile(r"[\s\x00-\x20\x7f-\xa0\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff<>\"'`\\{}|^]")


def safe_url(url: str | None) -> str | None:
    """The URL when it is an absolute http(s) one with a host, without user names or odd characters; else None.

    Refused are also quotation marks, blanks and direction controls inside it: an honest server writes them
    percent-encoded, and `javascript:` hidden behind a no-break space needs them.
    """
    if not url:
        return None
    url = url.strip(" \t\r\n")
    if len(url) > LONGEST_URL or _UNFIT.search(url):
        return None
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc:
        return None
    return url


_REGISTERS = (
    (r"NCT\d{8}", "https://clinicaltrials.gov/study/"),
    (r"ISRCTN\d{8}", "https://www.isrctn.com/"),
    (r"DRKS\d{8}", "https://drks.de/search/en/trial/"),
)
"""Forms of trial numbers, and what the address of such a trial begins with."""


def identifier_links(identifiers: Identifiers) -> tuple[tuple[str, str], ...]:
    """(words, URL) for each identifier of a well-known form; others lead nowhere we could vouch for."""
    found = []
    if identifiers.doi and re.fullmatch(r"10\.\d{4,9}/\S{1,200}", identifiers.doi):
        found.append((f"DOI\u00a0{identifiers.doi}", "https://doi.org/" + quote(identifiers.doi, safe="/:;()._-")))
    if identifiers.pmid and re.fullmatch(r"\d{1,9}", identifiers.pmid):
        found.append((f"PubMed\u00a0{identifiers.pmid}", f"https://pubmed.ncbi.nlm.nih.gov/{identifiers.pmid}/"))
    if identifiers.pmcid and re.fullmatch(r"PMC\d{1,9}", identifiers.pmcid):
        found.append((identifiers.pmcid, f"https://pmc.ncbi.nlm.nih.gov/articles/{identifiers.pmcid}/"))
    trial = identifiers.trial or ""
    found += [(trial, f"{register}{trial}") for form, register in _REGISTERS if re.fullmatch(form, trial, re.ASCII)]
    return tuple(found)
