"""What was compared with what: the two sides of a study, in a text's own words. Pure; newsroom.

An extract, never a paraphrase. Only what a text says of the plan of a study is taken: comparisons with a year, a number
or the rest of the world are results or trends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.model import Span
from digest.newsroom.plain import any_of, extract

LONGEST = 90
"""Characters of a comparison; a longer one is left out, for cut it could mean something else."""

Place = tuple[int, int]

_SHAM = any_of(
    *(r"(?:an? |matching |oral |inactive |inert ){0,2}placebos?(?: (?:pills?|tablets?|injections?|cream|groups?))?",),
    *(r"(?:an? )?sham(?: [a-z-]{3,20}){0,2}", "(?:the |a )?(?:usual|standard|routine|conventional) (?:medical )?care"),
    *(r"(?:the |a )?standard (?:treatments?|therap(?:y|ies))", r"no (?:treatment|intervention|[a-z]{3,15} therapy)"),
    *(r"(?:an? |the )?(?:wait(?:ing)?[- ]list|control|comparison) (?:groups?|conditions?|arms?)",),
    *(r"(?:an? )?wait(?:ing)?[- ]lists?", "watchful waiting", r"(?:healthy |matched )?controls?\b(?! of)"),
)
_COMPARED = r"(?:compar(?:ed|ing|ison)|when compared|in comparison) (?:with|to|against)"
# Told of another study, or as a wish. "No benefit compared with placebo" is neither: it was compared.
_TURNED = re.compile(
    r"\b(?:future|previous(?:ly)?|earlier|until|instead of)\b[^.;:]{0,40}$"
    r"|(?:\b(?:not|never|should|could|must|cannot|will|would|to)|n't)(?: (?:be|been|yet|directly|have|now)){0,3} $"
)
# Measured against a time, a number, a thing named before or a rest of the world: a result or a trend, not a plan.
_NO_COMPARATOR = re.compile(
    any_of(
        r"\W*\d",
        r"(?:about|around|roughly|just|only|nearly|almost|in|at|with|respect|for|once|twice|as|over|more|less)\b",
        r"(?:the|those|these|this|that|it|them|his|her|their|our|my|both|either|what|when|how|where|others?|such)\b",
        r"(?:one|two|three|four|five|six|seven|eight|nine|ten|half|patients|people|subjects|participants)\b(?! \w)",
        r"(?:last|previous|prior|same|past|early|late|pre-?\w+|first|next|average|national|general|expected|baseline)\b",
        r"(?:before|earlier|january|february|march|april|may|june|july|august|september|october|november|december)\b",
    )
)
_ENDS = re.compile(r"[,.;)\n]| (?:for|in|at|over|during|after|among|and|who|while|on|or)\b")
# People who did or did not: their description belongs to the comparison.
_PEOPLE = re.compile(
    r"(?:[a-z]{3,12} )?(?:people|those|women|men|adults|children|patients|participants|individuals|infants) "
    r"(?:who|without|not|on|taking|receiving|given|whose)\b[^,.;:()\n]{3,60}(?<! not)(?<!n't)(?= ?[,.;:()\n])"
)
_TO_RECEIVE = r"(?:to|receive|received|get|take|given) (?:either )?"
_NO_ARM = r"(?!(?:receive|get|take|either|be|have|undergo|as|one|group|treatment|continue|the|in|with|their|his|her) )"
_AFTER_ARM = (
    r"(?<!al)(?<!ive)(?<!ic)"  # "intravaginal or intrarectal": what of, one does not learn
    r"(?=[,.;:\n]| (?:for|over|during|in addition|once|twice|daily|every|and|plus|at|before|after|while|who|within"
    r"|until|when)\b|$)"
)
_ARMS = re.compile(
    r"\b(?:randomi[sz]ed|randomly|assigned|allocated)\b[^.;:\n]{0,90}?"
    rf"\b{_TO_RECEIVE}({_NO_ARM}[^.;:\n,]{{3,50}}? or (?!(?:more|less|so|to|by|in|with)\b)[^.;:\n,()]{{2,40}}?)"
    rf"{_AFTER_ARM}"
)
_WORD = (
    r"(?!(?:for|in|on|at|to|as|after|and|of|among|during|by|from|is|was|were|the|or|than|but|that|which|an?|those"
    r"|patients|trial|study)\b)[a-z][a-z0-9'/-]{1,25}"
)
_SIDES = re.compile(
    r"(?:^|(?<=: )|(?<=comparing )|(?<=comparison of )|(?<=trial of )"
    r"|(?<=effects of )|(?<=effect of )|(?<=efficacy of ))"
    rf"((?:{_WORD} ){{1,4}}(?:versus|vs\.?) (?:an? )?{_WORD}(?: {_WORD}){{0,2}})(?![\w-])"
)
_CONTROLLED = re.compile(r"\b(?:placebo|sham)[- ]controlled\b")
_KNOWN = re.compile(rf"\b{_COMPARED} {_SHAM}\b(?! (?:of|such)\b)")
_ANY = re.compile(rf"\b{_COMPARED} ")
_ABBREVIATED = re.compile(r"\b[A-Z]{2,6}\b")


def read_comparison(text: str, folded: str) -> Span | None:
    """What the study compared: its two sides by name, else what it says it compared with."""
    for pattern in (_SIDES, _ARMS, _KNOWN, _CONTROLLED):
        for match in pattern.finditer(folded):
            place = match.span(pattern.groups)
            plain = pattern not in (_SIDES, _ARMS) or not _ABBREVIATED.search(text[slice(*place)])
            if plain and place[1] - place[0] <= LONGEST and _is_said(folded, match.start()):
                return extract("comparison", text, place)
    found = next(_with_anything(text, folded), None)
    return None if found is None else extract("comparison", text, found)


def _with_anything(text: str, folded: str) -> Iterator[Place]:
    """ "compared with surgery": any plain words after it, within a sentence."""
    for match in _ANY.finditer(folded):
        start = match.end()
        opens = text[match.start()].isupper()  # "Compared with childhood vaccines, …": a result, or an aside
        people = _PEOPLE.match(folded, start)
        if opens or not _is_said(folded, match.start()) or (not people and _NO_COMPARATOR.match(folded, start)):
            continue
        end = people or _ENDS.search(folded, start, start + LONGEST)
        stop = 0 if end is None else end.end() if end.start() == start else end.start()
        said = text[start:stop]
        if 1 <= len(said.split()) <= 12 and not re.search(r"[\d\"“”%=(]", said) and not _ABBREVIATED.search(said):
            yield match.start(), stop


def _is_said(folded: str, start: int) -> bool:
    return not _TURNED.search(folded, max(0, start - 50), start)
