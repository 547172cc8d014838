"""Slots: one a week whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import SettingsError
from digest.newsroom.slots import (
    Schedule,
    assemble_instant,
    latest_slot,
    next_slot,
    parse_schedule,
    slot_on,
    slots,
)

LONDON = ZoneInfo("Europe/London")
BERLIN = ZoneInfo("Europe/Berlin")
SANTIAGO = ZoneInfo("America/Santiago")
KOLKATA = ZoneInfo("Asia/Kolkata")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
ZONES = (LONDON, SANTIAGO, KOLKATA, LORD_HOWE)
MONDAY_7 = parse_schedule("mon 07:00")


def local(slot_instant: datetime, tz: ZoneInfo) -> str:
    return slot_instant.astimezone(tz).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize("text", ["mon 07:00", "Monday 7:00", "  MON   07:00 "])
def test_a_weekday_and_a_time_are_read_in_any_usual_spelling(text: str) -> None:
    assert parse_schedule(text) == Schedule((0,), time(7))


def test_several_weekdays_share_one_time() -> None:
    assert str(parse_schedule("thu, mon,mon 18:30")) == "mon,thu 18:30"


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("every monday", 'write for example "mon 07:00"'),
        ("", 'write for example "mon 07:00"'),
        ("0 7 * * 1", 'write "mon 07:00"'),
        ("30 6 * * 0", 'write "sun 06:30"'),
        ("30 6 * * 7", 'write "sun 06:30"'),
        ("*/5 * * * *", 'write for example "mon 07:00"'),
        ("mon 25:00", "hours 00 to 23"),
        ("mon 07:60", "minutes 00 to 59"),
        ("moon 07:00", "moon: not a weekday"),
        ("mon ٠٧:00", "not a weekday and a time"),
    ],
)
def test_what_is_not_a_weekday_and_a_time_is_refused_with_what_to_write(text: str, wish: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        parse_schedule(text)

    assert str(refusal.value).startswith(f'"{text}": ')
    assert wish in str(refusal.value)


@pytest.mark.parametrize("tz", ZONES, ids=str)
@pytest.mark.parametrize("words", ["mon 07:00", "mon 00:00", "mon 02:15"])
def test_ten_years_have_one_slot_for_every_monday(tz: ZoneInfo, words: str) -> None:
    schedule = parse_schedule(words)
    start, end = datetime(2024, 1, 1, tzinfo=tz), datetime(2034, 1, 2, tzinfo=tz)

    found = list(slots(schedule, tz, start, end))

    mondays = [date(2024, 1, 1) + timedelta(weeks=week) for week in range(522)]
    assert [slot.key for slot in found] == mondays
    assert [slot.instant.astimezone(tz).date() for slot in found] == mondays
    assert all(timedelta(days=6) < b.instant - a.instant < timedelta(days=8) for a, b in pairwise(found))


@pytest.mark.parametrize("tz", ZONES, ids=str)
@settings(max_examples=25, deadline=None)
@given(
    weekday=st.integers(0, 6),
    at=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    year=st.integers(2020, 2036),
)
def test_any_weekly_time_has_one_slot_per_week_at_its_wall_clock_time(
    tz: ZoneInfo, weekday: int, at: time, year: int
) -> None:
    schedule = Schedule((weekday,), at)

    found = list(slots(schedule, tz, datetime(year, 1, 1, tzinfo=tz), datetime(year + 1, 1, 1, tzinfo=tz)))

    assert {(b.key - a.key).days for a, b in pairwise(found)} == {7}
    moved = [slot for slot in found if slot.instant.astimezone(tz).time() != at]
    assert len(moved) <= 1
    assert all(not exists(datetime.combine(slot.key, at), tz) for slot in moved)


def exists(wall: datetime, tz: ZoneInfo) -> bool:
    return wall.replace(tzinfo=tz).astimezone(UTC).astimezone(tz).replace(tzinfo=None) == wall


@pytest.mark.parametrize(
    ("tz", "words", "day", "expected"),
    [
        (BERLIN, "sun 02:30", date(2026, 3, 29), "2026-03-29T03:00:00+02:00"),
        (LORD_HOWE, "sun 02:10", date(2026, 10, 4), "2026-10-04T02:30:00+11:00"),
        (SANTIAGO, "sun 00:00", date(2026, 9, 6), "2026-09-06T01:00:00-03:00"),
        (ZoneInfo("Pacific/Apia"), "fri 07:00", date(2011, 12, 30), "2011-12-31T00:00:00+14:00"),
    ],
    ids=["an hour", "half an hour", "midnight", "a whole day"],
)
def test_a_time_that_the_clock_skips_becomes_the_first_instant_after_it(
    tz: ZoneInfo, words: str, day: date, expected: str
) -> None:
    slot = slot_on(parse_schedule(words), tz, day)

    assert slot is not None
    assert slot.key == day
    assert slot.instant.isoformat() == expected


def test_a_time_that_happens_twice_is_taken_once_the_first_time() -> None:
    start, end = datetime(2026, 10, 25, tzinfo=BERLIN), datetime(2026, 10, 26, tzinfo=BERLIN)

    found = list(slots(parse_schedule("sun 02:30"), BERLIN, start, end))

    assert [slot.instant.isoformat() for slot in found] == ["2026-10-25T02:30:00+02:00"]


def test_an_instant_in_a_repeated_hour_equals_itself_in_another_zone() -> None:
    slot = slot_on(parse_schedule("sun 02:30"), BERLIN, date(2026, 10, 25))

    assert slot is not None
    assert slot.instant == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_the_next_slot_is_strictly_later_and_the_latest_may_be_now() -> None:
    monday = datetime(2026, 11, 23, 7, tzinfo=LONDON)

    assert next_slot(MONDAY_7, LONDON, monday).key == date(2026, 11, 30)
    assert next_slot(MONDAY_7, LONDON, monday - timedelta(seconds=1)).key == date(2026, 11, 23)
    latest = latest_slot(MONDAY_7, LONDON, monday)
    assert latest is not None
    assert latest.key == date(2026, 11, 23)
    earlier = latest_slot(MONDAY_7, LONDON, monday - timedelta(seconds=1))
    assert earlier is not None
    assert earlier.key == date(2026, 11, 16)


def test_a_day_without_a_slot_has_none() -> None:
    assert slot_on(MONDAY_7, LONDON, date(2026, 11, 24)) is None


def test_the_edition_is_assembled_at_the_latest_such_time_before_the_slot() -> None:
    slot = next_slot(MONDAY_7, LONDON, datetime(2026, 11, 20, tzinfo=UTC))

    assert local(assemble_instant("fri 15:00", LONDON, slot), LONDON) == "2026-11-20 15:00"
    assert local(assemble_instant("mon 06:00", LONDON, slot), LONDON) == "2026-11-23 06:00"
    assert local(assemble_instant("mon 07:00", LONDON, slot), LONDON) == "2026-11-16 07:00"


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        next_slot(MONDAY_7, LONDON, datetime(2026, 11, 20))
