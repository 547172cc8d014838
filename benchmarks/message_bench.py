"""What one message costs: our build against the standard library's, in the same run. Prints ratios.

python benchmarks/message_bench.py [--rounds N]
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from hashlib import sha256

from digest.deliver.dkim import Signer, generate_key
from digest.deliver.message import compile_message
from digest.marks import fill, mark
from digest.model import Addressee, SealedEdition

NONCE = "0123456789ab"
DATE = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
STORY = (
    '<p style="margin:0 0 12px;font-size:17px;line-height:26px;color:#1a1a1a">Ketamine — a review of 67 trials '
    'found &ldquo;probably little&rdquo; relief: <a href="https://news.example.org/a?id=1&amp;x=2">read on</a></p>'
)


def edition(html_bytes: int = 61_000) -> SealedEdition:
    """A sealed edition whose messages come to about 73 KB, with 14 personal values."""

    def name() -> str:
        return mark(NONCE, "name", "text")

    unsubscribe, preferences = (mark(NONCE, field, "attribute") for field in ("unsubscribe_url", "preferences_url"))
    stories = STORY * (html_bytes // len(STORY.encode()))
    foot = "".join(f'<a href="{url}">x</a> {name()}' for url in (unsubscribe, preferences) * 2)
    html = f"<html><body><p>Hello {name()},</p>{stories}{foot} {mark(NONCE, 'address', 'text')}</body></html>"
    urls = (mark(NONCE, field, "plain") for field in ("unsubscribe_url", "preferences_url"))
    text = f"Hello {mark(NONCE, 'name', 'plain')},\n\n" + "Sixty-seven trials – little relief.\n" * 80 + "\n".join(urls)
    return SealedEdition(
        edition="weekly-2026-11-23",
        html=html,
        text=f"{text}\n{mark(NONCE, 'address', 'plain')}\n",
        mjml="",
        subject="Ketamine for chronic pain: what 67 trials – and 2,300 people – show",
        preheader="",
        headers=(
            ("From", "The Health Digest <digest@example.org>"),
            ("Reply-To", "editors@example.org"),
            ("List-Id", "The Health Digest <weekly.example.org>"),
            ("Feedback-ID", "2026-11-23:weekly:digest:example"),
        ),
        nonce=NONCE,
        hash="sha256:" + "ab" * 32,
    )


def addressee(n: int) -> Addressee:
    token = f"{n:032x}"
    return Addressee(
        address=f"reader{n}@example.net",
        name=("Ada Lovelace", "Zoë Müller-Łukasiewicz", "O'Brien, Pat")[n % 3],
        unsubscribe_url=f"https://digest.example.org/u/{token}",
        preferences_url=f"https://digest.example.org/preferences/{token}",
        message_id=f"<{n}.1.0123456789abcdef@example.org>",
    )


def by_the_standard_library(sealed: SealedEdition, reader: Addressee) -> bytes:
    values = {field: getattr(reader, field) for field in ("name", "address", "unsubscribe_url", "preferences_url")}
    message = EmailMessage()
    for header, value in sealed.headers:
        message[header] = value
    message["Subject"] = sealed.subject
    message["To"] = reader.address
    message["Date"] = DATE
    message["Message-ID"] = reader.message_id
    message.set_content(fill(sealed.text, NONCE, values), cte="quoted-printable")
    message.add_alternative(fill(sealed.html, NONCE, values), subtype="html", cte="quoted-printable")
    return message.as_bytes()


def microseconds(make: Callable[[int], object], calls: int, rounds: int) -> float:
    """CPU time of this thread per call: the median of `rounds`."""

    def once() -> float:
        begun = time.thread_time_ns()
        for n in range(calls):
            make(n)
        return (time.thread_time_ns() - begun) / calls / 1000

    once()
    return statistics.median(once() for _ in range(rounds))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    gc.freeze()
    sealed = edition()
    readers = [addressee(n) for n in range(500)]
    compiled = compile_message(sealed)
    rsa = Signer.from_pem(generate_key("rsa"), domain="example.org", selector="r1")
    ed25519 = Signer.from_pem(generate_key("ed25519"), domain="example.org", selector="e1")
    print(f"message: {len(compiled.build(readers[0], date=DATE)):,} octets, {len(compiled.fields)} personal values")
    compiling = microseconds(lambda _n: compile_message(sealed), 3, rounds)
    theirs = microseconds(lambda n: by_the_standard_library(sealed, readers[n]), 5, rounds)
    ours = microseconds(lambda n: compiled.build(readers[n], date=DATE), 500, rounds)
    print(f"{'once per edition: compile':34} {compiling:9.1f} µs")
    print(f"{'EmailMessage, as_bytes':34} {theirs:9.1f} µs   {theirs / ours:7.1f} × ours")
    print(f"{'build':34} {ours:9.1f} µs         1 ×")
    digest = sha256(b"").digest()
    body = compiled.build(readers[0], date=DATE)
    hashing = microseconds(lambda _n: sha256(body), 200, rounds)
    print(f"{'SHA-256 of a message':34} {hashing:9.1f} µs   {hashing / ours:7.1f} ×")
    for label, signers in (("Ed25519", [ed25519]), ("RSA-2048", [rsa]), ("both", [rsa, ed25519])):
        keys = microseconds(lambda _n, s=signers: [signer.sign(digest) for signer in s], 200, rounds)  # type: ignore[misc]
        signed = microseconds(lambda n, s=signers: compiled.build(readers[n], date=DATE, signers=s), 200, rounds)  # type: ignore[misc]
        added = f"signing adds {signed - ours:.1f} µs, the key's part alone {keys:.1f} µs"
        print(f"{f'build + {label}':34} {signed:9.1f} µs   {signed / ours:7.1f} ×, {added}")


if __name__ == "__main__":
    main()
