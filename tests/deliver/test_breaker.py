"""When a relay that failed may be tried again, by a clock that the test owns."""

from __future__ import annotations

import pytest

from digest.deliver.breaker import LIMIT, Breaker


def failing(times: int, *, jitter: float = 0.5) -> Breaker:
    breaker = Breaker(lambda: jitter)
    for _ in range(times):
        breaker.failed(0)
    return breaker


def test_while_all_is_well_everybody_may_connect() -> None:
    breaker = failing(0)

    assert breaker.may_try(0)
    assert breaker.may_try(0)


def test_after_a_failure_one_at_a_time_may() -> None:
    breaker = failing(1)

    assert breaker.may_try(0)
    assert not breaker.may_try(0)
    breaker.succeeded()
    assert breaker.may_try(0)
    assert breaker.may_try(0)


def test_after_some_failures_in_a_row_nobody_may_for_a_while_and_then_one() -> None:
    breaker = failing(LIMIT)

    assert breaker.is_open
    assert not breaker.may_try(9.9)
    assert breaker.may_try(10)
    assert not breaker.may_try(10)


def test_each_further_failure_doubles_the_wait_up_to_five_minutes() -> None:
    breaker, now, waits = failing(LIMIT), 0.0, []
    for _ in range(8):
        wait = next(seconds for seconds in range(1000) if breaker.may_try(now + seconds))
        waits.append(wait)
        now += wait
        breaker.failed(now)

    assert waits == [10, 20, 40, 80, 160, 300, 300, 300]


def test_a_try_that_was_called_off_says_nothing() -> None:
    breaker = failing(LIMIT)
    assert breaker.may_try(10)

    breaker.called_off()

    assert breaker.may_try(10)


def test_success_forgets_everything() -> None:
    breaker = failing(LIMIT)
    assert breaker.may_try(10)
    breaker.succeeded()

    breaker.failed(10)

    assert not breaker.is_open
    assert breaker.may_try(10)


@pytest.mark.parametrize(("jitter", "wait"), [(0.0, 7.5), (0.5, 10.0), (1.0, 12.5)])
def test_chance_spreads_the_tries(jitter: float, wait: float) -> None:
    breaker = failing(LIMIT, jitter=jitter)

    assert not breaker.may_try(wait - 0.01)
    assert breaker.may_try(wait)


def test_a_relay_of_no_use_is_left_alone_at_once() -> None:
    breaker = failing(0)

    breaker.trip(0)

    assert not breaker.may_try(9.9)
