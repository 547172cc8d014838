"""The rulers of the newsroom: they measure what they say, on cases that can be worked out by hand."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from benchmarks.newsroom import run
from benchmarks.newsroom.fitting import chance, fit
from benchmarks.newsroom.measures import b_cubed, judged_f1, pair_f1


def test_b_cubed_is_the_mean_over_items_of_how_pure_and_how_whole_their_groups_are() -> None:
    truth, found = ["a", "a", "a", "b"], [1, 1, 2, 2]

    precision, recall = (1 + 1 + 0.5 + 0.5) / 4, (2 / 3 + 2 / 3 + 1 / 3 + 1) / 4

    assert b_cubed(truth, found) == pytest.approx(2 * precision * recall / (precision + recall))
    assert b_cubed(truth, ["x", "x", "x", "y"]) == 1


def test_pair_f1_counts_pairs_of_one_story() -> None:
    assert pair_f1(["a", "a", "a", "b"], [1, 1, 2, 2]) == pytest.approx(2 * 1 / (3 + 2))
    assert pair_f1(["a", "b"], [1, 2]) == 1


def test_judged_f1_looks_at_judged_pairs_only() -> None:
    judged = (("a", "b", True), ("a", "c", True), ("b", "d", False))

    assert judged_f1(judged, {"a": 1, "b": 1, "c": 2, "d": 1}) == pytest.approx(2 * 1 / (2 + 1 + 1))


def test_fitting_finds_the_log_odds_that_rows_were_counted_by() -> None:
    rows = [
        ((float(one), 5.0 * other), same, 1e6 * (found if same else 1 - found))
        for one in (0, 1)
        for other in (0, 1)
        for found in (chance(-2 + 3 * one - 1.0 * other),)
        for same in (True, False)
    ]

    weights, bias = fit(rows)

    assert weights == pytest.approx([3, -0.2], rel=0.01)
    assert bias == pytest.approx(-2, rel=0.01)
    assert chance(bias) == pytest.approx(1 / (1 + math.exp(2)), rel=0.01)


def test_the_bench_says_which_data_it_wants(tmp_path: Path) -> None:
    (tmp_path / "studies").mkdir()
    (tmp_path / "studies" / "medline.txt").write_text("")

    assert run.refused(str(tmp_path), ["evidence"]) is None
    assert "feeds wanted in it; run make bench-newsroom DATA=" in (run.refused(str(tmp_path), ["gathering"]) or "")
    assert "DATA: not given" in (run.refused("", []) or "")
    assert "no such part; there are grouping" in (run.refused(str(tmp_path), ["groping"]) or "")
