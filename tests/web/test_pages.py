"""The readers' pages when the database cannot answer."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

from digest.config import load
from digest.errors import UsageError
from digest.store import open_store
from digest.verbs import people
from digest.verbs.workspace import init
from digest.web.background import serving
from digest.web.pages import make_app
from digest.web.server import serve
from digest.wiring import assemble_parts, new_key_ring
from subscribers.tokens import unsubscribe_token


def test_a_one_click_that_meets_a_long_import_is_asked_to_come_again(tmp_path: Path) -> None:
    init(tmp_path / "w", new_key_ring=new_key_ring, with_story=False)
    with assemble_parts(load(str(tmp_path / "w"), {}), create=True).store as busy:
        parts = assemble_parts(load(str(tmp_path / "w"), {}))
        added = people.add(parts, "ada@example.com", name="", topics=(), proof="test")
        assert added.subscriber
        token = unsubscribe_token(parts.ring, parts.newsletter, added.subscriber.id)
        parts.store.close()
        impatient = open_store(f"sqlite:///{busy.path}", busy_timeout_s=0.05)
        with impatient, serving(make_app(replace(parts, store=impatient)), 0) as port:
            with busy.write():
                meanwhile = _one_click(port, token)
            afterwards = _one_click(port, token)

    assert (meanwhile.status, meanwhile.getheader("Retry-After")) == (503, "60")
    assert meanwhile.getheader("Referrer-Policy") == "no-referrer"
    assert afterwards.status == 200


def _one_click(port: int, token: str) -> HTTPResponse:
    with closing(HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", f"/u/{token}", "List-Unsubscribe=One-Click", form)
        answer = connection.getresponse()
        answer.read()
        return answer


@pytest.mark.parametrize("bind", ["8000", "127.0.0.1", "127.0.0.1:web", "127.0.0.1:99999"])
def test_a_place_to_listen_that_is_none_is_a_mistake_of_usage(tmp_path: Path, bind: str) -> None:
    init(tmp_path / "w", new_key_ring=new_key_ring, with_story=False)
    parts = assemble_parts(load(str(tmp_path / "w"), {}), create=True)

    with parts.store, pytest.raises(UsageError, match="HOST:PORT"):
        serve(parts, bind, send=False, announce=print)
