"""The preview over HTTP, as a browser on this machine talks to it, and as strangers try to."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import httpx
import pytest

from digest.model import EditionState
from digest.store import editions
from digest.verbs import due
from digest.web.preview import serve_preview
from digest.web.previewdesk import Desk
from tests.web.conftest import FRIDAY, Newsletter

COMMAND = Path(sys.executable).with_name("digest")
SLOT = "2026-11-23"


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=30, trust_env=False) as client:
        yield client


def heading(page: str) -> str:
    """What stands above everything: which edition, its label, how it stands."""
    return page.partition('<header id="top">')[2].partition("</header>")[0]


# ── who may look ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "evil.example:80", "", "[::1]:8000"])
def test_a_request_that_names_another_host_is_refused(newsletter: Newsletter, client: httpx.Client, host: str) -> None:
    with newsletter.preview() as url:
        answer = client.get(url, headers={"Host": host})

    assert answer.status_code in (400, 403)
    assert "Digest" not in answer.text


def test_both_names_of_this_machine_are_good(newsletter: Newsletter, client: httpx.Client) -> None:
    with newsletter.preview() as url:
        port = httpx.URL(url).port
        assert client.get(url, headers={"Host": f"localhost:{port}"}).status_code == 200
        assert client.get(url, headers={"Host": f"127.0.0.1:{port}"}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/", "/frame", "/wrong/", "/wrong/frame", "/wrong/changes", "/wrong/asset/preview.js"]
)
def test_without_the_secret_path_there_is_nothing_to_see(
    newsletter: Newsletter, client: httpx.Client, path: str
) -> None:
    newsletter.story("one", "Only for editors")
    with newsletter.preview() as url:
        answer = client.get(httpx.URL(url).copy_with(path=path))

    assert answer.status_code == 404
    assert "editors" not in answer.text


def test_every_preview_has_a_secret_of_its_own(newsletter: Newsletter) -> None:
    with newsletter.preview() as first, newsletter.preview() as second:
        assert len(httpx.URL(first).path) > 20
        assert httpx.URL(first).path != httpx.URL(second).path


def test_nothing_can_be_changed_through_it(newsletter: Newsletter, client: httpx.Client) -> None:
    with newsletter.preview() as url:
        for path in ("", "frame", "changes", "file/edition.html"):
            assert client.post(url + path).status_code == 405


def test_the_email_is_framed_without_scripts(newsletter: Newsletter, client: httpx.Client) -> None:
    newsletter.story("one", "<script>alert(1)</script> & more", body="<script>alert(2)</script>")
    with newsletter.preview() as url:
        page, frame = client.get(url), client.get(f"{url}frame")

    for rules in (frame.headers["Content-Security-Policy"], page.text.partition("sandbox=")[2][:90]):
        assert "allow-same-origin" in rules
        assert "allow-scripts" not in rules
    assert "default-src 'none'" in frame.headers["Content-Security-Policy"]
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "<script>alert" not in page.text + frame.text
    assert {answer.headers["Referrer-Policy"] for answer in (page, frame)} == {"no-referrer"}


# ── what it says ─────────────────────────────────────────────────────────────────────────────────


def test_before_anything_is_assembled_it_shows_the_next_slot_as_a_draft(
    newsletter: Newsletter, client: httpx.Client
) -> None:
    newsletter.story("one", "Tea and sleep")
    with newsletter.preview() as url:
        page = client.get(url).text

    assert 'badge draft">draft<' in heading(page)
    assert f"weekly-{SLOT}" in heading(page)
    assert "not assembled yet" in heading(page)
    assert "Tea and sleep" in page
    assert due.listing(newsletter.parts, 5) == []


def test_a_later_planned_day_can_be_named(newsletter: Newsletter, client: httpx.Client) -> None:
    newsletter.story("one", "Tea and sleep")
    newsletter.assembled()
    with newsletter.preview("2026-11-30") as url:
        head = heading(client.get(url).text)

    assert "weekly-2026-11-30" in head
    assert "not assembled yet" in head


def test_an_empty_week_can_be_looked_at(newsletter: Newsletter, client: httpx.Client) -> None:
    with newsletter.preview() as url:
        assert 'badge draft">draft<' in heading(client.get(url).text)


def test_the_label_follows_an_edition_from_sealed_to_approved_to_changed(
    newsletter: Newsletter, client: httpx.Client
) -> None:
    newsletter.story("one", "Tea and sleep")
    row = newsletter.assembled()
    assert row.hash
    with newsletter.preview() as url:
        sealed = heading(client.get(url).text)
        newsletter.approved()
        approved = heading(client.get(url).text)
        newsletter.story("one", "Coffee and sleep")
        changed = client.get(url).text

    assert 'badge sealed">sealed<' in sealed
    assert row.hash in sealed
    assert 'badge approved">approved<' in approved
    assert "by Ada" in approved
    assert row.hash in approved
    assert 'badge draft">draft<' in heading(changed)
    assert "differs from what is approved" in heading(changed)
    assert row.hash not in heading(changed)
    after = due.find(newsletter.parts, row.edition.id)
    assert (after.hash, after.state) == (row.hash, EditionState.APPROVED), "looking seals nothing and voids nothing"


def test_it_tells_which_words_differ_from_what_is_sealed(newsletter: Newsletter, client: httpx.Client) -> None:
    newsletter.story("one", "Tea and sleep")
    newsletter.assembled()
    newsletter.story("one", "Coffee and sleep")
    with newsletter.preview() as url:
        page = client.get(url, params={"view": "changes"}).text

    assert "differs from what is sealed" in heading(page)
    assert "<del>Tea</del><ins>Coffee</ins> and sleep" in page


def test_what_was_sent_is_shown_as_it_was_sent(newsletter: Newsletter, client: httpx.Client) -> None:
    newsletter.story("one", "Tea and sleep")
    row = newsletter.approved()
    with newsletter.parts.store.write() as db:
        from digest.store import ledger

        ledger.freeze_audience(db, row.edition.id, "weekly", FRIDAY)
        editions.set_state(db, row.edition.id, list(EditionState), EditionState.SENT, FRIDAY, "all sent")
    newsletter.story("one", "Coffee and sleep")
    with newsletter.preview(row.edition.id) as url:
        page = client.get(url).text

    assert 'badge sent">sent<' in heading(page)
    assert row.hash is not None
    assert row.hash in heading(page)
    assert "Coffee" not in page


def test_the_inbox_line_the_checks_and_the_bytes_stand_beside_it(newsletter: Newsletter, client: httpx.Client) -> None:
    newsletter.story("one", "Tea and sleep")
    newsletter.story("two", "Salt and hearts")
    newsletter.story("old", "Old news", day="2026-10-01")
    with newsletter.preview() as url:
        page = client.get(url).text

    inbox = page.partition('id="inbox"')[2].partition("</section>")[0]
    assert "Health Digest" in inbox
    assert "A sample summary of what was found." in inbox
    assert "key-point-source" in page
    assert "write {text: …, source: 1}" in page
    assert page.count('<progress max="') == 2
    assert "an older week" in page


def test_a_story_under_embargo_is_shown_and_can_be_left_out(newsletter: Newsletter, client: httpx.Client) -> None:
    newsletter.story("one", "Tea and sleep")
    secret = newsletter.story("two", "Not before noon")
    secret.write_text(secret.read_text().replace("summary:", "not_before: 2026-11-22T12:00:00+00:00\nsummary:"))
    row = newsletter.assembled()
    assert row.hash
    with newsletter.preview() as url:
        shown, without = client.get(url).text, client.get(url, params={"embargo": "off"}).text

    assert "Not before noon" in shown
    assert "Under embargo</a>" not in shown
    assert "(1)" in shown
    assert 'badge sealed">sealed<' in heading(without)
    assert row.hash in heading(without)


# ── all its forms ────────────────────────────────────────────────────────────────────────────────


def test_the_frame_decides_the_colour_scheme(newsletter: Newsletter, client: httpx.Client) -> None:
    newsletter.story("one", "Tea and sleep")
    with newsletter.preview() as url:
        light, dark, turned = (client.get(f"{url}frame?scheme={name}").text for name in ("light", "dark", "inverted"))

    assert "prefers-color-scheme" not in light + dark + turned
    assert "only light" in light
    assert "only dark" in dark
    assert "invert(1)" in turned
    assert "invert(1)" not in light + dark


def test_images_can_be_off(newsletter: Newsletter, client: httpx.Client) -> None:
    with newsletter.preview() as url:
        on, off = (
            client.get(f"{url}frame?images={state}").headers["Content-Security-Policy"] for state in ("on", "off")
        )

    assert "img-src https:" in on
    assert "img-src 'none'" in off


@pytest.mark.parametrize(
    ("view", "wanted"),
    [
        ("text", "Tea and sleep"),
        ("html", "&lt;!doctype html&gt;"),
        ("mjml", "&lt;mj-body"),
        ("headers", "List-Unsubscribe=One-Click"),
        ("raw", "Content-Transfer-Encoding: quoted-printable"),
    ],
)
def test_every_form_of_it_can_be_read(newsletter: Newsletter, client: httpx.Client, view: str, wanted: str) -> None:
    newsletter.story("one", "Tea and sleep")
    with newsletter.preview() as url:
        page = client.get(url, params={"view": view}).text

    assert wanted in page.partition('id="stage"')[2].partition('id="aside"')[0]


def test_a_named_reader_stands_in_the_mail(newsletter: Newsletter, client: httpx.Client) -> None:
    with newsletter.preview() as url:
        mail = message_from_bytes(client.get(f"{url}file/edition.eml?reader=rtl").content, policy=policy.default)

    assert "ليلى" in mail["To"]


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        ("long-words", "Donaudampfschifffahrtselektrizitäten"),
        ("right-to-left", 'dir="rtl"'),
        ("one-story", "Tea and sleep"),
        ("forty-stories", "Tea and sleep · 40"),
        ("missing-fields", "A story with a summary and a title without a link"),
        ("empty-week", "Health Digest"),
    ],
)
def test_invented_data_is_shown_and_labelled(
    newsletter: Newsletter, client: httpx.Client, data: str, wanted: str
) -> None:
    newsletter.story("one", "Tea and sleep")
    with newsletter.preview() as url:
        page, frame = client.get(url, params={"data": data}).text, client.get(f"{url}frame?data={data}").text

    assert "stress data" in heading(page)
    assert wanted in frame


def test_what_an_address_says_wrongly_is_as_usual(newsletter: Newsletter, client: httpx.Client) -> None:
    newsletter.story("one", "Tea and sleep")
    wrong = {"view": "../etc", "scheme": "<x>", "reader": "nobody", "data": "none", "width": "9e9", "line": "-1"}
    with newsletter.preview() as url:
        answer = client.get(url, params=wrong)

    assert answer.status_code == 200
    assert "<x>" not in answer.text
    assert "Tea and sleep" in answer.text


def test_an_edition_that_is_not_there_is_said_so(newsletter: Newsletter, client: httpx.Client) -> None:
    with newsletter.preview() as url:
        answer = client.get(url, params={"edition": "weekly-1999-01-01"})

    assert answer.status_code == 200
    assert "weekly-1999-01-01: no such edition" in answer.text


# ── following ────────────────────────────────────────────────────────────────────────────────────


def stamp_after(client: httpx.Client, url: str, change: threading.Thread) -> tuple[str, str, float]:
    """The stamp before, the one that a waiting browser is told after `change` has begun, and how long it waited."""
    before = client.get(f"{url}changes").json()["stamp"]
    change.start()
    began = time.monotonic()
    after = client.get(f"{url}changes", params={"since": before}).json()["stamp"]
    change.join()
    return before, after, time.monotonic() - began


@pytest.mark.parametrize("name", ["stories/one.md", "templates/weekly/x.mjml.j2", "outlets.toml", "digest.toml"])
def test_a_waiting_browser_hears_of_a_changed_file(newsletter: Newsletter, client: httpx.Client, name: str) -> None:
    path = newsletter.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = path.read_text() if path.exists() else ""
    with newsletter.preview() as url:
        before, after, waited_s = stamp_after(
            client, url, threading.Thread(target=lambda: path.write_text(text + "# changed\n"))
        )

    assert before != after
    assert waited_s < 4, "it heard of the change, it did not wait to the end"


def test_a_waiting_browser_hears_of_an_approval(newsletter: Newsletter, client: httpx.Client) -> None:
    newsletter.story("one", "Tea and sleep")
    newsletter.assembled()
    with newsletter.preview() as url:
        before, after, _ = stamp_after(client, url, threading.Thread(target=newsletter.approved))

    assert before != after


class Watched(Desk):
    """A desk that tells when somebody waits at it: only they ask for the stamp of the files alone."""

    waited_at = threading.Event()

    def stamp(self) -> str:
        return "unchanged"

    def files_stamp(self) -> str:
        self.waited_at.set()
        return "unchanged"


def test_stopping_does_not_wait_for_those_who_wait(newsletter: Newsletter, client: httpx.Client) -> None:
    desk = newsletter.desk(kind=Watched)
    with serve_preview(desk, 0) as url:
        waiting = threading.Thread(target=lambda: client.get(f"{url}changes", params={"since": "unchanged"}))
        waiting.start()
        assert Watched.waited_at.wait(30)
        began = time.monotonic()
    waiting.join()

    assert time.monotonic() - began < 3


# ── faults ───────────────────────────────────────────────────────────────────────────────────────


def test_a_fault_in_a_template_is_a_page_with_file_and_line_until_it_is_mended(
    newsletter: Newsletter, client: httpx.Client
) -> None:
    newsletter.story("one", "Tea and sleep")
    template = newsletter.folder / "templates" / "weekly" / "weekly.txt.j2"
    template.parent.mkdir(parents=True)
    with newsletter.preview() as url:
        template.write_text("first line\n{{ edition.subject }\n")
        broken = client.get(url)
        template.unlink()
        mended = client.get(url).text

    assert broken.status_code == 200
    fault = broken.text.partition('class="fault"')[2].partition("</section>")[0]
    assert "templates/weekly/weekly.txt.j2" in fault
    assert "line 2" in fault
    assert "{{ edition.subject }" in fault, "the line itself is shown"
    assert 'class="fault"' not in mended
    assert "Tea and sleep" in mended


def test_a_fault_in_mjml_names_the_template_line(newsletter: Newsletter, client: httpx.Client) -> None:
    from digest.render.themes import shipped_templates

    text = (shipped_templates() / "weekly" / "weekly.mjml.j2").read_text()
    template = newsletter.folder / "templates" / "weekly" / "weekly.mjml.j2"
    template.parent.mkdir(parents=True)
    template.write_text(text.replace("</mj-wrapper>", "</mj-wraper>"))
    line = next(n for n, line in enumerate(template.read_text().splitlines(), 1) if "</mj-wraper>" in line)
    with newsletter.preview() as url:
        page = client.get(url).text

    fault = page.partition('class="fault"')[2].partition("</section>")[0]
    assert "templates/weekly/weekly.mjml.j2" in fault
    assert "&lt;/mj-wraper&gt;" in fault
    assert f"<i>{line}</i>" in fault


def test_a_fault_in_a_story_is_told_with_its_line_beside_the_others(
    newsletter: Newsletter, client: httpx.Client
) -> None:
    newsletter.story("one", "Tea and sleep")
    broken = newsletter.story("two", "Salt and hearts")
    broken.write_text(broken.read_text().replace("summary:", "sumary:"))
    with newsletter.preview() as url:
        page = client.get(url).text
        newsletter.story("two", "Salt and hearts")
        mended = client.get(url).text

    fault = page.partition('class="fault"')[2].partition("</section>")[0]
    assert "stories/two.md" in fault
    assert "line 3" in fault
    assert "Tea and sleep" in page
    assert 'class="fault"' not in mended
    assert "Salt and hearts" in mended


def test_a_fault_in_the_settings_leaves_the_last_good_ones(newsletter: Newsletter, client: httpx.Client) -> None:
    newsletter.story("one", "Tea and sleep")
    settings = newsletter.folder / "digest.toml"
    good = settings.read_text()
    with newsletter.preview() as url:
        client.get(url)
        settings.write_text(good.replace('name = "Health Digest"', 'nam = "X"'))
        broken = client.get(url).text
        settings.write_text(good.replace('name = "Health Digest"', 'name = "Another Name"'))
        mended = client.get(url).text

    assert "did you mean" in broken.partition('class="fault"')[2]
    assert "Tea and sleep" in broken
    assert "Another Name" in heading(mended)
    assert 'class="fault"' not in mended


# ── the command ──────────────────────────────────────────────────────────────────────────────────


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([COMMAND, *words], cwd=folder, capture_output=True, text=True, timeout=60)


@pytest.mark.slow
def test_out_writes_the_four_files(newsletter: Newsletter, tmp_path: Path) -> None:
    story = newsletter.story("one", "Tea and sleep")
    story.write_text(story.read_text().replace("date: 2026-11-18\n", ""))  # it is as new as the command's own clock

    done = run(newsletter.folder, "preview", "--out", str(tmp_path / "out"))

    assert done.returncode == 0, done.stderr
    files = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert set(files) == {"edition.html", "edition.txt", "edition.mjml", "edition.eml"}
    mail = message_from_bytes(files["edition.eml"], policy=policy.default)
    assert mail["X-Digest-Edition-Hash"].startswith("sha256:")
    part = mail.get_body(("html",))
    assert part is not None
    assert part.get_content().split() == files["edition.html"].decode().split()
    assert all(b"Tea and sleep" in data for data in files.values())


@pytest.mark.slow
def test_an_unknown_edition_is_an_error_of_one_line(newsletter: Newsletter, tmp_path: Path) -> None:
    done = run(newsletter.folder, "preview", "weekly-1999-01-01", "--out", str(tmp_path / "out"))

    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "no such edition" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_control_c_stops_it_cleanly_while_a_browser_waits(newsletter: Newsletter, client: httpx.Client) -> None:
    serving = subprocess.Popen(
        [COMMAND, "preview"], cwd=newsletter.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with serving:
        assert serving.stdout is not None
        url = serving.stdout.readline().split()[-1]
        stamp = client.get(f"{url}changes").json()["stamp"]
        at = httpx.URL(url)
        with socket.create_connection((at.host, at.port or 0)) as waiting:
            request = f"GET {at.path}changes?since={stamp} HTTP/1.1\r\nHost: {at.host}\r\n\r\n"
            waiting.sendall(request.encode())
            serving.send_signal(signal.SIGINT)
            _, errors = serving.communicate(timeout=30)

    assert serving.returncode == 0
    assert errors == ""
