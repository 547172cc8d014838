"""Evidence: what kind of finding a text rests on, read from its words alone. Pure; newsroom.

Rules, not guesses: what the text does not say stays None, and `unknown` is the study type in doubt. Every value that is
given can be shown to an editor with the words it was read from.
"""

from __future__ import annotations

from digest.model import Evidence, Quantity
from digest.newsroom.comparison import read_comparison
from digest.newsroom.identifiers import read_identifiers
from digest.newsroom.plain import fold
from digest.newsroom.provenance import read_provenance
from digest.newsroom.quantities import read_participants, read_trials
from digest.newsroom.statements import quoted, read_conflicts, read_funding
from digest.newsroom.study_type import read_study_type

_NO_STUDY = ("unknown", "other", "guideline", "press release", "case report")


def read_evidence(text: str) -> Evidence:
    """The evidence that `text` names. Never raises; reads the first `plain.READ_AT_MOST` characters.

    `spans` are in the order of the text, with offsets into `text` as it was given.
    """
    folded = fold(text)
    study_type, design = read_study_type(text, folded)
    participants, people = read_participants(text, folded)
    trials, comparisons = read_trials(text, folded)
    identifiers, ids = read_identifiers(text)
    provenance = read_provenance(text, folded)
    # Of research only: a clinic's budget "compared with last year's" is no evidence.
    studied = study_type not in _NO_STUDY or participants is not None or trials is not None
    compared = read_comparison(text, folded) if studied else None
    funding, conflicts = read_funding(text, folded), read_conflicts(text, folded)
    found = (design, people, comparisons, *ids, *provenance.spans, compared, funding, conflicts)
    spans = [span for span in found if span is not None]
    return Evidence(
        study_type=study_type,
        preprint=provenance.preprint,
        peer_reviewed=provenance.peer_reviewed,
        participants=participants,
        trials=trials,
        identifiers=identifiers,
        publisher=provenance.publisher,
        retracted=provenance.retracted,
        comparison=quoted(compared, text),
        funding=quoted(funding, text),
        conflicts=quoted(conflicts, text),
        spans=tuple(sorted(spans, key=lambda span: (span.start, span.end, span.field))),
    )


def evidence_to_json(evidence: Evidence, id: str | None = None) -> dict[str, object]:
    """The one shape in which programs get evidence; `id` leads it when given."""
    shape: dict[str, object] = {} if id is None else {"id": id}
    ids = evidence.identifiers
    return shape | {
        "study_type": evidence.study_type,
        "preprint": evidence.preprint,
        "peer_reviewed": evidence.peer_reviewed,
        "participants": _quantity(evidence.participants),
        "trials": evidence.trials,
        "identifiers": {"doi": ids.doi, "pmid": ids.pmid, "trial": ids.trial, "pmcid": ids.pmcid},
        "publisher": evidence.publisher,
        "retracted": evidence.retracted,
        "comparison": evidence.comparison,
        "funding": evidence.funding,
        "conflicts": evidence.conflicts,
        "spans": [
            {"field": span.field, "start": span.start, "end": span.end, "text": span.text} for span in evidence.spans
        ],
    }


def _quantity(quantity: Quantity | None) -> dict[str, object] | None:
    return None if quantity is None else {"value": quantity.value, "qualifier": quantity.qualifier}
