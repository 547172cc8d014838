"""The mailbox keeps every mail it gets, byte for byte, within bounds."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.deliver.mailbox import Mailbox
from digest.errors import UsageError

MAIL = (
    b"From: =?utf-8?q?Zo=C3=AB?= <zoe@example.org>\r\nSubject: =?utf-8?q?Caf=C3=A9?=\r\n\r\n"
    b".a line with a dot\r\n..\r\n\r\nend\r\n"
)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Mailbox]:
    with Mailbox(tmp_path / "mailbox", port=0) as box:
        yield box


def send(box: Mailbox, *recipients: str, mail: bytes = MAIL) -> None:
    with smtplib.SMTP("127.0.0.1", box.port, timeout=10) as client:
        client.sendmail("digest@example.org", list(recipients), mail)


def test_a_mail_is_kept_as_it_came(box: Mailbox) -> None:
    send(box, "ada@example.org")

    (file,) = box.folder.iterdir()
    assert file.name == "000001-ada@example.org.eml"
    assert file.read_bytes() == MAIL
    assert box.read(1) == MAIL


def test_each_recipient_gets_a_file(box: Mailbox) -> None:
    send(box, "ada@example.org", "bob@example.org")

    assert [mail.recipient for mail in box.listing()] == ["bob@example.org", "ada@example.org"]
    assert box.count() == 2


def test_the_listing_shows_what_an_inbox_shows(box: Mailbox) -> None:
    send(box, "ada@example.org")

    (mail,) = box.listing()
    assert (mail.number, mail.sender, mail.subject) == (1, "Zoë <zoe@example.org>", "Café")
    assert mail.size_bytes == len(MAIL)
    assert mail.received.tzinfo is not None


def test_the_listing_turns_pages(box: Mailbox) -> None:
    for number in range(1, 6):
        send(box, f"reader{number}@example.org")

    assert [mail.number for mail in box.listing(limit=2)] == [5, 4]
    assert [mail.number for mail in box.listing(limit=2, before=4)] == [3, 2]


def test_a_second_start_goes_on_counting(tmp_path: Path) -> None:
    for _ in range(2):
        with Mailbox(tmp_path, port=0) as box:
            send(box, "ada@example.org")

    assert sorted(file.name[:6] for file in tmp_path.iterdir()) == ["000001", "000002"]


def test_a_recipient_cannot_choose_another_folder(box: Mailbox) -> None:
    with smtplib.SMTP("127.0.0.1", box.port, timeout=10) as client:
        client.sendmail("a@example.org", ['"../../x y"@example.org'], MAIL)

    (file,) = box.folder.iterdir()
    assert file.parent == box.folder
    assert file.name == "000001-_.._.._x_y_@example.org.eml"


def test_addresses_beyond_ascii_are_taken(box: Mailbox) -> None:
    with smtplib.SMTP("127.0.0.1", box.port, timeout=10) as client:
        client.sendmail("a@example.org", ["zoë@example.org"], MAIL, mail_options=["SMTPUTF8"])

    assert box.listing()[0].recipient == "zo_@example.org"


def test_a_full_folder_puts_mails_off_until_it_is_emptied(tmp_path: Path) -> None:
    with Mailbox(tmp_path, port=0, largest_folder_bytes=len(MAIL)) as box:
        send(box, "ada@example.org")

        with pytest.raises(smtplib.SMTPDataError, match="452"):
            send(box, "bob@example.org")
        for file in tmp_path.iterdir():
            file.unlink()
        send(box, "cleo@example.org")

        assert [mail.recipient for mail in box.listing()] == ["cleo@example.org"]


def test_a_folder_that_is_gone_puts_mails_off(box: Mailbox) -> None:
    box.folder.rmdir()

    with pytest.raises(smtplib.SMTPDataError, match="451"):
        send(box, "ada@example.org")


def test_other_files_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "000007-link.eml").symlink_to("/etc/passwd")
    with Mailbox(tmp_path, port=0) as box:
        assert box.listing() == []
        assert box.read(7) is None


def test_hostile_headers_do_not_break_the_listing(box: Mailbox) -> None:
    send(box, "ada@example.org", mail=b"From: <\r\nSubject: \xff=?utf-8?b?=?=\x1b[2J\r\n\r\n")

    assert "\x1b" not in box.listing()[0].subject


def test_stopping_drops_open_connections_and_frees_the_port(tmp_path: Path) -> None:
    box = Mailbox(tmp_path, port=0)
    box.start()
    idle = smtplib.SMTP("127.0.0.1", box.port, timeout=10)

    box.stop()
    box.stop()

    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        idle.docmd("NOOP")
    idle.close()
    with Mailbox(tmp_path, port=box.port) as again:
        send(again, "ada@example.org")


def test_a_port_in_use_is_told_with_what_to_do(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as other,
        pytest.raises(UsageError, match="choose another with --port"),
    ):
        Mailbox(tmp_path, port=other.getsockname()[1]).start()


def test_a_folder_that_cannot_be_one_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(UsageError, match="choose another"):
        Mailbox(tmp_path / "file", port=0).start()
