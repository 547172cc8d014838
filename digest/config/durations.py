"""Durations as people write them in settings: "90s", "15m", "4h", "5d". Pure."""

from __future__ import annotations

import re
from datetime import timedelta

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_duration(text: str) -> timedelta:
    """Read "4h", "15m", "5d", "90s", a sum such as "1h 30m", or "0". Raises ValueError."""
    if text.strip() == "0":
        return timedelta()
    pieces = re.fullmatch(r"\s*(?:\d+\s*[smhd]\s*)+", text)
    if pieces is None or len(text) > 40:
        raise ValueError('not a length of time; write for example "15m", "4h" or "5d"')
    total = timedelta()
    for number, unit in re.findall(r"(\d+)\s*([smhd])", text):
        try:
            total += timedelta(**{_UNITS[unit]: int(number)})
        except OverflowError:
            raise ValueError("longer than time itself; write for example 5d") from None
    return total


def format_duration(length: timedelta) -> str:
    """The shortest exact spelling: timedelta(hours=4) → "4h"."""
    seconds = int(length.total_seconds())
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
