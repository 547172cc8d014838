"""Outcomes that wait to be settled: after some nobody else sets out before the desk has been heard."""

from __future__ import annotations

import pytest

from digest.deliver.desk import Job
from digest.deliver.pile import Pile
from digest.model import Claim, Outcome, Phase

JOB = Job(Claim("weekly", 1, "ada@example.com", "Ada", 1, 1, None), "news@example.com", "ada@example.com", b"")
TAKEN = Outcome(phase=Phase.DOT, code=250)
REFUSED = Outcome(phase=Phase.RCPT, code=550)
SILENT = Outcome(phase=Phase.DOT)


@pytest.mark.parametrize(("outcome", "most"), [(REFUSED, 20), (SILENT, 5)])
def test_many_refusals_and_some_silences_hold_up_the_others_until_they_are_settled(outcome: Outcome, most: int) -> None:
    pile = Pile()

    heights = [(pile.add(JOB, outcome, 1.0), pile.is_high) for _ in range(most)]
    batch = pile.take()
    while_judged = pile.is_high
    pile.settled(batch, 2.0)

    assert heights == [(True, False), *[(False, False)] * (most - 2), (True, True)]
    assert while_judged
    assert not pile.is_high


def test_what_was_taken_holds_up_nobody() -> None:
    pile = Pile()

    heights = [pile.add(JOB, TAKEN, 1.0) for _ in range(100)]

    assert heights == [True, *[False] * 99]
    assert not pile.is_high
