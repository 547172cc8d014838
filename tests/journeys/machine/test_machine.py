"""An editor lets a machine reword what was gathered: its words are marked, its lies left out, its key is nowhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from tests.gather.hostile import HostileServer, answer
from tests.journeys.stage import Workspace, copy
from tests.verbs.test_writing import PATH, POINTS, SUMMARY, TEXT, said

FEED = """<rss version="2.0"><channel><title>t</title><item><title>Magnesium tablets do little for leg cramps</title>
<link>https://ledger.example/1</link><pubDate>{}</pubDate><description>{}</description></item></channel></rss>"""
KEY = "sk-0123456789abcdef"


def test_a_machines_words_are_printed_where_they_are_true(initialised: Workspace, tmp_path: Path) -> None:
    mine = copy(initialised, tmp_path / "w")
    key = tmp_path / "key"
    key.write_text(KEY)
    key.chmod(0o600)
    mine.env["DIGEST_LLM__API_KEY_FILE"] = str(key)
    yesterday = format_datetime(datetime.now(UTC) - timedelta(days=1))
    with HostileServer() as server, (mine.folder / "digest.toml").open("a") as file:
        server.routes["/feed"] = answer(200, FEED.format(yesterday, TEXT).encode())
        file.write(
            f'[gather]\nallow_hosts = ["127.0.0.1:{server.port}"]\n[llm]\nurl = "{server.url("/v1")}"\nmodel = "m"\n'
            f'[[source]]\nname = "Ledger"\nurl = "{server.url("/feed")}"\n'
        )
        file.flush()
        mine.run("fetch")
        server.routes[PATH] = said(points=[*POINTS[1:], {"text": "Magnesium cures 93% of cramps.", "source": 1}])

        first = mine.run("assemble")
        server.routes[PATH] = said()
        anew = mine.run("story", "rewrite", "magnesium")
        settings = mine.run("config")

    assert "cramps" in first.out
    assert SUMMARY in anew.out
    assert "has words of a machine" in anew.out
    assert str(POINTS[0]["text"]) in anew.out
    assert [asked.headers["authorization"] for asked in server.asked if asked.path == PATH] == [f"Bearer {KEY}"] * 2
    assert KEY not in first.out + first.err + anew.out + settings.out
