"""Postfix, with a configuration, a queue and users' mail of its own, on loopback."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from benchmarks.peers.dkims import Keys, verified_by_dkimpy, verified_by_opendkim
from benchmarks.peers.ports import answers, free_port
from digest.config import load
from digest.deliver.headers import clean
from digest.marks import Hole, fill, split_marks
from digest.model import SealedEdition
from digest.store import editions
from tests.journeys.stage import Workspace, run, until
from tests.smtpd import SmtpServer

HERE, BEYOND = "example.com", "example.net"  # kept in a Maildir; handed on to the next server

_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.{here}
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtputf8_enable = no
virtual_mailbox_domains = {here}
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
transport_maps = inline:{{ {beyond}=smtp:[127.0.0.1]:{next_port} }}
strict_rfc821_envelopes = yes
smtpd_helo_required = yes
smtpd_data_restrictions = reject_unauth_pipelining
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
"""
_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
smtp unix - - n - - smtp
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
tlsmgr unix - - n 1000? 1 tlsmgr
showq unix n - n - - showq
"""


def through_postfix(folder: Path, readers: int) -> list[str]:
    """Send to readers here and beyond; returns what arrived otherwise than it was meant."""
    if shutil.which("postfix") is None or os.geteuid() != 0:
        print("postfix      not installed, or not root: left out")
        return []
    run("init", "w", cwd=folder)
    workspace = Workspace(folder / "w")
    with SmtpServer() as beyond, _postfix(folder / "postfix", beyond.port) as (port, maildir):
        workspace.env = {"DIGEST_SMTP__PORT": str(port)}
        _subscribe(workspace, readers)
        edition = workspace.approved()
        began = time.monotonic()
        workspace.run("send", edition, "--processes", "1")
        took = time.monotonic() - began
        until(lambda: len(_kept(maildir)) + len(beyond.accepted) >= readers, "all mails delivered by Postfix")
        kept, handed_on = [file.read_bytes() for file in _kept(maildir)], [mail.data for mail in beyond.accepted]
    status = workspace.status(edition)
    print(
        f"postfix      {status['sent']:,} of {readers:,} taken over in {took:.1f} s, the start of the command included"
    )
    print(f"             {len(kept):,} kept in a Maildir, {len(handed_on):,} handed on to the next server")
    faults = [] if status["sent"] == readers else [f"postfix: {status}"]
    return faults + _compare(workspace, edition, kept, handed_on, readers)


def _subscribe(workspace: Workspace, readers: int) -> None:
    names = [f"reader{number}@{HERE if number % 2 else BEYOND}" for number in range(readers)]
    file = workspace.folder / "people.csv"
    file.write_text("email,name\n" + "".join(f"{name},Zoë “Q.” O'Reader {at}\n" for at, name in enumerate(names)))
    workspace.run("subscribers", "import", file, "--confirmed")


def _compare(workspace: Workspace, edition: str, kept: list[bytes], handed_on: list[bytes], readers: int) -> list[str]:
    with workspace.parts() as parts, parts.store.read() as db:
        sealed = editions.sealed(db, edition)
    assert sealed is not None
    faults = []
    mails = [BytesParser(policy=policy.default).parsebytes(mail) for mail in kept + handed_on]
    whom = {str(mail["To"].addresses[0].addr_spec) for mail in mails}
    if len(mails) != readers or len(whom) != readers:
        faults.append(f"{len(mails)} mails for {len(whom)} of {readers} readers")
    other = sum(not _is_as_sealed(mail, sealed) for mail in mails)
    defects = sum(bool(mail.defects) or any(part.defects for part in mail.walk()) for mail in mails)
    print(f"parsed       {len(mails):,} by the standard library, {defects} with defects; "
          f"{len(mails) - other:,} are the sealed bytes with the reader's values, {other} are not")  # fmt: skip
    if other or defects:
        faults.append(f"{other} differ from the preview, {defects} have defects")
    keys = Keys.of(load(str(workspace.folder), workspace.env), workspace.folder)
    faults += verified_by_dkimpy(kept + handed_on, keys)
    faults += verified_by_opendkim(kept[:25] + handed_on[:25], keys)
    return faults + _spam(kept[:1])


def _is_as_sealed(mail: EmailMessage, sealed: SealedEdition) -> bool:
    """Both parts, against the parts that the preview shows, with this reader's values in the marks."""
    token = str(mail["List-Unsubscribe"]).strip("<>")
    base = token.rpartition("/u/")[0]
    to = mail["To"].addresses[0]
    values = {"name": to.display_name, "address": to.addr_spec}
    values |= {"unsubscribe_url": token, "preferences_url": f"{base}/preferences"}
    pairs = (("html", sealed.html), ("plain", sealed.text))
    return all(_content(mail, kind) == _lines(_filled(part, sealed.nonce, values)) for kind, part in pairs)


def _filled(part: str, nonce: str, values: dict[str, str]) -> str:
    used = {hole.field for hole in split_marks(part, nonce) if isinstance(hole, Hole)}
    return fill(part, nonce, {name: clean(values[name]) for name in used})


def _content(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return _lines(str(part.get_content()))


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").rstrip("\n")


def _spam(mails: list[bytes]) -> list[str]:
    if shutil.which("spamassassin") is None:
        print("spamassassin not installed: left out")
        return []
    for mail in mails:
        done = subprocess.run(["spamassassin", "-L", "-t"], input=mail, capture_output=True, timeout=120)
        lines = done.stdout.decode("utf-8", "replace").splitlines()
        found = [line for line in lines if line.startswith("X-Spam-Status")]
        print(f"spamassassin {found[0].partition(': ')[2].rstrip(',') if found else 'no verdict'} (offline tests)")
    return []


def _kept(maildir: Path) -> list[Path]:
    return sorted(maildir.glob("new/*"))


@contextmanager
def _postfix(folder: Path, next_port: int) -> Iterator[tuple[int, Path]]:
    """A running Postfix: its port, and the Maildir in which all mail for HERE ends."""
    nobody, port = pwd.getpwnam("nobody"), free_port()
    for name in ("conf", "spool", "data", "mail"):
        (folder / name).mkdir(parents=True)
    shutil.chown(folder / "data", "postfix")
    shutil.chown(folder / "mail", "nobody")
    settings = {"folder": folder, "here": HERE, "beyond": BEYOND, "next_port": next_port, "port": port}
    settings |= {"uid": nobody.pw_uid, "gid": nobody.pw_gid}
    (folder / "conf/main.cf").write_text(_MAIN.format_map(settings))
    (folder / "conf/master.cf").write_text(_MASTER.format_map(settings))
    subprocess.run(["postfix", "-c", folder / "conf", "start"], check=True, capture_output=True, timeout=60)
    try:
        until(lambda: answers(port), "Postfix listens")
        yield port, folder / "mail/all"
    finally:
        subprocess.run(["postfix", "-c", folder / "conf", "stop"], capture_output=True, timeout=60)
