"""One run of another Python library, in a process of its own: prints what it cost as a JSON line. Benchmarks only.

python -m benchmarks.delivery.libraries '{"way": "aiosmtplib.send", "port": 2525, "messages": 100, "connections": 10}'
"""

from __future__ import annotations

import asyncio
import json
import smtplib
import sys
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any

import aiosmtplib

from benchmarks.delivery.own import measured
from benchmarks.message_bench import DATE, addressee
from benchmarks.message_bench import edition as sealed_sample
from digest.deliver.message import compile_message
from digest.marks import fill
from digest.model import Addressee, SealedEdition

_FROM = "news@example.org"


def fixed_bytes() -> bytes:
    """The message that everybody gets in the ways that build none."""
    return compile_message(sealed_sample()).build(addressee(1), date=DATE)


def by_smtplib(order: dict[str, Any]) -> int:
    """smtplib, one connection, fixed bytes."""
    body = fixed_bytes()
    with smtplib.SMTP("127.0.0.1", order["port"], "sender.example.org") as smtp:
        for n in range(order["messages"]):
            smtp.sendmail(_FROM, f"reader{n}@example.net", body)
    return int(order["messages"])


def by_aiosmtplib_reused(order: dict[str, Any]) -> int:
    """aiosmtplib, connections kept, fixed bytes."""
    body = fixed_bytes()

    async def lane(numbers: Iterator[int]) -> None:
        smtp = aiosmtplib.SMTP(
            hostname="127.0.0.1", port=order["port"], local_hostname="sender.example.org", start_tls=False
        )
        async with smtp:
            for n in numbers:
                await smtp.sendmail(_FROM, [f"reader{n}@example.net"], body)

    return _in_lanes(order, lane)


def by_aiosmtplib_send(order: dict[str, Any]) -> int:
    """The obvious way: an EmailMessage for each reader, aiosmtplib.send for each, ten at a time."""
    sealed = sealed_sample()

    async def lane(numbers: Iterator[int]) -> None:
        for n in numbers:
            await aiosmtplib.send(
                _email_message(sealed, addressee(n)),
                sender=_FROM,
                hostname="127.0.0.1",
                port=order["port"],
                start_tls=False,
                local_hostname="sender.example.org",
            )

    return _in_lanes(order, lane)


def _email_message(sealed: SealedEdition, reader: Addressee) -> EmailMessage:
    values = {field: getattr(reader, field) for field in ("name", "address", "unsubscribe_url", "preferences_url")}
    message = EmailMessage()
    for header, value in sealed.headers:
        message[header] = value
    message["Subject"] = sealed.subject
    message["To"] = reader.address
    message["Date"] = DATE
    message["Message-ID"] = reader.message_id
    message["List-Unsubscribe"] = f"<{reader.unsubscribe_url}>"
    message.set_content(fill(sealed.text, sealed.nonce, values), cte="quoted-printable")
    message.add_alternative(fill(sealed.html, sealed.nonce, values), subtype="html", cte="quoted-printable")
    return message


def _in_lanes(order: dict[str, Any], lane: Callable[[Iterator[int]], Any]) -> int:
    async def run() -> None:
        numbers = iter(range(order["messages"]))
        await asyncio.gather(*(lane(numbers) for _ in range(order["connections"])))

    asyncio.run(run())
    return int(order["messages"])


WAYS = {
    "smtplib": by_smtplib,
    "aiosmtplib-reused": by_aiosmtplib_reused,
    "aiosmtplib-send": by_aiosmtplib_send,
}


def main() -> None:
    order = json.loads(sys.argv[1])
    print(json.dumps(measured(lambda: WAYS[order["way"]](order))))


if __name__ == "__main__":
    main()
