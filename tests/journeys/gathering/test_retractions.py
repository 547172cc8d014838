"""An editor brings the list of retracted papers, looks into it, and is told about a story that rests on one."""

from __future__ import annotations

from pathlib import Path

from tests.journeys.stage import Workspace, copy

LIST = (
    "Record ID,Title,RetractionDate,OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature,Reason\n"
    "1,Evening light,5/1/2026 0:00,10.1234/sleep.1,0,Retraction,+Unreliable Data;\n"
    "2,Morning light,5/2/2026 0:00,unavailable,0,Retraction,\n"
    "3,Noon light,5/3/2026 0:00,10.1234/noon,0,Perhaps,\n"
)


def test_the_list_is_brought_and_looked_into(initialised: Workspace, tmp_path: Path) -> None:
    mine = copy(initialised, tmp_path / "w")
    (mine.folder / "list.csv").write_text(LIST)

    empty = mine.run("retractions", "stats")
    trial = mine.run("retractions", "import", mine.folder / "list.csv", "--dry-run", code=1)
    real = mine.run("retractions", "import", mine.folder / "list.csv", "--json", code=1)
    stats = mine.run("retractions", "stats")

    assert "No record yet" in empty.out
    assert (
        "3 rows (dry run, nothing written): added 1, changed 0, unchanged 0, duplicates 0, nameless 1, rejected 1"
        in trial.out
    )
    assert "list.csv:4: RetractionNature: 'Perhaps': one of Retraction," in trial.err
    assert (real.json["added"], real.json["nameless"], real.json["errors"][0]["row"]) == (1, 1, 4)
    assert "newest of 2026-05-01, imported" in stats.out
    assert "10.1234/sleep.1" in mine.run("retractions", "list", "doi:10.1234/SLEEP.1").out
    assert mine.run("retractions", "list", "nothing").out == "No record for nothing.\n"
    assert mine.run("retractions", "list", "--json").json[0]["reason"] == "Unreliable Data"
    assert mine.run("retractions", "import", mine.folder / "none.csv", code=2).err.startswith("error: ")
