"""What makes two links the same article: DOI, and the address without what tells where a reader came from. Pure."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from digest.newsroom.identifiers import read_identifiers
from digest.newsroom.links import article_url

_TRACKING = re.compile(
    r"(?:utm_|at_|pk_|mtm_|piwik_|hsa_|_hs|mc_|vero_|oly_|ns_|sc_|stm_|trk_|wt\.|cm_|int_)\w*"
    r"|fbclid|gclid|gclsrc|dclid|msclkid|yclid|igshid|twclid|ttclid|wbraid|gbraid|mkt_tok|s_cid|cmp|cmpid|ncid|ito"
    r"|ocid|smid|ftag|xtor|campaign_?id|campaign|ref|ref_src|referrer|referer|rss|feed|feedname|via|share|spref|sref"
    r"|taid|cid|sh|af|ac|ai|mi|\.tsrc|guccounter|guce_\w+|source=rss",
    re.IGNORECASE,
)
_TRACKING_FRAGMENT = re.compile(r"(?:utm_\w+|xtor|publisher|ref|rss|at_\w+|cid|ito|partner)(?:=|$)", re.IGNORECASE)
_SOURCE_VALUES = frozenset({"rss", "feed", "feedburner", "twitter", "facebook", "newsletter", "email"})
_DOI_PATH = re.compile(r"(?:^|/)(10\.\d{4,9}/[^\s?#]{1,200})")
# What publishers put behind a DOI: the page's kind, and on preprint servers the version.
_DOI_TAIL = re.compile(
    r"(?:/(?:full|abstract|pdf|epdf|meta|fulltext|summary)|\.(?:full|abstract|short|pdf|article-info))+$", re.IGNORECASE
)
_VERSION = re.compile(r"v\d{1,2}$")


def without_tracking(url: str) -> str:
    """The link as readers should get it: parameters that only follow them about are left out."""
    parts = urlsplit(url)
    if _TRACKING_FRAGMENT.match(parts.fragment):
        parts = parts._replace(fragment="")
    if not parts.query:
        return parts.geturl()
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if not _is_tracking(name, value)]
    if len(kept) == len(pairs):
        return parts.geturl()  # as written: writing a query anew may change how it is spelled
    return parts._replace(query=urlencode(kept, safe="/:,;@!$'()*~")).geturl()


def canonical_url(url: str) -> str:
    """A name for the page behind a link, equal for links that differ in scheme, www, tracking or a last slash.

    For comparing only: nobody can rely on it opening.
    """
    parts = urlsplit(without_tracking(url))
    host = (parts.hostname or "").removeprefix("www.")
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    path = unquote(parts.path).rstrip("/")
    query = "&".join(sorted(filter(None, parts.query.split("&"))))
    # A page may hold many items, each with a fragment of its own.
    fragment = f"#{unquote(parts.fragment)}" if parts.fragment else ""
    return f"{host}{port}{path}" + (f"?{query}" if query else "") + fragment


def safe_link(text: str | None) -> str | None:
    """A link that may be shown: absolute http(s), without tracking. None for every other."""
    if not text:
        return None
    try:
        return without_tracking(article_url(text.strip().replace(" ", "%20")))
    except ValueError:
        return None


def doi_of_url(url: str) -> str | None:
    """The DOI that a publisher writes into the address of an article, lower-case."""
    parts = urlsplit(url)
    if parts.hostname not in ("doi.org", "dx.doi.org") and "/doi/" not in parts.path and "/10." not in parts.path:
        return None
    found = _DOI_PATH.search(unquote(parts.path))
    if found is None:
        return None
    doi = _DOI_TAIL.sub("", found[1].rstrip("/"))
    return plain_doi(_VERSION.sub("", doi) if "/content/" in parts.path else doi)


def plain_doi(text: str) -> str | None:
    """A DOI out of "10.1/x", "doi:10.1/x" or "https://doi.org/10.1/x", lower-case (DOIs know no case)."""
    doi = read_identifiers(unquote(text)[:500])[0].doi
    return doi.lower() if doi else None


def _is_tracking(name: str, value: str) -> bool:
    if name.lower() in ("source", "src", "from", "output", "medium"):
        return value.lower() in _SOURCE_VALUES
    return _TRACKING.fullmatch(name) is not None
