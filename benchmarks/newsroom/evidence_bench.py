"""How well study types are read from title and abstract, against the indexers' publication types.

    python -m benchmarks.newsroom.evidence_bench MEDLINE.txt [MEDLINE.txt ...] [--errors]

Prints precision, recall and F1 of "randomised trial, yes or no" over all records and over each half (records by the
parity of their PMID), so that a rule that only fits its examples shows; the same for classes that indexers know; and
what the reader answered by what indexers said. Publication types and headings are answers only, never input.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from digest.model import StudyType
from digest.newsroom.medline import Record, parse_medline, record_evidence

Answer = Callable[[Record], bool]

BAR = 0.95
"""F1 of "randomised trial, yes or no" that is wanted."""

ANSWERS: dict[StudyType, Answer] = {
    "randomised trial": lambda record: "Randomized Controlled Trial" in record.publication_types,
    "systematic review": lambda record: (
        "Systematic Review" in record.publication_types
        or ("Review" in record.publication_types and "Cochrane database" in record.journal)
    ),
    "meta-analysis": lambda record: "Meta-Analysis" in record.publication_types,
    "case report": lambda record: "Case Reports" in record.publication_types,
    "guideline": lambda record: bool({"Guideline", "Practice Guideline"} & set(record.publication_types)),
    "cohort": lambda record: (
        _heading(record, "Cohort Studies", "Prospective Studies", "Retrospective Studies", "Follow-Up Studies")
        and "Clinical Trial" not in record.publication_types
    ),
    "case-control": lambda record: _heading(record, "Case-Control Studies"),
    "cross-sectional": lambda record: _heading(record, "Cross-Sectional Studies", "Health Surveys"),
    "animal": lambda record: _heading(record, "Animals") and not _heading(record, "Humans"),
    "in vitro": lambda record: _heading(record, "In Vitro Techniques", "Cells, Cultured", "Cell Line"),
}
"""What indexers call it. Only the first is a bar; headings are loose ("Animals" of a review) and show the direction.
Before 2019 there was no such type as "Systematic Review": Cochrane's are taken for what they are."""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("files", nargs="+", type=Path)
    arguments.add_argument("--errors", action="store_true", help="list the records that were judged wrongly")
    options = arguments.parse_args()
    records = {record.id: record for file in options.files for record in parse_medline(file.read_text("utf-8"))}
    begun = time.perf_counter()
    read = {record.id: record_evidence(record).study_type for record in records.values()}
    spent = time.perf_counter() - begun
    print(f"{len(records)} records, each once; {1000 * spent / len(records):.2f} ms a record\n")
    print(f"{'':<36}{'TP':>5}{'FP':>5}{'FN':>5}{'P':>8}{'R':>8}{'F1':>8}")
    _halves(records.values(), read)
    for study_type, answer in list(ANSWERS.items())[1:]:
        _line(study_type, records.values(), read, study_type, answer)
    _table(records.values(), read)
    if options.errors:
        _errors(records.values(), read)


def _halves(records: Iterable[Record], read: dict[str, StudyType]) -> None:
    answer = ANSWERS["randomised trial"]
    _line(f"randomised trial, all (bar F1 {BAR})", records, read, "randomised trial", answer)
    for parity in (0, 1):
        half = [record for record in records if int(record.id) % 2 == parity]
        _line(f"randomised trial, half {parity + 1}", half, read, "randomised trial", answer)
    told = [record for record in records if record.abstract]
    _line("randomised trial, with an abstract", told, read, "randomised trial", answer)


def _line(
    name: str, records: Iterable[Record], read: dict[str, StudyType], study_type: StudyType, is_it: Answer
) -> None:
    pairs = Counter((read[record.id] == study_type, is_it(record)) for record in records)
    right, wrong, missed = pairs[True, True], pairs[True, False], pairs[False, True]
    precision = right / (right + wrong) if right + wrong else float("nan")
    recall = right / (right + missed) if right + missed else float("nan")
    f1 = 2 * right / (2 * right + wrong + missed) if right + wrong + missed else float("nan")
    print(f"{name:<36}{right:>5}{wrong:>5}{missed:>5}{precision:>8.3f}{recall:>8.3f}{f1:>8.3f}")


def _table(records: Iterable[Record], read: dict[str, StudyType]) -> None:
    print("\nread as              of these, randomised trials by the indexers")
    is_it = ANSWERS["randomised trial"]
    counts = Counter(read[record.id] for record in records)
    randomised = Counter(read[record.id] for record in records if is_it(record))
    for study_type, count in counts.most_common():
        print(f"{study_type:<20}{count:>5}{randomised[study_type]:>5}")


def _errors(records: Iterable[Record], read: dict[str, StudyType]) -> None:
    print("\nrandomised trials missed (-) and taken for one (+)")
    for record in records:
        is_it = ANSWERS["randomised trial"](record)
        if is_it != (read[record.id] == "randomised trial"):
            print(f"{'-' if is_it else '+'} {record.id} {read[record.id]:<18} {record.title[:90]}")


def _heading(record: Record, *names: str) -> bool:
    return any(heading.split("/")[0].lstrip("*") in names for heading in record.headings)


if __name__ == "__main__":
    main()
