"""A story page in our own words, in the shape in which people copy it from a news aggregator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from digest.newsroom.page import parse_page
from digest.newsroom.parsed import Parsed

HEADLINE = "Magnesium Pills Do Little for Night-Time Leg Cramps"
SUMMARY = (
    "A review of 41 trials with over 1,800 adults found no clear benefit of magnesium against leg cramps and "
    "noted more stomach upsets, researchers said."
)
POINTS = (
    "- A new Cochrane review found that magnesium tablets do not reduce leg cramps at night in older adults.",
    "- Researchers from the Harbour Institute , Northmoor University, and Lake Clinic examined 41 trials involving "
    "over 1,800 adults.",
    "- Doctors note `the most common complaints were loose stools, nausea and belly pain`, and many stopped.",
    "- Asking for better studies, the review’s authors hope to tell patients what the tablets can and cannot do.",
)
COUNT = ("9 Articles", "9 Articles")
ARTICLES = (
    "Do magnesium pills help with cramps? A new look says no",
    "A large review of 41 trials casts doubt on magnesium tablets for leg cramps. Many people buy them, yet the "
    "authors found hardly any difference from a dummy pill.",
    "Night cramps: the tablets that do not work, and the stretches that may",
    "Get your weekly dose of health stories with our free newsletter Sunday Pulse. Sign up here. Good morning. What a "
    "lovely weekend that was, with so much sunshine and cake. Off we go.Read the rest…",
    "Leg cramps not eased by magnesium, review finds",
    "Magnesium is no better than placebo at preventing leg cramps, according to a Cochrane review. It was published "
    "on Tuesday.",
)
COVERAGE = (
    "Coverage Details",
    "Bias Distribution",
    "- 100% of the sources are Center",
    "Factuality",
    "To view factuality data please Upgrade to Premium",
)


@dataclass(frozen=True)
class Page:
    """The sample page in its parts; `of` puts parts or lines of one's own together."""

    headline: tuple[str, ...] = (HEADLINE,)
    summary: tuple[str, ...] = (SUMMARY,)
    points: tuple[str, ...] = POINTS
    count: tuple[str, ...] = COUNT
    articles: tuple[str, ...] = ARTICLES
    coverage: tuple[str, ...] = COVERAGE

    @property
    def lines(self) -> tuple[str, ...]:
        return self.of(self.headline, self.summary, self.points, self.count, self.articles, self.coverage)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @staticmethod
    def of(*parts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(line for part in parts for line in part)


@pytest.fixture
def page() -> Page:
    return Page()


@pytest.fixture
def read() -> Callable[..., Parsed]:
    """Read lines as a pasted page."""

    def read_lines(*lines: str) -> Parsed:
        return parse_page("\n".join(lines), "page.txt")

    return read_lines
