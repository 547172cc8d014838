"""Exit codes: what a run has to tell, as one number that cron and scripts understand."""

from __future__ import annotations

import pytest

from digest.model import Totals
from digest.verbs.report import Run, exit_code

ALL_SENT = Totals(candidates=9, planned=9, sent=9)
SOME_FAILED = Totals(candidates=9, planned=9, sent=7, failed=2)
SOME_DEFERRED = Totals(candidates=9, planned=9, sent=6, failed=2, deferred=1)
SOME_UNCERTAIN = Totals(candidates=9, planned=9, sent=5, failed=2, deferred=1, uncertain=1)
ROWS_LEFT = Totals(candidates=9, planned=9, sent=5, pending=4)


@pytest.mark.parametrize(
    ("run", "code"),
    [
        (Run(edition="e", what="sent", totals=ALL_SENT), 0),
        (Run(edition="e", what="sent", totals=SOME_FAILED), 3),
        (Run(edition="e", what="resumable", totals=SOME_DEFERRED), 75),
        (Run(edition="e", what="resumable", totals=SOME_UNCERTAIN), 4),
        (Run(edition="e", what="resumable", totals=ROWS_LEFT, interrupted=True), 130),
        (Run(edition="e", what="sent", totals=ALL_SENT, interrupted=True), 0),
        (Run(edition="e", what="elsewhere", totals=ROWS_LEFT), 0),
        (Run(edition="e", what="refused", totals=ROWS_LEFT), 75),
        (Run(edition="e", what="refused", totals=ROWS_LEFT, lasting=True), 1),
        (Run(edition="e", what="held"), 4),
        (Run(edition="e", what="missed"), 4),
        (Run(edition="e", what="paused", totals=ROWS_LEFT), 4),
        (Run(edition="e", what="empty"), 0),
        (Run(edition="e", what="cancelled", totals=SOME_FAILED), 3),
    ],
)
def test_the_exit_code_of_one_run(run: Run, code: int) -> None:
    assert exit_code([run]) == code


@pytest.mark.parametrize("totals", [ALL_SENT, SOME_FAILED, SOME_DEFERRED, SOME_UNCERTAIN, ROWS_LEFT])
def test_a_dry_run_has_done_nothing_that_could_have_failed(totals: Totals) -> None:
    assert exit_code([Run(edition="e", what="planned", totals=totals)]) == 0


def test_of_several_editions_the_strongest_code_wins() -> None:
    sent, failed = Run(edition="a", what="sent", totals=ALL_SENT), Run(edition="b", what="sent", totals=SOME_FAILED)
    deferred, held = Run(edition="c", what="resumable", totals=SOME_DEFERRED), Run(edition="d", what="held")

    assert exit_code([]) == 0
    assert exit_code([sent, failed]) == 3
    assert exit_code([sent, deferred, failed]) == 75
    assert exit_code([failed, held, deferred]) == 4
