"""Slots: when an edition is due, from schedule words and a time zone. Pure; no cron library is asked (newsroom).

Cron libraries disagree on weekday numbers and fail around clock changes, so the calendar is our own: a slot
belongs to a local date, and each local date has at most one. A wall-clock time that a clock change skips
becomes the first instant that exists after it; one that happens twice is taken the first time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from digest.errors import SettingsError
from digest.model import Slot

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FULL_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WORDS = re.compile(r"(?P<days>[a-z]+(?:\s*,\s*[a-z]+)*)\s+(?P<hour>\d{1,2}):(?P<minute>\d{2})", re.ASCII)
_CRON = re.compile(r"[\d*/,-]+(?:\s+\S+){4}", re.ASCII)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Weekdays (0 = Monday … 6 = Sunday, ascending, none twice) at one wall-clock time. `str()` gives the words."""

    weekdays: tuple[int, ...]
    at: time

    def __str__(self) -> str:
        return f"{','.join(DAYS[day] for day in self.weekdays)} {self.at:%H:%M}"


def parse_schedule(text: str) -> Schedule:
    """Read "mon 07:00" or "mon,thu 07:00"; weekdays in English, short or in full, any case.

    Raises SettingsError, whose text begins with the value, so that callers can put the setting's name in front.
    Cron lines are refused: whether 1 is Monday or Tuesday depends on the library that reads them.
    """
    words = _WORDS.fullmatch(text.strip().lower())
    if words is None:
        raise SettingsError(_refusal(text))
    weekdays = {_weekday(word.strip(), text) for word in words["days"].split(",")}
    hour, minute = int(words["hour"]), int(words["minute"])
    if hour > 23 or minute > 59:
        raise SettingsError(
            f'"{text}": not a time of day; write hours 00 to 23 and minutes 00 to 59, as in "mon 07:00"'
        )
    return Schedule(tuple(sorted(weekdays)), time(hour, minute))


def slots(schedule: Schedule, tz: ZoneInfo, start: datetime, end: datetime) -> Iterator[Slot]:
    """The slots whose instant lies in [start, end), in order. Both bounds are aware."""
    day = _local_date(start, tz) - 2 * _DAY
    last = _local_date(end, tz) + _DAY
    while day <= last:
        slot = slot_on(schedule, tz, day)
        if slot is not None and start <= slot.instant < end:
            yield slot
        day += _DAY


def next_slot(schedule: Schedule, tz: ZoneInfo, after: datetime) -> Slot:
    """The first slot strictly after an aware instant."""
    return next(slots(schedule, tz, after + timedelta(microseconds=1), after + 10 * _DAY))


def latest_slot(schedule: Schedule, tz: ZoneInfo, at: datetime) -> Slot | None:
    """The last slot at or before an aware instant; None only where the calendar begins."""
    if at.year <= 1:
        return None
    return max(
        slots(schedule, tz, at - 10 * _DAY, at + timedelta(microseconds=1)),
        key=lambda slot: (slot.instant, slot.key),
        default=None,
    )


def slot_on(schedule: Schedule, tz: ZoneInfo, day: date) -> Slot | None:
    """The slot that belongs to a local date; None when the schedule has nothing on that weekday."""
    if day.weekday() not in schedule.weekdays:
        return None
    return Slot(day, _instant(datetime.combine(day, schedule.at), tz))


def assemble_instant(assemble: str, tz: ZoneInfo, slot: Slot) -> datetime:
    """When the edition of a slot is put together: the latest such weekday time before the slot.

    `assemble` is words as in `parse_schedule`, whose SettingsError it raises.
    """
    schedule = parse_schedule(assemble)
    latest = latest_slot(schedule, tz, slot.instant - timedelta(microseconds=1))
    return slot.instant if latest is None else latest.instant


def _instant(wall: datetime, tz: ZoneInfo) -> datetime:
    """The instant of a naive wall-clock time, with the fixed offset that holds then.

    A fixed offset and not the zone itself: Python subtracts and compares two times of the same zone by the
    wall clock, and calls a time inside a repeated hour unequal to the same instant in any other zone.
    """
    first = wall.replace(tzinfo=tz, fold=0)
    if first.astimezone(UTC).astimezone(tz).replace(tzinfo=None) != wall:
        return _first_after_gap(wall.replace(tzinfo=tz, fold=1), first, tz)
    return first.astimezone(timezone(first.utcoffset() or timedelta()))


def _first_after_gap(before: datetime, after: datetime, tz: ZoneInfo) -> datetime:
    """The instant at which the clock jumps, by halving; it lies between the two readings of a skipped time.

    With the offset that holds after the jump (fold=1) the skipped time lies before it, and the other way round.
    """
    low, high = int(before.timestamp()), int(after.timestamp())
    offset = datetime.fromtimestamp(high, tz).utcoffset() or timedelta()
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, tz).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return datetime.fromtimestamp(high, timezone(offset))


def _local_date(instant: datetime, tz: ZoneInfo) -> date:
    if instant.tzinfo is None:
        raise ValueError("an aware instant is needed")
    return instant.astimezone(tz).date()


def _weekday(word: str, text: str) -> int:
    for names in (DAYS, _FULL_DAYS):
        if word in names:
            return names.index(word)
    raise SettingsError(f'"{text}": {word}: not a weekday; the weekdays are {", ".join(DAYS)}, as in "mon 07:00"')


def _refusal(text: str) -> str:
    hint = ' for example "mon 07:00"'
    if _CRON.fullmatch(text.strip()):
        return f'"{text}": a cron line, whose numbers mean other weekdays to other programs; write{_translated(text)}'
    return f'"{text}": not a weekday and a time; write{hint}'


def _translated(cron: str) -> str:
    """The words for a simple weekly cron line, else an example."""
    minute, hour, *_, weekday = cron.split()
    if minute.isdigit() and hour.isdigit() and weekday.isdigit() and int(weekday) <= 7:
        return f' "{DAYS[(int(weekday) - 1) % 7]} {int(hour):02}:{int(minute):02}"'
    return ' for example "mon 07:00"'
