"""Words that the guard knows: those that say nothing by themselves, those that mean the same, those that deny. Pure.

Newsroom. English only: a text in another language is not judged but refused.
"""

from __future__ import annotations

from digest.newsroom.plain import any_of

_FUNCTION = """
a an the this that these those there here it its itself they them their theirs he him his she her hers himself herself
who whom whose which what when where why how if whether as of in on at to from by for with into onto through during
about between among amongst within per via and or nor but so yet than then also too both either such same own very just
only even still again once already is are was were be been being am do does did done doing has have had having will
would can could shall may might one ones some any each every other others another all more most many much few less
fewer several enough out up down off over under before after since until while although though because however
therefore thus meanwhile instead rather not no none never neither cannot without against versus compared
"""
FUNCTION = frozenset(_FUNCTION.split())
"""Grammar. What some of them claim (no, over, before, all, may) is judged by rules of its own."""

_FOREIGN = """
der das den dem des ein eine einen einem einer und oder nicht kein keine keinen mit von zu zum zur bei für auf aus nach
über ist sind wird werden wurde wurden hat haben auch als wie sich dass er sie es ihr le la les un une du au aux et ou
est sont pas ne que qui dans sur par pour avec sans ce cette ces il elle ils elles se n'a l'étude el los las una unos
unas y o del al lo no hay es son fue fueron con sin sobre entre según también più che di della dei degli delle gli uno
è sono non per una nel nella da il het een van niet geen voor zijn werd bij naar ook aan uit em um uma não dos das nas
nos pela pelo foi foram com sem mais
"""
FOREIGN = (
    frozenset(_FOREIGN.split())
    - FUNCTION
    - frozenset(["la", "di", "per", "no", "son", "sin", "con", "y", "o", "se", "el", "lo", "al", "le", "es", "ne"])
)
"""Grammar of German, French, Spanish, Italian, Dutch and Portuguese, as far as English has no such words."""

_PLAIN = """
study studies studied research researcher scientist author team expert finding find found result report say said says
saying tell told note add explain describe state write according call ask answer think know known show look seen see saw
include involve ran take took taken part get got give given make made come came go went gone keep kept have run use used
people person participant volunteer individual member group number amount total thing way kind type case level
news article paper piece story outlet topic question reason fact point end start begin place area
compare comparison difference different differ similar alike likewise together respectively overall average
time period later earlier now today new recent recently current currently year month week day hour minute
appear name title publish publication journal mean means meant meaning happen become remain continue measure
check follow
whole full main common usual usually often generally well likely clear clearly certain exact exactly
amounts equal least further example instance mostly partly nearly almost roughly around approximately
"""
PLAIN_WORDS = frozenset(_PLAIN.split())
"""Words that tell the reader nothing which the article would have to bear out."""

SAME = (
    "people person participant volunteer individual subject respondent",
    "differ different difference",
    "child children kid childhood paediatric pediatric",
    "baby babies infant newborn",
    "woman women female",
    "man men male",
    "mouse mice murine",
    "old older elderly elder aged age",
    "young younger",
    "placebo dummy sham",
    "fund funded pay paid finance financed sponsor sponsored",
    "begin began begun start started",
    "die died death dead kill killed fatal mortality",
    "ill illness sick disease disorder",
    "fall fell fallen",
    "rise rose risen",
    "grow grew grown",
    "lead led leader",
    "drug medicine medication medicament",
    "doctor physician gp clinician",
    "surgery operation surgical",
    "heart cardiac cardiovascular",
    "kidney renal",
    "liver hepatic",
    "lung pulmonary",
    "cancer tumour tumor malignancy carcinoma",
    "pregnant pregnancy",
    "tablet pill capsule",
    "night nocturnal nightly",
    "week weekly",
    "month monthly",
    "year yearly annual annually",
    "day daily",
    "hour hourly",
    "link linked associate associated association tie tied correlate correlation",
    "benefit help helpful effective effect efficacy effectiveness works improve improvement better",
    "harm harmful injure injury hurt",
    "maker manufacturer producer",
    "cost price",
    "country nation",
    "unclear unknown uncertain",
    "know known knew",
    "approve approval approving",
    "vaccinate vaccinated vaccination vaccine jab immunisation immunization",
    "trial rct",
    "review overview",
    "exercise workout",
    "sleep slept asleep",
    "drink drank drunk",
    "take took taken",
    "keep kept",
    "bring brought",
    "buy bought purchase",
    "wear wore worn",
    "feed fed",
    "eat ate eaten",
    "lose lost loss",
    "stop quit discontinue stopped",
    "authority official",
    "mean average",
    "outcome result",
    "reduce reduction cut lower",
    "increase raise higher",
    "treat treatment therapy",
    "diagnose diagnosis",
    "symptom sign",
    "foot feet",
    "tooth teeth",
    "diarrhoea diarrhea",
    "fetus foetus fetal foetal",
    "hospital hospitalised hospitalized hospitalisation hospitalization",
    "sensor tracker",
)
"""Groups of words that may stand for each other; their first stands for all."""

DENY = (
    r"(?<![\w'])"
    + any_of(
        *("no", "not", "never", "none", "nobody", "nothing", "neither", "nor", "cannot", r"[a-z]{2,8}n't"),
        *("unlikely", "unclear", "unknown", "unsupported", "unproven", "ineffective", "insufficient", "unable"),
        *("fail(?:s|ed)? to", "lacks?", "lacking", "lack of", "absence of", "hardly", "barely", "little", "free of"),
        *("refut(?:es|ed)", "den(?:y|ies|ied)", "rul(?:es?|ed|ing) out", "far from", "instead of", "rather than"),
        *(
            r"(?:recommend|advis|vot|decid|rul)\w{0,3} against",
            "doubt(?:s|ed|ful)?",
            "too early to",
            "yet to",
            "unsafe",
            "no longer",
            "exclud(?:es?|ed|ing)",
        ),
    )
    + r"(?![\w'])"
)

UP = any_of(
    *(r"increas\w{1,3}", "higher", r"rais(?:e|es|ed|ing)", r"rise|rises|rising|risen|rose", "more", "greater", "worse"),
    *(r"worsen\w{0,3}", r"grow(?:s|n|ing|th)?", "grew", "longer", r"doubl\w{1,3}", r"tripl\w{1,3}", "larger", "bigger"),
    *("up by", r"climb\w{0,3}", r"soar\w{0,3}", r"surg(?:e|ed|es|ing)", "most", "largest", "highest", "longest"),
)
DOWN = any_of(
    *(r"decreas\w{1,3}", r"lower\w{0,3}", r"reduc\w{1,5}", "cuts?", "cutting", "fall(?:s|en|ing)?", "fell", "fewer"),
    *("less", "smaller", "shorter", r"declin\w{1,3}", r"drop\w{0,4}", r"halv\w{1,3}", r"eas(?:e|es|ed|ing)"),
    *(r"prevent\w{0,3}", r"protect\w{0,3}", "down by", r"shr(?:i|a|u)nk\w{0,3}", "smallest", "lowest", "shortest"),
    *("least", "fewest", r"milder", r"relie(?:f|ve|ved|ves)"),
)

OPPOSED = (
    ("younger", "older"),
    ("young", "old"),
    ("largest", "smallest"),
    ("large", "small"),
    ("richest", "poorest"),
    ("rich", "poor"),
    ("early", "late"),
    ("earlier", "later"),
    ("sooner", "later"),
    ("best", "worst"),
    ("better", "worse"),
    ("first", "second"),
    ("first", "last"),
    ("approve", "reject"),
    ("back", "reject"),
    ("recommend", "reject"),
    ("back", "oppose"),
    ("include", "exclude"),
    ("safe", "unsafe"),
    ("safe", "dangerous"),
    ("woman", "man"),
    ("adult", "child"),
    ("heavy", "light"),
    ("open", "close"),
    ("win", "lose"),
    ("before", "after"),
    ("above", "below"),
    ("cheap", "expensive"),
    ("begin", "stop"),
    ("strong", "weak"),
    ("high", "low"),
    ("common", "rare"),
    ("left", "right"),
    ("male", "female"),
    ("acute", "chronic"),
    ("am", "pm"),
    ("most", "few"),
    ("many", "few"),
    ("all", "some"),
    ("everyone", "nobody"),
)
"""Words of which one cannot stand for the other."""

_ANIMALS = """
mouse rat animal rodent monkey macaque rabbit pig dog cat zebrafish fish worm fly hamster
"""
_PEOPLE = """
child adult baby woman man pregnant teenager adolescent teen smoker patient student nurse worker veteran athlete boy
girl mother father parent pensioner twin survivor donor american european
"""
ANIMALS = frozenset(_ANIMALS.split())
POPULATIONS = ANIMALS | frozenset(_PEOPLE.split())
"""In whom something was found."""

HEDGES = any_of(
    r"(?:not|cannot|n't) (?:rule|be ruled|exclude|be excluded)(?: out)?",
    *("may", "might", "could", r"suggest\w{0,4}", "possibl[ey]", "perhaps", "probabl[ey]", r"appear\w{0,3} to"),
    *(
        r"seem\w{0,3}",
        "likely",
        "unlikely",
        "linked",
        r"associat\w{1,4}",
        r"expect\w{0,3}",
        r"hint\w{0,3}",
        "potential",
    ),
    *(
        "potentially",
        "thought to",
        "believed to",
        r"estimat\w{1,3}",
        "preliminary",
        "early",
        r"recommend\w{0,6}",
        r"propos\w{1,4}",
        r"plan(?:s|ned) to",
        "tied to",
        "correlated",
    ),
)
