"""Who paid and who has something to gain: quoted where a text says it of a study, and left open in doubt."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.newsroom.evidence import read_evidence
from digest.newsroom.statements import LONGEST


@pytest.mark.parametrize(
    ("text", "funding"),
    [
        ("The study was funded by the Harbour Trust and the U.S. Fund for Sleep. It ran a year.",
         "the Harbour Trust and the U.S. Fund for Sleep"),
        ("The trial, funded by Nordkit A/S, found that weight fell.", "Nordkit A/S"),
        ("Research funded in part by Nordkit Inc. and published on Monday helps.", "Nordkit Inc."),
        ("It was supported by grants from the Northern Research Council (2019-01234).",
         "grants from the Northern Research Council (2019-01234)"),
        ("The trial was funded by Nordkit which sells the patch.", "Nordkit"),
        ("Money for the study came from the Gull Foundation, which had no say.", "the Gull Foundation"),
        ("Findings.\nFunding: Gull Foundation; Harbour Trust.\nMore.", "Gull Foundation; Harbour Trust."),
        ("The study received no external funding, its authors said.", "no external funding"),
        ("Primary funding source: None.", "None."),
        ("The study was not funded by industry.", None),
        ("The clinic is funded by the health service.", None),
        ("The claim is supported by evidence from the council.", None),
        ("The hospital has had no external funding since May.", None),
        ("A trial should be funded by the state.", None),
    ],
)  # fmt: skip
def test_who_paid_is_quoted_where_a_text_says_it_of_a_study(text: str, funding: str | None) -> None:
    assert read_evidence(text).funding == funding


@pytest.mark.parametrize(
    ("text", "conflicts"),
    [
        ("The end.\nCompeting interests: None declared.\nMore.", "None declared."),
        ("The authors declared no competing interests.", "The authors declared no competing interests."),
        ("Naps help. Dr. Lee reported consulting fees from Nordkit. Others reported none.",
         "Dr. Lee reported consulting fees from Nordkit."),
        ("Several of the authors reported financial ties to makers of the drug.",
         "Several of the authors reported financial ties to makers of the drug."),
        ("The minister has a conflict of interest over the hospital deal.", None),
        ("The firm holds shares in a brewery.", None),
        ("The authors looked at 67 trials.", None),
    ],
)  # fmt: skip
def test_what_authors_have_to_gain_is_quoted_whole(text: str, conflicts: str | None) -> None:
    assert read_evidence(text).conflicts == conflicts


def test_a_long_statement_is_cut_after_a_sentence_or_marked_where_it_is_cut() -> None:
    sentences = "Competing interests: " + "A. Able reports fees from Nordkit. " * 30
    unbroken = "Competing interests: " + "fees from Nordkit and " * 50

    whole, cut = read_evidence(sentences).conflicts, read_evidence(unbroken).conflicts

    assert whole is not None
    assert whole.endswith("fees from Nordkit.")
    assert cut is not None
    assert cut.endswith(" …")
    assert max(len(whole), len(cut)) <= LONGEST + 2


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["The study was ", "funded by ", "the 2nd Fund of 1,200 ", "Dr. A ", "has fees from B. ", "\n", "\u202f",
             "Competing interests: ", "no external funding", "; ", "“", "compared with placebo, "]
        ),
        max_size=14,
    ).map("".join)
)  # fmt: skip
def test_no_word_and_no_number_of_an_extract_is_altered(text: str) -> None:
    evidence = read_evidence(text)

    plain = " ".join(text.split())
    for said in (evidence.funding, evidence.conflicts, evidence.comparison):
        assert said is None or said.removesuffix(" …") in plain


@pytest.mark.parametrize(
    "seed",
    ["funded by ", "study funded by a ", "a trial, ", "competing interests: ", "Dr. A. ", "grants from ", "study "],
)
def test_a_hostile_megabyte_is_read_within_a_second(seed: str) -> None:
    text = seed * (1_000_000 // len(seed))

    begun = time.process_time()
    read_evidence(text)

    assert time.process_time() - begun < 1
