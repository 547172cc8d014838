"""Story files from somebody who means harm: a clear error, or harmless text in the mail."""

from __future__ import annotations

import email
import re
from email import policy
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.journeys.stage import Workspace
from tests.smtpd import SmtpServer

POISONED = r"""---
headline: "Salt <script>alert(1)</script> <mj-raw> =?UTF-8?Q?=0A?=Bcc: injected@example.com"
summary: "<img src=x onerror=alert(2)> <mj-include path='/etc/passwd'/>"
key_points:
  - "</mj-text></mj-section><mj-raw><script>alert(3)</script></mj-raw>"
  - "&lt;script&gt;alert(4)&lt;/script&gt; ]]> <!-- <![CDATA["
  - "A quotation \" and an end '><b onmouseover=alert(4)>"
articles:
  - {outlet: "</a><script>alert(5)</script>", title: "</mj-text><mj-text>more", excerpt: "<script>alert(6)</script>"}
  - {outlet: "Ledger", title: "odd", url: "https://ledger.example/a?b=1&c='onload='alert(8)'"}
  - {outlet: "Ledger", title: "plain and good", url: "https://ledger.example/plain"}
---
Body <script>alert(9)</script> [x](javascript:alert(10)) <iframe src="https://evil.example"></iframe>
![](x" onerror="alert(11))

<style>body{display:none}</style>
<a href="https://good.example" style="position:fixed" onclick="alert(12)">here</a>
"""
HEADERS = {
    "Received", "DKIM-Signature", "From", "Reply-To", "To", "Subject", "Date", "Message-ID", "MIME-Version",
    "Content-Type", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Archive", "Feedback-ID",
    "X-Digest-Edition-Hash", "Auto-Submitted", "Precedence", "List-Help", "List-Owner", "Content-Language",
}  # fmt: skip


class Elements(HTMLParser):
    """Every element and link of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action", "background")]


@pytest.mark.slow
def test_a_poisoned_story_arrives_as_harmless_text(workspace: Workspace, relay: SmtpServer) -> None:
    workspace.readers(1)
    for file in (workspace.folder / "stories").iterdir():
        file.unlink()
    (workspace.folder / "poisoned.md").write_text(POISONED)

    workspace.run("story", "add", "poisoned.md")
    edition = workspace.run("assemble", "--json").json["edition"]
    workspace.run("approve", edition)
    workspace.run("send", edition)

    (kept,) = relay.accepted
    mail = email.message_from_bytes(kept.data, policy=policy.default)
    assert set(mail.keys()) <= HEADERS
    assert len(mail.keys()) == len(set(mail.keys()))
    assert "injected@example.com" not in str(mail["To"])
    assert mail["Subject"].startswith("Salt <script>alert(1)</script> <mj-raw>")
    html, text = _content(mail, "html"), _content(mail, "plain")
    found = Elements(html)
    assert not found.tags & {"script", "iframe", "form", "object", "embed", "input", "mj-raw", "mj-include"}
    assert not [name for name in found.attributes if name.startswith("on")]
    assert {re.split("[:/]", link)[0] for link in found.links} <= {"https", "http", "mailto"}
    assert "https://ledger.example/plain" in found.links
    for content in (html, text):
        assert "root:" not in content


def _content(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


LINKED = b'---\nheadline: Linked\narticles:\n  - {outlet: Ledger, title: click, url: "%s"}\n---\n'
TEMPLATED = """---
headline: "Salt {{ 7*7 }} {% for x in y %}"
summary: "{{ config.smtp.password }}"
key_points: ["{{ ''.__class__.__mro__ }}"]
articles: [{outlet: Ledger, title: "About {{ 8*8 }}", url: "https://ledger.example/"}]
---
"""


@pytest.mark.slow
def test_template_syntax_in_a_story_is_never_run_and_stops_the_edition(
    workspace: Workspace, relay: SmtpServer, tmp_path: Path
) -> None:
    workspace.readers(1)
    (tmp_path / "templated.md").write_text(TEMPLATED)
    workspace.run("story", "add", tmp_path / "templated.md")
    edition = workspace.run("assemble", "--json").json["edition"]

    checked = workspace.run("check", "--json", code=1)
    workspace.run("send", edition, code=4, env={"DIGEST_NEWSLETTER__APPROVAL": "auto"})

    assert relay.accepted == []
    errors = [finding for finding in checked.json["findings"] if finding["severity"] == "error"]
    assert {"{{ 7*7 }}", "{{ 8*8 }}"} <= set(re.findall(r"{{ \d\*\d }}", str(errors)))
    assert "Salt 49" not in checked.out


NESTED = "---\nheadline: Deep\nevidence: " + "[" * 900_000 + "\n---\n"
BOMB = (
    "---\nheadline: Bomb\na: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "---\n"
)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        pytest.param(BOMB.encode(), "anchor", id="yaml bomb"),
        pytest.param(NESTED.encode(), "", id="900 kB of brackets"),
        pytest.param(b"<div>" * 2_000_000, "larger than 1 MB", id="10 MB of nesting"),
        pytest.param(b"---\nheadline: !!python/object/apply:os.system [id]\n---\n", "", id="yaml tag"),
        pytest.param(b"---\nheadline: |\n  A\n  Bcc: x@example.com\nheadline: B\n---\n", "twice", id="twice"),
        pytest.param(b"---\nheadline: A\nhedline: B\n---\n", "headline", id="unknown key"),
        pytest.param(LINKED % b"javascript:alert(1)", "https://", id="javascript link"),
        pytest.param(LINKED % b"data:text/html,<script>alert(1)</script>", "a link without", id="data link"),
        pytest.param(LINKED % b"https://a.example/\\r\\nBcc: x@example.com", "url", id="line end in a link"),
        pytest.param(b"\x00" * 2000, "", id="zeros"),
        pytest.param(b"", "", id="empty"),
    ],
)
def test_what_cannot_be_a_story_is_refused_in_one_line(
    workspace: Workspace, tmp_path: Path, content: bytes, complaint: str
) -> None:
    file = tmp_path / "bad.md"
    file.write_bytes(content)
    before = sorted((workspace.folder / "stories").iterdir())

    said = workspace.run("story", "add", file, code=1)

    assert said.err.count("\n") == 1
    assert said.err.startswith("error: bad.md")
    assert complaint in said.err
    assert len(said.err) < 500
    assert sorted((workspace.folder / "stories").iterdir()) == before


def test_bad_files_in_the_folder_are_told_and_stop_nobody(workspace: Workspace, tmp_path: Path) -> None:
    stories = workspace.folder / "stories"
    (stories / "bomb.md").write_text(BOMB)
    (stories / "passwd.md").symlink_to("/etc/passwd")
    (stories / "big.md").write_bytes(b"x" * 2_000_000)

    said = workspace.run("assemble", "--json")

    told = said.json
    assert len(told["stories"]) == 1
    assert len(told["faulty"]) == 3
    assert "root:" not in said.out


@pytest.mark.slow
def test_headers_keep_to_one_line_whatever_an_editor_writes(workspace: Workspace, relay: SmtpServer) -> None:
    workspace.readers(1)
    edition = workspace.run("assemble", "--json").json["edition"]
    workspace.run("edition", "edit", edition, "--subject", "Good\r\nBcc: evil@example.com\r\n\r\n<b>x")
    workspace.run("approve", edition)

    workspace.run("send", edition)

    mail = email.message_from_bytes(relay.accepted[0].data, policy=policy.default)
    assert "Bcc" not in mail
    assert relay.accepted[0].rcpt_to == ("reader0000@example.com",)
    assert "evil@example.com" in mail["Subject"]
