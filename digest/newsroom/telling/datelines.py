"""Datelines, bylines and the agencies that they name. Pure; newsroom."""

from __future__ import annotations

import re

from digest.newsroom.plain import any_of

_SIGNATURES = {
    "Reuters": "reuters, reuters health, thomson reuters",
    "AP": "ap, the associated press, associated press",
    "AFP": "afp, agence france-presse",
    "PA": "pa, pa media, press association, pa news agency",
    "UPI": "upi, united press international",
    "HealthDay": "healthday, healthday news",
    "The Canadian Press": "the canadian press, canadian press",
    "KFF Health News": "kff health news, khn",
    "dpa": "dpa", "Kyodo": "kyodo", "Xinhua": "xinhua", "ANSA": "ansa", "EFE": "efe", "CNN": "cnn", "TASS": "tass",
    "Anadolu": "anadolu", "Bloomberg": "bloomberg", "ANI": "ani", "PTI": "pti", "IANS": "ians", "AAP": "aap",
    "Newswise": "newswise",
}  # fmt: skip
AGENCIES = {name: agency for agency, names in _SIGNATURES.items() for name in names.split(", ")}
"""How agencies sign, in lower case → the name that marks their copies."""

_AGENCY = any_of(*sorted((re.escape(name) for name in AGENCIES), key=len, reverse=True))
_BYLINE = re.compile(
    r"\W{0,3}(?:[Ee]n [Ee]spa[nñ]ol )?[Bb]y [A-Z][\w.'’-]{1,20}(?: (?:[A-Z][\w.'’-]{0,20}|and|de|van|von)){1,5}"
    r"(?:,? (?:HealthDay|Reuters|STAT|MedPage|Special to|Staff|Medical|Health|Senior|Associated Press)[\w ]{0,40}?"
    r"(?:Reporter|Writer|Correspondent|Editor|Today|Health)\b)?[,.:|]? "
    r"(?=[A-Z“\"(])"
)
_DATE = r"(?:[A-Z][a-z]{2,8}\.? \d{1,2}(?:, \d{4})?|\d{1,2} [A-Z][a-z]{2,8}(?: \d{4})?)"
_WEEKDAY = r"(?i:(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
_TOWN = r"[A-Z][A-Z.'’-]+(?: [A-Z][A-Z.'’-]+){0,4}(?:, [A-Z][\w.]{1,15}(?: [A-Z]\w{1,15})?)?"
OPENING = re.compile(
    rf"\W{{0,3}}(?:[Ee]n [Ee]spa[nñ]ol )?(?:(?:(?:{_WEEKDAY}, )?{_DATE},?|{_TOWN}(?:,? {_DATE})?,?)\s?)?"
    rf"(?:\((?P<agency>(?i:{_AGENCY}))(?: [-/—–] [^)]{{0,30}})?\)|(?P<plain>Newswise)|/PRNewswire[^/]{{0,30}}/"
    rf"|\({_DATE}\))?"
    r"\s{0,3}[-—–]{1,2}\s{1,3}(?=\S)"
)
"""A dateline: "LONDON (Reuters) - ", "MONDAY, Dec. 6, 2010 (HealthDay News) -- "."""


def without_opening(line: str) -> str:
    """The line without the byline and the dateline in front of its news."""
    for furniture in (_BYLINE, OPENING):
        found = furniture.match(line)
        line = line[found.end() :] if found else line
    return line
