"""The phrases that speak for a study design, with their points: the table behind `study_type`. Pure; newsroom.

Four points: the text names the design. Two: it describes what only that design does. One: it fits, but not alone.
Phrases are patterns over folded text (`plain.fold`); every repetition in them is bounded, so that they stay linear.
The points were set by hand and measured on MEDLINE records by benchmarks/newsroom/evidence_bench.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from digest.model import StudyType
from digest.newsroom.plain import any_of

_FEW = r"(?:[\w,()/-]{1,30} ){0,4}?"
_SOME = r"[^.;]{0,80}?"
_COUNT = any_of(
    *(r"\d[\d,]{0,8}", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *(r"[a-z]{3,9}teen", r"[a-z]{3,6}ty[a-z-]{0,6}"),
)
_TRIALS = r"(?:trials|studies|rcts|papers|articles)\b"
_SUBJECTS = r"(?:patients|participants|subjects|people|women|men|adults|children|infants|volunteers|individuals)"
_PATIENT = r"(?:man|woman|boy|girl|male|female|child|infant|neonate|adolescent|adult|patient)"
_BEASTS = any_of(
    *("mice", "mouse", "rats?", "rabbits?", "dogs", "canine", "pigs?", "piglets?", "porcine", "monkeys?"),
    *("macaques?", "baboons?", "primates?", "zebrafish", "sheep", "lambs", "rodents?", "hamsters?", "guinea[- ]pigs?"),
    *("ferrets", "swine", "drosophila", "fruit flies", "elegans"),
)
_STRAINS = any_of("sprague[- ]dawley", "wistar", "c57bl", r"balb/?c", "transgenic mice", "knock-?out mice", "nude mice")


@dataclass(frozen=True, slots=True)
class Cue:
    """A phrase that gives `points` to a design."""

    study_type: StudyType
    points: float
    phrase: re.Pattern[str]


def _cues(study_type: StudyType, *table: tuple[float, str]) -> tuple[Cue, ...]:
    return tuple(Cue(study_type, points, re.compile(rf"\b(?:{phrase})")) for points, phrase in table)


_RANDOMISED = _cues(
    "randomised trial",
    # "randomised" itself, but not "randomised trials", which are somebody else's.
    (4, r"(?:rct|randomi[sz](?:ed|ing|ation))\b(?![ ,/-]{1,2}(?:[\w-]{1,20}[ ,/-]{1,2}){0,5}?(?:trials|studies)\b)"),
    (4, r"(?:two|both|three) (?:[\w-]{1,20},? ){0,4}?randomi[sz]ed,? (?:[\w-]{1,20},? ){0,4}?(?:trials|studies)\b"),
    (
        4,
        rf"randomly,? (?:\w{{1,12}} )?(?:assign|allocat|divided|distribut|receiv|placed|treated|given|{_SUBJECTS})",
    ),
    (4, r"randomly (?:in)?to\b"),
    (1.5, r"(?:were|was|been) (?:\w{1,12} )?randomi[sz]ed\b"),
    (4, rf"(?:assign|allocat|divid)\w{{2,5}} {_FEW}(?:at random|randomly|by random)\b"),
    (4, r"random (?:allocation|assignment|order|sequence)"),
    (2, r"(?:double|single|triple|observer|assessor|investigator|evaluator)[- ](?:blind|mask)"),
    (2, r"placebo[- ](?:control|group(?! analysis)|arm|patients|recipients|treated|treatment|period|phase)"),
    (
        2,
        r"(?:or|and|versus|vs\.?|than|with|to|received?|given"
        r"|took|a|on) (?:an? |matching |oral |inactive )?placebo\b",
    ),
    (2, r"cross-?over\b|crossed over\b|latin square"),
    (2, r"(?<!case-)(?<!case )controlled,? (?:clinical |comparative |pilot )?(?:trial|study)\b"),
    (1.5, rf"(?:received?|receiving|treated|given|assigned|allocated|administered) {_SOME}\beither {_SOME} or\b"),
    (1.5, r"either [^.;()]{3,60}\(n ?= ?\d{1,5}\)[^.;()]{0,20}\bor\b"),
    (1.5, r"(?:assigned|allocated|instructed) to (?:either |one of |receive )"),
    (1, r"open[- ]label|intent(?:ion)?[- ]to[- ]treat|parallel[- ]group|equivalence (?:trial|study)|factorial"),
    (1, rf"(?:intervention|treatment|experimental|active|treated) (?:group|arm)\b{_SOME}\bcontrols?\b"),
    (1, r"(?<!on )(?<!stand )(?<!murder )trial\b"),
    (0.5, r"versus\b|vs\b|compared with|comparison of|in comparison"),
    (0.5, r"two groups|three groups|both groups|either group"),
)

_SYSTEMATIC = _cues(
    "systematic review",
    (
        4,
        r"systematic(?:ally)? (?:literature |evidence )?review|cochrane (?:[\w-]{1,20} )?review|umbrella review",
    ),
    (4, rf"reviews? (?:of|included|includes|examined|covers|covering|involving) {_FEW}{_COUNT} {_FEW}{_TRIALS}"),
    (4, rf"reviewed {_FEW}{_COUNT} {_FEW}{_TRIALS}"),
    (2, rf"(?:searched|searches of|search of) {_SOME}(?:medline|pubmed|embase|cochrane|databases?)\b"),
    (
        2,
        r"(?:selection criteria|search strategy|data sources|study selection): |inclusion criteria for studies",
    ),
    (2, rf"{_COUNT} (?:[\w-]{{1,20}} ){{0,3}}?{_TRIALS} (?:were (?:included|eligible|identified)|met|fulfil)"),
    (1, r"(?:this|the) review\b|randomi[sz]ed (?:controlled |clinical )?trials"),
)

_META = _cues(
    "meta-analysis",
    (4.5, r"(?:this|our|an?|new|network|updated|the present|and|ipd|large|recent) meta-?\s?analy(?:sis|tic)"),
    (
        4.5,
        r"meta-?\s?analy(?:sis|tic|[sz]ed) (?:of|review|found"
        r"|shows?|suggests|published|included|combin\w{2,3})",
    ),
    (4.5, rf"pooled (?:analysis|data|results) (?:of|from) {_FEW}{_TRIALS}"),
    (2, r"meta-?\s?analy(?:sis|tic)"),
)

_OBSERVED = (
    *_cues(
        "cohort",
        (4, r"cohort (?:study|analysis)|(?:prospective|retrospective|birth|population-based|inception) cohort"),
        (3, r"uk biobank|nurses'? health study|framingham|health professionals follow-up|women's health initiative"),
        (2, r"cohorts?\b"),
        (2, r"(?:prospective|longitudinal|follow-up|retrospective) (?:[a-z-]{1,20} )?(?:study|analysis|review)\b"),
        (
            2,
            r"retrospectively (?:analy[sz]|review|stud|evaluat|identif)"
            r"|(?:were|was) followed (?:up )?(?:prospectively|for)",
        ),
        (2, rf"(?:followed|tracked|following|tracking) {_SOME} (?:for|over) {_FEW}(?:years|months|decades?)\b"),
        (2, r"retrospective(?:ly)?\b"),
        (1.5, r"observational study|registry|medical records|person-years|hazard ratios?|prospectively\b"),
        (1.5, rf"consecutive (?:[a-z-]{{1,20}} ){{0,2}}?{_SUBJECTS}\b"),
        (1, r"(?:mean|median|during|long-term) follow-?up|follow-?up (?:period|of|was|ranged|averaged)"),
        (1, r"long-term (?:results|outcomes?|survival)"),
    ),
    *_cues(
        "case-control",
        (5, r"case-control(?:led)?\b|case control study|cases and (?:\w{1,12} ){0,2}?controls"),
        (1.5, r"(?:age|sex|healthy|matched)[- ](?:\w{1,12}[- ]){0,3}controls?\b|control subjects"),
    ),
    *_cues(
        "cross-sectional",
        (4, r"cross[- ]sectional(?:ly)?\b(?! (?:areas?|images?|imaging|views?|echo))|prevalence (?:survey|study)"),
        (
            2,
            r"(?:national|online|postal|mail|telephone|population"
            r"|household|community|web-based|anonymous|health) survey\b",
        ),
        (
            2,
            r"(?:survey|poll) (?:of|found|included|was sent)|surveyed\b"
            rf"|(?:completed|answered) {_FEW}(?:questionnaires?|survey)",
        ),
        (1, r"questionnaires?\b|respondents\b"),
    ),
    *_cues(
        "case report",
        (4, r"case (?:report|series)\b"),
        (3, r"(?:an? |the |this )(?:unusual |rare |first )?case of\b"),
        (
            4,
            rf"(?:we|authors?) (?:report|describe|present) {_FEW}(?:cases?"
            r"|patients?|man|woman|boy|girl|child|infant)\b",
        ),
        (
            4,
            rf"(?:we|authors?) (?:report|describe|present) {_SOME}\bin (?:an?|two|three|four|five|six) "
            rf"(?:[a-z-]{{1,20}} ){{0,2}}?(?:{_PATIENT}|{_SUBJECTS})\b|report of (?:an?|one) (?:single|case|patient)",
        ),
        (1.5, rf"(?:year|month|week|day)s?[- ]old (?:[a-z-]{{1,20}} ){{0,3}}?{_PATIENT}\b"),
        (1.5, rf"in an? (?:[a-z-]{{1,20}} ){{0,3}}?{_PATIENT}\b(?! (?:population|group|sample|care))"),
        (1.5, r"presenting (?:as|with)|(?:unusual|rare) (?:cause|presentation|manifestation|complication)"),
        (1, r"presented with|was admitted|was diagnosed"),
    ),
)

_LABORATORY = (
    *_cues(
        "animal",
        (1.5, rf"{_BEASTS}\b"),
        (1.5, rf"(?:in|of|on|to|from|\d) (?:[\w-]{{1,20}} ){{0,2}}?{_BEASTS}\b|{_BEASTS} study\b"),
        (
            3,
            rf"{_STRAINS}"
            rf"|(?:adult|male|female|anesthetized|anaesthetized|aged|pregnant|old) (?:\w{{1,15}} ){{0,2}}?{_BEASTS}\b",
        ),
        (
            3,
            rf"(?:{_BEASTS}|murine) (?:model|were|was|received|fed|that|lacking)"
            r"|animal (?:model|study|experiment)|the animals\b",
        ),
    ),
    *_cues(
        "in vitro",
        (3, r"in vitro(?! fert)(?!-fert)"),
        (
            3,
            r"cell lines?\b|cultured (?:[\w-]{1,20} ){0,2}?cells"
            r"|cells? (?:were|was) (?:cultured|incubated|isolated)|in cell culture",
        ),
        (1.5, r"organoids?|cadaver\w{0,4}|tissue samples|lab-grown|petri dish|in the lab(?:oratory)?\b"),
    ),
)

_GUIDANCE = _cues(
    "guideline",
    (1.5, r"(?:practice|consensus|evidence-based) guidelines?\b"),
    (4, r"(?:consensus|position|recommendation|policy) statement"),
    (
        3,
        r"(?:new|updated|draft|national|nice|who|international|clinical) (?:clinical )?(?:guidelines?|guidance)\b",
    ),
    (3, r"task force (?:recommends|recommended)|guidelines? (?:recommends?|published|issued|updated|for the)"),
)

_OTHER = _cues(
    "other",
    (8, r"(?:study|trial|review) protocol\b|protocol (?:for|of) an? |rationale and design"),
    (8, r"mendelian randomi[sz]ation"),
    (
        3,
        r"(?:non-?randomi[sz]ed|not randomi[sz]ed|uncontrolled|single-arm"
        r"|before-and-after) (?:[a-z-]{1,20} ){0,3}?(?:trial|study)\b",
    ),
    (
        3,
        r"qualitative (?:study|interviews|research)|focus groups?"
        r"|semi-?structured interviews|phenomenological (?:study|approach)",
    ),
    (
        3,
        r"narrative review|this (?:article|paper) (?:reviews|discusses|describes)"
        r"|literature review|are reviewed\b|reviews the\b",
    ),
    (3, r"editorial\b|commentary\b|opinion piece|viewpoint\b|letter to the editor|news analysis"),
    (3, r"markov model|decision (?:analysis|model)|simulation model|modell?ing study|mathematical model"),
    (2.5, r"phase (?:i|1)\b|dose[- ]escalation|pharmacokinetic study"),
    (1.5, r"(?:pilot|feasibility) study"),
    (2, r"historical controls?|technical note|non-?randomi[sz]ed"),
)

_RELEASE = _cues("press release", (2, r"press release|news release|for immediate release"))

CUES = (*_RANDOMISED, *_SYSTEMATIC, *_META, *_OBSERVED, *_LABORATORY, *_GUIDANCE, *_OTHER, *_RELEASE)
