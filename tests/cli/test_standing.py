"""How an edition stands while it is sent, in one line that fits; the whole edition's numbers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from digest.cli.standing import Pace, Standing, json_line, terminal_line, waits_until
from digest.model import Totals
from digest.verbs.status import Glance

LONDON = ZoneInfo("Europe/London")
EIGHT = datetime(2026, 7, 20, 7, 0, tzinfo=UTC)  # 08:00 in London
MIDWAY = Totals(candidates=50_000, planned=50_000, sent=12_345, failed=3, deferred=2, pending=37_650)
ONLY_DEFERRED = Totals(candidates=1_000, planned=1_000, sent=996, failed=1, deferred=3)


def test_the_line_says_how_many_of_all_how_long_and_how_fast() -> None:
    standing = Standing(edition="weekly-2026-07-20", totals=MIDWAY, per_second=812.4)

    assert terminal_line(standing, 120, LONDON) == (
        "weekly-2026-07-20: sent 12,345 of 50,000, 46 s to go, 812/s, failed 3, deferred 2"
    )


@pytest.mark.parametrize("columns", range(1, 100))
def test_the_line_fits_whatever_the_width(columns: int) -> None:
    line = terminal_line(Standing(edition="weekly-2026-07-20", totals=MIDWAY, per_second=812.4), columns, LONDON)

    assert len(line) <= max(columns - 1, 1)


def test_what_does_not_fit_is_left_out_as_a_whole() -> None:
    standing = Standing(edition="weekly-2026-07-20", totals=MIDWAY, per_second=812.4)

    assert terminal_line(standing, 60, LONDON) == "weekly-2026-07-20: sent 12,345 of 50,000, 46 s to go, 812/s"
    assert terminal_line(standing, 59, LONDON) == "weekly-2026-07-20: sent 12,345 of 50,000, 46 s to go"
    assert terminal_line(standing, 30, LONDON) == "weekly-2026-07-20: sent 12,3…"


@pytest.mark.parametrize(("per_second", "told"), [(10, "1 h 3 min to go"), (6_500, " 6 s to go")])
def test_the_time_to_go_is_told_no_more_exactly_than_it_is_known(per_second: float, told: str) -> None:
    standing = Standing(edition="e", totals=MIDWAY, per_second=per_second)

    assert told in terminal_line(standing, 120, LONDON)


def test_before_there_is_a_pace_no_time_is_promised() -> None:
    standing = Standing(edition="e", totals=MIDWAY)

    assert terminal_line(standing, 120, LONDON) == "e: sent 12,345 of 50,000, failed 3, deferred 2"
    assert json.loads(json_line(standing))["seconds_to_go"] is None


def test_who_waits_for_the_deferred_says_for_how_many_and_until_when() -> None:
    standing = Standing(edition="e", totals=ONLY_DEFERRED, waits_until=EIGHT)

    assert terminal_line(standing, 120, LONDON) == ("e: sent 996 of 1,000, waits until 08:00 for 3 deferred, failed 1")
    assert json.loads(json_line(standing))["waits_until"] == "2026-07-20T07:00:00+00:00"


@pytest.mark.parametrize(
    ("totals", "next_due", "waits"),
    [
        (ONLY_DEFERRED, EIGHT, True),
        (ONLY_DEFERRED, EIGHT + timedelta(seconds=1), False),  # later than the run waits
        (MIDWAY, EIGHT, False),  # others are sent to meanwhile
        (ONLY_DEFERRED, None, False),
    ],
)
def test_it_waits_only_when_nobody_else_is_left_and_in_time(
    totals: Totals, next_due: datetime | None, waits: bool
) -> None:
    found = waits_until(Glance(totals=totals, next_due=next_due), leaves_at=EIGHT)

    assert found == (next_due if waits else None)


def test_whoever_is_told_to_stop_says_what_it_is_still_doing() -> None:
    standing = Standing(edition="e", totals=MIDWAY, per_second=812.4, stopping=True)

    line = terminal_line(standing, 120, LONDON)

    assert line.startswith("e: sent 12,345 of 50,000, finishing what is in conversation")
    assert "to go" not in line


def test_a_line_for_programs_has_the_books_the_speed_and_the_time_left() -> None:
    said = json.loads(json_line(Standing(edition="e", totals=MIDWAY, per_second=812.44)))

    ends = ("sent", "failed", "deferred", "pending", "uncertain", "cancelled")
    assert said["of"] == sum(said[end] for end in ends) == 50_000
    assert (said["edition"], said["messages_per_second"], said["seconds_to_go"]) == ("e", 812.4, 46)


def test_pace_is_that_of_the_last_half_minute() -> None:
    pace = Pace()

    assert pace.note(0, Totals(planned=1_000, pending=1_000)) == 0
    assert pace.note(10, Totals(planned=1_000, pending=900)) == 10
    assert pace.note(25, Totals(planned=1_000, pending=900)) == 4
    assert pace.note(40, Totals(planned=1_000, pending=900)) == 0
    assert pace.note(55, Totals(planned=1_000, pending=600)) == 10


def test_readers_who_are_tried_again_do_not_make_the_pace_negative() -> None:
    pace = Pace()
    pace.note(0, Totals(planned=10, deferred=5, sent=5))

    assert pace.note(10, Totals(planned=10, pending=5, sent=5)) == 0
