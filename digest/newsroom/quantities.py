"""How many: the numbers of participants and of trials that a text gives for a finding. Pure; newsroom.

A number counts only where the sentence says whose number it is: "over 2,300 adults" after "involving", "n = 1,204",
"67 trials". Ranges, years, rates ("1 in 5 adults", "per 1,000 people") and how many people *have* an illness do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from digest.model import Quantity, Span
from digest.newsroom.plain import any_of

_UNITS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS = {word: n for n, word in enumerate(_UNITS)} | {word: 10 * n for n, word in enumerate(_TENS, 2)}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000, "dozen": 12}

_WORD = "|".join(sorted((*_WORDS, *_SCALES), key=len, reverse=True))
_NUMBER = (
    r"(?:\d{1,3}(?:,\d{3}){1,3}|\d{1,3}(?: \d{3}){1,3}|\d{1,3}\.\d{1,2}(?= (?:million|thousand))|\d{1,9})"
    r"(?: (?:million|thousand))?(?![\d%]|[.,]\d)"
    rf"|(?:a )?(?:{_WORD})(?:[ -](?:and )?(?:{_WORD})){{0,7}}(?![\w-])"
)
_BEFORE = r"(?<![\w.,/$£€<>=+-])"

QUALIFIERS = {
    "over": "over", "more than": "more than", "in excess of": "more than", "greater than": "more than",
    "upwards of": "more than", ">": "more than",
    "at least": "at least", "a minimum of": "at least", "no fewer than": "at least", "≥": "at least",
    "about": "about", "around": "about", "approximately": "about", "roughly": "about", "some": "about", "~": "about",
    "an estimated": "about", "circa": "about",
    "nearly": "nearly", "almost": "nearly", "close to": "nearly", "just under": "nearly",
    "up to": "up to", "as many as": "up to",
    "fewer than": "fewer than", "less than": "fewer than", "under": "fewer than", "below": "fewer than",
}  # fmt: skip
"""Words that limit a number, and the word of ours that each becomes."""

_QUALIFIER = "|".join(re.escape(word) for word in sorted(QUALIFIERS, key=len, reverse=True))
_LEAD = re.compile(rf"(?:^|[\s(])({_QUALIFIER}) ?(?:a total of )?$")

_PEOPLE = any_of(
    *("participants?", "patients?", "people", "persons?", "individuals?", "adults?", "children", "women", "men"),
    *("subjects?", "volunteers?", "adolescents?", "teenagers?", "infants?", "newborns?", "neonates?", "babies"),
    *("toddlers?", "girls?", "boys?", "students?", "respondents?", "veterans?", "residents?", "smokers?", "survivors?"),
    *(
        "mothers?",
        "fathers?",
        "users?",
        "nurses",
        "workers?",
        "employees?",
        "pregnancies",
        "couples?",
        "asthmatics",
        "diabetics",
    ),
    *("recipients?", "outpatients?", "inpatients?", "males?", "females?", "americans?", "seniors?", "athletes?"),
)
_BETWEEN = r"(?:type [12] |phase [1-4] |[a-z(][\w'/()-]{0,30},? ){0,5}?"
_PARTICIPANTS = re.compile(rf"{_BEFORE}({_NUMBER})((?: |-){_BETWEEN}){_PEOPLE}(?: {_PEOPLE})?\b(?!-)")
_TRIALS = re.compile(
    rf"{_BEFORE}({_NUMBER})( {_BETWEEN})"
    r"(?:trials|rcts|randomi[sz]ed (?:controlled |clinical )?(?:studies|comparisons))\b(?!-)"
)
_N_EQUALS = re.compile(r"(?<![\w.-])n ?= ?(\d{1,3}(?:[, ]\d{3})+|\d{1,9})(?![\d%]|[.,]\d)")

# Words that, standing between a number and its noun, show that the number belongs to something else.
_NOT_BETWEEN = re.compile(
    r"\b"
    + any_of(
        *("of", "in", "to", "and", "or", "the", "for", "with", "per", "from", "by", "at", "on", "than", "were", "was"),
        *("had", "has", "have", "is", "are", "that", "who", "which", "as", "out", "weeks?", "months?", "years?"),
        *("days?", "hours?", "minutes?", "mg", "kg", "ml", "g", "mcg", "doses?", "times", "percent", "per cent"),
        *("points?", "trials?", "stud(?:y|ies)", "cent(?:er|re)s?", "hospitals?", "countries", "sites?", "clinics?"),
        *("groups?", "arms?", "schools?", "practices", "articles?", "million", "billion"),
    )
    + r"\b"
)
_YEAR = re.compile(r"(?:1[89]|20)\d\d$")
_BEFORE_YEAR = re.compile(r"\b(?:in|since|until|by|during|from|to|of|early|late|mid|and) ?-?$")
_RANGE_BEFORE = re.compile(rf"(?:\d|\b(?:{_WORD}))(?: ?- ?| to | or )$|\bbetween (?:\S{{1,20}} and )?$")
_RANGE_AFTER = re.compile(r" ?(?:-|to|or) ?\d")
_RATE_BEFORE = re.compile(
    any_of(
        r"\b(?:one|two|three|\d{1,3}) (?:in|out of|of)(?: every)?",
        r"\b(?:per|every|each|grade|phase|type|stage|level|aged?|top|first|last|other|further|additional|remaining)",
        r"\b(?:next|no\.?|number|group|day|week|year|aim)",
    )
    + "(?: the)? $"
)

_STUDIED = any_of(
    *(r"involv\w{1,4}", r"includ\w{1,3}", r"enrol\w{2,6}", r"recruit\w{2,4}", r"randomi[sz]\w{1,6}", r"assign\w{2,4}"),
    *(r"allocat\w{1,4}", r"follow\w{2,4}", r"analy[sz]\w{1,4}", r"stud(?:y|ies|ied|ying)", r"examin\w{1,4}"),
    *(r"survey\w{0,4}", r"interview\w{2}", r"compar\w{1,4}", r"treat\w{1,4}", "trials?", "review", "cohort", "sample"),
    *("among", "amongst", "records", "total", r"evaluat\w{1,4}", r"investigat\w{1,4}", r"measur\w{1,4}"),
    *(r"observ\w{1,4}", "gave", r"track\w{1,4}", r"monitor\w{1,4}", "tested", "looked at", r"compris\w{1,4}"),
    *("conducted", "performed", "data", "population"),
)
_HEADING = r"(?:methods?|results?|findings|material|participants?|patients?|subjects?|setting|population)(?:\(s\))?: "
_STUDIED_BEFORE = re.compile(rf"\b{_STUDIED}\b[^.;]{{0,60}}$|\b{_HEADING}[^.;]{{0,20}}$")
_STUDIED_AFTER = re.compile(
    r"[^.;]{0,120}?\b"
    + any_of(
        *("were", "was", "who", "took part", "participated", "completed", "underwent", "received", r"enrol\w{2,6}"),
        *("recruited", "randomi[sz]ed", "randomly", "assigned", "allocated", "agreed", "entered", "responded"),
    )
    + r"\b"
)
_ENROLLED_BEFORE = re.compile(
    r"\b"
    + any_of(
        *("total of", "randomi[sz]ed", "randomly (?:assigned|allocated)", "enrolled", "recruited", "involving"),
        *("includ(?:ed|ing)", "(?:trials?|study) (?:of|in|with)", "assigned"),
    )
    + "(?: (?:a total of|the|data (?:from|on)))? ?$"
)
_ENROLLED_AFTER = re.compile(
    r"[^.;]{0,60}?\b"
    + any_of(
        *("randomi[sz]ed", "randomly", r"enrol\w{2,6}", "recruited", "participated", "took part", "assigned"),
        *("allocated", "were (?:included|studied|analy[sz]ed|evaluated)"),
    )
    + r"\b"
)
# How many people have an illness is not how many were studied.
_BURDEN_BEFORE = re.compile(
    r"\b" + any_of(r"affect\w{0,3}", "estimated", r"kill\w{0,3}", r"strik\w{1,3}", r"harm\w{0,3}") + r"[^.;]{0,30}$"
)
_BURDEN_AFTER = re.compile(
    r"[^.;]{0,60}?\b"
    + any_of(
        *(
            "worldwide",
            "globally",
            "(?:each|every|per) year",
            "annually",
            "a year",
            "liv(?:e|ing) with",
            "suffer",
            "die",
        ),
        *("around the world", r"in the (?:us|u\.s|uk|united)", "(?:have been|are) diagnosed"),
    )
    + r"\b"
)


@dataclass(frozen=True, slots=True)
class Count:
    """A number that a text gives for something, at characters [start, end)."""

    quantity: Quantity
    start: int
    end: int
    strength: int


def read_participants(text: str, folded: str) -> tuple[Quantity | None, Span | None]:
    """How many people the finding rests on: the best supported number, the earlier one among equals."""
    counts = [count for count in _people(folded) if count.strength > 0]
    return _best(text, "participants", counts)


def read_trials(text: str, folded: str) -> tuple[int | None, Span | None]:
    """How many trials were put together: at least two."""
    counts = [count for count in _counts(_TRIALS, folded) if count.quantity.value >= 2]
    quantity, span = _best(text, "trials", counts)
    return (quantity.value if quantity else None), span


def _best(text: str, field: str, counts: list[Count]) -> tuple[Quantity | None, Span | None]:
    if not counts:
        return None, None
    best = max(counts, key=lambda count: (count.strength, -count.start))
    return best.quantity, Span(field, best.start, best.end, text[best.start : best.end])


def _people(folded: str) -> Iterator[Count]:
    for count in _counts(_PARTICIPANTS, folded):
        before, after = folded[max(0, count.start - 80) : count.start], folded[count.end : count.end + 140]
        if count.quantity.value < 2 or _BURDEN_BEFORE.search(before) or _BURDEN_AFTER.match(after):
            continue
        enrolled = 2 * bool(_ENROLLED_BEFORE.search(before)) + 2 * bool(_ENROLLED_AFTER.match(after))
        studied = bool(_STUDIED_BEFORE.search(before)) or bool(_STUDIED_AFTER.match(after))
        yield Count(count.quantity, count.start, count.end, enrolled + studied)
    groups = list(_N_EQUALS.finditer(folded))
    if len(groups) == 1:  # several are the sizes of groups, and which of them add up nobody says
        value = int(re.sub(r"\D", "", groups[0].group(1)))
        yield Count(Quantity(value), groups[0].start(), groups[0].end(), 1)


def _counts(pattern: re.Pattern[str], folded: str) -> Iterator[Count]:
    """Numbers followed by a noun of `pattern` that are neither a year, nor a range, nor a rate."""
    for match in pattern.finditer(folded):
        start = match.start(1)
        before = folded[max(0, start - 40) : start]
        if _NOT_BETWEEN.search(match.group(2)) or _RATE_BEFORE.search(before) or _RANGE_BEFORE.search(before):
            continue
        if _YEAR.match(match.group(1)) and _BEFORE_YEAR.search(before.rstrip()):
            continue
        value = number(match.group(1))
        if value is None or _RANGE_AFTER.match(match.group(2)):
            continue
        lead = _LEAD.search(before)
        begin = start if lead is None else start - len(before) + lead.start(1)
        qualifier = None if lead is None else QUALIFIERS[lead.group(1)]
        yield Count(Quantity(value, qualifier), begin, match.end(), 1)


def number(written: str) -> int | None:
    """The whole number that is written in digits ("2,300", "2 300", "2.3 million") or in English words."""
    if written[0].isdigit():
        return _digits(written)
    total = part = 0
    for word in re.findall(r"[a-z]+", written):
        if word in _WORDS:
            part += _WORDS[word]
        elif word in ("hundred", "dozen"):
            part = max(part, 1) * _SCALES[word]
        elif word in _SCALES:
            total, part = total + max(part, 1) * _SCALES[word], 0
    return (total + part) or None


def _digits(written: str) -> int | None:
    figure, _, scale = written.partition(" ")
    if scale in _SCALES:
        return round(float(figure.replace(",", "")) * _SCALES[scale])
    return int(re.sub(r"\D", "", written)) if "." not in written else None
