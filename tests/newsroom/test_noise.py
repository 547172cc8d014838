"""Noise is what a publisher says to visitors; news about sign-ups and premiums is not noise."""

from __future__ import annotations

import pytest

from digest.newsroom.noise import clean, only_noise

NOISE = [
    "Sign up here.",
    "Sign up for our newsletter",
    "Get your daily dose of news about medicine every weekday with our free newsletter Pulse.",
    "Subscribe now to get full access",
    "Delivered straight to your inbox every morning.",
    "Stay informed with our daily newsletter",
    "Upgrade to Premium",
    "To view factuality data please upgrade",
    "This article is for subscribers only.",
    "Get Ground News Premium",
    "Read the rest of this story…",
    "Continue reading…",
    "Read more at The Ledger »",
    "The post Cramps appeared first on The Ledger.",
    "Log In",
    "Skip to content",
    "Does this summary seem wrong?",
    "© 2026 The Aggregator",
    "We use cookies to improve your visit",
    "Published 2 days ago by The Ledger",
]
NEWS = [
    "Patients who sign up for the trial will receive ketamine.",
    "Insurance premiums to rise 20%, report says",
    "Get your daily vitamin D from sunlight, doctors say",
    "Sign in the retina may reveal Alzheimer’s",
    "Read more books to slow dementia, study says",
    "First published in 1998, the paper was retracted.",
    "Copyright ruling hits drug makers",
    "Published in The Lancet 3 days ago",
    "Home births are on the rise",
    "Local anaesthetic works as well",
    "Good evening sleep helps",
    "Share of smokers falls",
    "Subscribers to the sick fund pay less",
]


@pytest.mark.parametrize("line", NOISE)
def test_noise_is_known(line: str) -> None:
    assert only_noise(line) is not None


@pytest.mark.parametrize("line", NEWS)
def test_news_is_not_noise(line: str) -> None:
    assert only_noise(line) is None


def test_noise_glued_to_a_sentence_is_cut_off() -> None:
    cleaned = clean("Cramps stay for now.Read the rest…")

    assert cleaned.kept == "Cramps stay for now."
    assert cleaned.left_out == (("Read the rest…", "read-more line left out"),)


def test_a_feeds_ellipsis_in_brackets_becomes_a_plain_one() -> None:
    assert clean("The review was published on Tues [&hellip;]").kept == "The review was published on Tues…"


def test_a_text_without_noise_stays_to_the_letter() -> None:
    text = "It fell by 3.5 per cent vs. placebo.  “Good,” said Dr. J. Smith of the U.S. agency."

    assert clean(text).kept == text
