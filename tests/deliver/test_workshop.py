"""Messages built ahead by threads: in order, within bounds, each fault where it belongs."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from typing import Any

import pytest

from digest.deliver.desk import Job, Pieces
from digest.deliver.engine import deliver
from digest.deliver.workshop import Workshop
from digest.errors import InputError
from tests.deliver.lists import ENGINES, Engine, ListDesk, ListJournal, job, many, relay_to
from tests.smtpd import EXTENSIONS, Script, SmtpServer


class Shop:
    """A workshop, jobs to put in, and a way to wait until a group is done."""

    def __init__(self, jobs: list[Job], *, threads: int = 2, ahead: int = 8) -> None:
        self.waiting = deque(jobs)
        self.told = threading.Semaphore(0)
        self.shop = Workshop(threads, ahead, self.told.release)

    def source(self) -> Job | None:
        return self.waiting.popleft() if self.waiting else None

    def next(self) -> Job:
        """Wait for the oldest."""
        self.shop.fill(self.source)
        while (found := self.shop.next()) is None:
            assert self.told.acquire(timeout=10)
        return found


@pytest.fixture
def shops() -> Iterator[list[Shop]]:
    opened: list[Shop] = []
    yield opened
    for each in opened:
        each.shop.close()


def test_jobs_come_out_in_the_order_they_went_in_each_with_its_own_message(shops: list[Shop]) -> None:
    waiting = [job(f"r{n}@example.com", number=n, message=lambda n=n: b"%d\r\n" % n) for n in range(100)]
    shop = Shop(waiting)
    shops.append(shop)

    out = [(each.rcpt_to, b"".join(shop.shop.body(each))) for each in (shop.next() for _ in range(100))]

    assert out == [(f"r{n}@example.com", b"%d\r\n" % n) for n in range(100)]


def test_never_are_more_in_hand_than_agreed(shops: list[Shop]) -> None:
    shop = Shop(many(100), ahead=8)
    shops.append(shop)

    shop.shop.fill(shop.source)
    assert 100 - len(shop.waiting) == 8
    taken = [shop.next() for _ in range(8)]
    shop.shop.fill(shop.source)

    assert 100 - len(shop.waiting) == 8  # taken, and nobody has asked for the bodies yet
    for each in taken:
        shop.shop.body(each)
    shop.shop.fill(shop.source)
    assert 100 - len(shop.waiting) == 16


def test_messages_are_built_in_threads_of_its_own(shops: list[Shop]) -> None:
    names: set[str] = set()

    def build() -> bytes:
        names.add(threading.current_thread().name)
        return b"\r\n"

    shop = Shop([job(number=n, message=build) for n in range(20)])
    shops.append(shop)
    for _ in range(20):
        shop.shop.body(shop.next())

    assert all(name.startswith("build") for name in names)


def test_a_fault_is_raised_to_whoever_wants_the_message(shops: list[Shop]) -> None:
    def broken() -> bytes:
        raise KeyError("name")

    shop = Shop([job(message=broken), job("bob@example.com", number=2)])
    shops.append(shop)
    bad, good = shop.next(), shop.next()

    with pytest.raises(KeyError):
        shop.shop.body(bad)
    assert shop.shop.body(good)


def test_what_came_back_unsent_is_built_again(shops: list[Shop]) -> None:
    shop = Shop([job(message=lambda: b"again\r\n")])
    shops.append(shop)
    only = shop.next()

    assert shop.shop.body(only) == shop.shop.body(only) == (b"again\r\n",)


def test_what_nobody_took_goes_home(shops: list[Shop]) -> None:
    shop = Shop(many(5))
    shops.append(shop)
    first = shop.next()

    left = shop.shop.clear()

    assert [first.claim.subscriber, *(each.claim.subscriber for each in left)] == [1, 2, 3, 4, 5][: 1 + len(left)]
    assert len(shop.shop) == 0


# ── in the engine ────────────────────────────────────────────────────────────────────────────────


def built(rcpt: str, number: int, fault: Exception | None = None) -> Job:
    plain = job(rcpt, number=number)

    def build() -> Pieces:
        if fault is not None:
            raise fault
        return plain.body()

    return job(rcpt, number=number, message=build)


@pytest.mark.parametrize("builders", [1, 3])
@pytest.mark.parametrize(("extensions", "window"), [(EXTENSIONS, 1), ((*EXTENSIONS, "CHUNKING"), 4), ((), 1)])
def test_with_builders_everybody_gets_the_own_message(builders: int, extensions: tuple[str, ...], window: int) -> None:
    waiting = [built(f"reader{n}@example.com", n) for n in range(1, 301)]
    desk: Any = ListDesk(waiting)
    with SmtpServer(Script(extensions=extensions, closes_after=23)) as server:
        deliver(
            desk,
            relay_to(server),
            connections=3,
            stop=threading.Event(),
            journal=ListJournal(),
            builders=builders,
            window=window,
        )

    accepted = {message.rcpt_to[0]: message.data for message in server.accepted}
    assert len(desk.outcomes) == 300
    assert all(accepted[each.rcpt_to] == b"".join(each.body()) for each in waiting if each.rcpt_to in desk.sent)
    assert len(server.accepted) == len(accepted)


def test_with_builders_one_connection_keeps_the_order() -> None:
    desk = ListDesk([built(f"reader{n}@example.com", n) for n in range(100)])
    with SmtpServer() as server:
        deliver(desk, relay_to(server), connections=1, stop=threading.Event(), journal=ListJournal(), builders=3)

    assert server.recipients() == [f"reader{n}@example.com" for n in range(100)]


@pytest.mark.parametrize("builders", [0, 2])
def test_told_to_stop_what_was_built_ahead_is_given_back(builders: int) -> None:
    stop = threading.Event()

    def watch(desk: ListDesk, done: list[Any]) -> bool:
        stop.set()
        return True

    desk = ListDesk([built(f"reader{n}@example.com", n) for n in range(400)], on_settle=watch)
    with SmtpServer(Script(reply_delay_s=0.01)) as server:
        ending = deliver(desk, relay_to(server), connections=2, stop=stop, journal=ListJournal(), builders=builders)

    assert ending.why == "stopped"
    assert desk.taken == len(desk.settled)
    assert set(desk.shape.values()) <= {"dot 250", "connect None"}
    assert sorted(server.recipients()) == desk.sent


@pytest.mark.parametrize("builders", [0, 2])
@pytest.mark.parametrize("engine", ENGINES[:2], ids=lambda engine: engine.name)
def test_a_reader_who_cannot_be_written_to_is_told_by_name_and_the_others_get_theirs(
    engine: Engine, builders: int
) -> None:
    bad = built("bad@example.com", 2, InputError("Message-ID: 'x': wanted such as <1.2@example.org>"))
    desk = ListDesk([built("ann@example.com", 1), bad, built("cid@example.com", 3)])
    with SmtpServer() as server:
        journal = ListJournal() if engine.is_fast else None
        stop = threading.Event()
        deliver(desk, relay_to(server), connections=1, stop=stop, journal=journal, builders=builders)

    assert desk.shape == {"ann": "dot 250", "bad": "rcpt 554", "cid": "dot 250"}
    assert "wanted such as <1.2@example.org>" in desk.outcomes["bad@example.com"].text
    assert server.recipients() == ["ann@example.com", "cid@example.com"]


@pytest.mark.parametrize("builders", [0, 2])
def test_any_other_fault_in_building_ends_the_run(builders: int) -> None:
    desk = ListDesk([built("ann@example.com", 1), built("bad@example.com", 2, KeyError("name"))])
    with SmtpServer() as server, pytest.raises(KeyError):
        deliver(desk, relay_to(server), connections=1, stop=threading.Event(), journal=ListJournal(), builders=builders)

    assert desk.shape["bad"] == "connect None"
    assert desk.sent == server.recipients()
