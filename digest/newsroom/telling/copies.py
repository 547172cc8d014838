"""Copies: articles that are nearly word for word the text of an agency, a press release or another outlet. Pure.

Newsroom. Eleven outlets that print one agency's text are one voice. Texts are compared by their runs of three words:
what share of the shorter one's runs the longer one has too (containment; a cut copy is still a copy).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from digest.newsroom.links import host_of
from digest.newsroom.telling.datelines import AGENCIES, OPENING
from digest.newsroom.telling.piece import Piece

CONTAINED = 0.6
"""The share of three-word runs that makes a copy."""

FEWEST_RUNS = 12
"""Runs below which a text is too short to be called a copy of anything."""

_MOST_WORDS = 600
_WORD = re.compile(r"[^\W_]+")
_WIRES = {
    "eurekalert": "EurekAlert", "newswise": "Newswise", "prnewswire": "PR Newswire", "businesswire": "Business Wire",
    "globenewswire": "GlobeNewswire", "medicalxpress": "Medical Xpress", "sciencedaily": "ScienceDaily",
    "prnasia": "PR Newswire", "accesswire": "Accesswire",
}  # fmt: skip
_SITES = {
    "reuters": "Reuters", "apnews": "AP", "afp": "AFP", "upi": "UPI", "healthday": "HealthDay", "cnn": "CNN",
    "kffhealthnews": "KFF Health News", "bloomberg": "Bloomberg",
}  # fmt: skip
"""Agencies by the part of their address that is their name."""

_PRESS = frozenset({"EurekAlert", "Newswise", "PR Newswire", "Business Wire", "GlobeNewswire", "Accesswire"})
_CREDIT = re.compile(
    r"(?:©|\b[Cc]opyright) ?(?:20\d\d )?"
    r"(?P<agency>Reuters|(?:The )?Associated Press|AFP|Agence France-Presse|PA Media)\b"
)


Run = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Voice:
    """Whose text an article is. `original` is the place of the first article with this text, its own if it is that.

    `of` names the agency, press wire or outlet whose text a copy is; None for an article that counts: one with a text
    of its own, or the first of those with an agency's text, which `by` names then.
    """

    original: int
    of: str | None = None
    by: str | None = None


def voices(pieces: Sequence[Piece]) -> list[Voice]:
    """For each article, in the order given (the earliest first), whose text it is."""
    credits = [credit_of(piece) for piece in pieces]
    families = _families([_runs(piece.body) for piece in pieces], credits)
    found: list[Voice] = [Voice(place) for place in range(len(pieces))]
    for members in families.values():
        first = min(members, key=lambda place: (not credits[place].own, place))
        names = Counter(credits[place].agency for place in members if credits[place].agency)
        agency = names.most_common(1)[0][0] if names else None
        found[first] = Voice(first, by=None if credits[first].own else agency)
        name = agency or pieces[first].outlet or _host(pieces[first])
        for place in members:
            if place != first:
                found[place] = Voice(first, name or "another article")
    return found


@dataclass(frozen=True, slots=True)
class Credit:
    """The agency or press wire whose text an article is by its own word, and whether it *is* that agency's article."""

    agency: str | None = None
    own: bool = False


def credit_of(piece: Piece) -> Credit:
    """Read from the outlet, the host, the dateline or the credit line at the end."""
    outlet = (piece.outlet or "").casefold().strip()
    if outlet in AGENCIES:
        return Credit(AGENCIES[outlet], own=True)
    for part in (*_host(piece).split("."), outlet.replace(" ", ""), *outlet.split(".")):
        if part in _WIRES or part in _SITES:
            return Credit(_WIRES.get(part) or _SITES[part], own=True)
    opening = OPENING.match(piece.body[:300].lstrip())
    if opening and (opening["agency"] or opening["plain"]):
        return Credit(AGENCIES[(opening["agency"] or opening["plain"]).casefold()])
    credit = _CREDIT.search(piece.body[-400:])
    return Credit(AGENCIES.get(credit["agency"].casefold())) if credit else Credit()


def is_press_wire(piece: Piece) -> bool:
    """Whether the article comes from a service that distributes press releases."""
    return credit_of(piece).agency in _PRESS


def _host(piece: Piece) -> str:
    return host_of(piece.url) if piece.url else ""


def _families(runs: Sequence[frozenset[Run]], credits: Sequence[Credit]) -> dict[int, list[int]]:
    """Places of articles with one text, under the longest of them. Longer texts first: each is met by its copies."""
    index: defaultdict[Run, list[int]] = defaultdict(list)
    of_agency: dict[str, int] = {}
    families: dict[int, list[int]] = {}
    for place in sorted(range(len(runs)), key=lambda place: (-len(runs[place]), place)):
        head, credit = _met(runs[place], index), credits[place]
        if head is None and credit.agency and not credit.own:
            head = of_agency.get(credit.agency)  # another version of the agency's report is no other voice
        if head is None:
            head = place
            for run in runs[place]:
                index[run].append(place)
        if credit.agency:
            of_agency.setdefault(credit.agency, head)
        families.setdefault(head, []).append(place)
    return families


def _met(runs: frozenset[Run], index: defaultdict[Run, list[int]]) -> int | None:
    """The text that has most of these runs, when it has enough of them."""
    if len(runs) < FEWEST_RUNS:
        return None
    shared = Counter(place for run in runs for place in index.get(run, ()))
    if not shared:
        return None
    place, count = min(shared.items(), key=lambda item: (-item[1], item[0]))
    return place if count >= CONTAINED * len(runs) else None


def _runs(text: str) -> frozenset[Run]:
    words = _WORD.findall(text[: 12 * _MOST_WORDS].casefold())[:_MOST_WORDS]
    return frozenset(zip(words, words[1:], words[2:], strict=False))
