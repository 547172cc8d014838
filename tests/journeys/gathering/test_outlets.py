"""An editor takes a rater's table in, sees how its words were understood, and looks an outlet up."""

from __future__ import annotations

from pathlib import Path

from tests.journeys.stage import Workspace, copy

TABLE = """news_source,rating,type
Northern Post,Lean Left ,Newspaper
Harbour Times,CENTRE,Newspaper
Old Gazette,leftish,Newspaper
"""


def test_a_raters_table_is_taken_in(initialised: Workspace, tmp_path: Path) -> None:
    mine = copy(initialised, tmp_path / "w")
    (mine.folder / "table.csv").write_text(TABLE)
    how = ("outlets", "import", mine.folder / "table.csv", "--rater", "Sides", "--date", "2026-06-30")

    trial = mine.run(*how, "--dry-run", code=1)
    real = mine.run(*how, "--json", code=1)

    assert "bias    lean left  left            1" in trial.out
    assert "bias    leftish    not understood  1" in trial.out
    assert "table.csv:4: Old Gazette: bias: 'leftish': not in our table of words; unrated" in trial.err
    assert "columns not read: type" in trial.out
    assert "3 rows (dry run, nothing written): rated 2, unrated 1, duplicates 0, rejected 0" in trial.out
    assert (real.json["added"], real.json["not_understood"][0]["row"]) == (2, 4)
    assert "outlets/sides.csv  center  unrated     Sides" in mine.run("outlets", "show", "harbour times").out
    assert "Northern Post" in mine.run("outlets", "list", "post").out
    assert mine.run("outlets", "list", "--json").json[0]["rater"]
    assert "shown as unrated" in mine.run("outlets", "show", "Old Gazette", code=2).err
    assert "--date soon: not a date" in mine.run(*how[:5], "--date", "soon", code=2).err
