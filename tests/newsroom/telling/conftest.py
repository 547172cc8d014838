"""Articles in our own words about one invented review, as several outlets might tell it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from digest.model import Identifiers
from digest.newsroom.telling import Piece

AGENCY_TEXT = (
    "Magnesium tablets do little against leg cramps at night, a review of 41 trials has found. The work pooled data "
    "from over 1,800 adults. The authors saw no clear difference from a dummy pill after four weeks of treatment. "
    "Loose stools were more common in those who took the mineral. “People spend a lot of money on these tablets and "
    "get very little for it,” said Ada Lorn, a pharmacist at Northmoor University."
)


def make(title: str, text: str = "", day: int = 18, **more: Any) -> Piece:
    usual: dict[str, Any] = {"published": datetime(2026, 11, day, 9, tzinfo=UTC), "key": title}
    return Piece(title=title, text=text, **(usual | more))


@pytest.fixture
def piece() -> Callable[..., Piece]:
    return make


@pytest.fixture
def week() -> list[Piece]:
    return [
        make(
            "Magnesium Pills Do Little for Night-Time Leg Cramps",
            "A review of 41 trials found no clear benefit of magnesium against leg cramps at night.\n"
            "Dr. Ada Lorn, who led the work, said the team had looked at every trial since 1990. Most of the trials "
            "were small, and 12 of 41 were paid for by makers of the tablets. It is not the first such result. "
            "Some 3.5% of adults buy the mineral each month, according to a survey by the Harbour Institute.\n"
            "Sign up for our free newsletter. Read more on our site.",
            outlet="Sample Post",
        ),
        make(
            "Cramps at night: magnesium does not help, review says",
            "LONDON (Reuters) - " + AGENCY_TEXT,
            17,
            outlet="Reuters",
        ),
        make("Magnesium no better than dummy pill for cramps", AGENCY_TEXT, 18, outlet="Daily Copy"),
        make("Magnesium no help with cramps", AGENCY_TEXT[:330], 19, outlet="Evening Copy"),
        make(
            "Oral magnesium for nocturnal leg cramps: a systematic review",
            "BACKGROUND: Leg cramps at night are common in older adults. OBJECTIVES: To assess magnesium for cramps. "
            "METHODS: We searched three databases and included 41 randomised trials with 1,843 participants. "
            "RESULTS: Cramps per week fell by 0.2 in both arms. Diarrhoea occurred in 11 of 100 people with magnesium "
            "and in 6 of 100 with placebo. CONCLUSIONS: Magnesium is unlikely to prevent cramps in older adults. "
            "Evidence in pregnancy is conflicting.",
            16,
            outlet="Journal of Samples",
            journal=True,
            identifiers=Identifiers(doi="10.5555/cramps.41"),
        ),
    ]
