"""Speed: how much may be under way and how fast, over all and to each provider, and what was learnt of it. Pure.

One value outlives runs of a process; `state` and `resume` carry it over a restart, as plain numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping

from digest.deliver.domains import DomainLimit, asks_for_less, by_provider, provider_of
from digest.deliver.pace import Pace
from digest.deliver.throttle import State, Throttle
from digest.model import Outcome

ALL = ""
"""The name of the throttle for everything; no domain is called that."""

_Ticket = tuple[str, int, int]
"""A message under way: its provider, and the cuts before it set out, over all and of its provider."""

_FIELDS = 5
_MOST = 1e12


class Speed:
    """`clock` in seconds; that of the wall where the state is to outlive the machine's uptime.

    `per_domain` limits by domain; domains of one provider share theirs (see `by_provider`).
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        messages_per_second: float | None = None,
        per_domain: Mapping[str, DomainLimit] | None = None,
    ) -> None:
        self.clock = clock
        self._capacity = 1
        self._limits = by_provider(per_domain or {})
        self._all = Throttle(None, Pace(messages_per_second, clock()))
        # Only of those with a limit, or slowed: an audience may have a hundred thousand domains.
        self._throttles = {name: self._new(name) for name in self._limits}
        self._under_way: dict[Hashable, _Ticket] = {}

    @property
    def messages_per_second(self) -> float | None:
        return self._all.rate

    @property
    def slowed(self) -> tuple[str, ...]:
        """Who has asked for less and is not yet back at full speed; ALL for everything."""
        found = [name for name, throttle in self._throttles.items() if throttle.is_slowed]
        return tuple([ALL] * self._all.is_slowed + sorted(found))

    def begin(self, capacity: int) -> None:
        """A run begins with nothing under way; its connections together can have `capacity` messages in flight."""
        self._capacity = capacity
        self._under_way.clear()
        for throttle in (self._all, *self._throttles.values()):
            throttle.in_flight = 0

    def is_open(self, now: float) -> bool:
        """May anybody's message set out?"""
        return self._all.is_open(now, self._capacity)

    def enter(self, message: Hashable, provider: str, now: float) -> bool:
        """`message` sets out, unless its provider does not admit it now; false then."""
        cuts = 0
        throttle = self._throttles.get(provider)
        if throttle is not None:
            if not throttle.is_open(now, self._capacity):
                return False
            cuts = throttle.enter()
        self._under_way[message] = provider, self._all.enter(), cuts
        return True

    def leave(self, message: Hashable, outcome: Outcome | None, now: float) -> str | None:
        """What became of it; `outcome` None: it is on hand again. Returns its provider; None: it never set out."""
        ticket = self._under_way.get(message)
        if ticket is None:
            return None
        provider, cuts, cuts_of_provider = ticket
        if outcome is not None and outcome.code != 250:
            scope = asks_for_less(outcome)
            if scope == "all":
                self._all.cut(cuts, now, self._capacity)
            elif scope == "provider":
                self._throttle(provider).cut(cuts_of_provider, now, self._capacity)
        del self._under_way[message]
        self._all.leave(unsent=outcome is None)
        throttle = self._throttles.get(provider)
        if throttle is not None:
            throttle.leave(unsent=outcome is None)
            if not throttle.in_flight and not throttle.is_slowed and provider not in self._limits:
                del self._throttles[provider]
        return provider

    def wait_s(self, now: float) -> float:
        """Seconds until asking `is_open` again is worth it; see Throttle.wait_s."""
        return self._all.wait_s(now)

    def wait_for(self, provider: str, now: float) -> float:
        throttle = self._throttles.get(provider)
        return 0.0 if throttle is None else throttle.wait_s(now)

    def _throttle(self, provider: str) -> Throttle:
        """That of a provider who is to be slowed; from now on it has one."""
        found = self._throttles.get(provider)
        if found is None:
            found = self._throttles[provider] = self._new(provider)
            found.in_flight = sum(of == provider for of, _, _ in self._under_way.values())
        return found

    def _new(self, provider: str) -> Throttle:
        limit = self._limits.get(provider, DomainLimit())
        return Throttle(limit.connections, Pace(limit.messages_per_second, self.clock()))

    def state(self) -> dict[str, State]:
        """What a later run should know: numbers by provider, for JSON. Only of those with a limit, or slowed."""
        now = self.clock()
        worth = {
            name: throttle
            for name, throttle in self._throttles.items()
            if throttle.is_slowed or throttle.rate is not None
        }
        return {name: throttle.state(now) for name, throttle in {ALL: self._all, **worth}.items()}

    def resume(self, state: object) -> None:
        """Take over what `state` once said. What is not of that shape (a damaged file, say) is passed over."""
        if not isinstance(state, Mapping):
            return
        for name, values in state.items():
            found = _sound(values)
            if isinstance(name, str) and found is not None:
                throttle = self._all if name == ALL else self._throttle(name)
                throttle.resume(found, self.clock())


def _sound(values: object) -> State | None:
    if not isinstance(values, (list, tuple)) or len(values) != _FIELDS:
        return None
    if not all(isinstance(each, (int, float)) and abs(each) < _MOST for each in values):  # nor NaN
        return None
    tokens, at, allowed, rest_s, rests_until = values
    return float(tokens), float(at), int(allowed), float(rest_s), float(rests_until)


def provider_of_address(address: str) -> str:
    """Whose mailbox it is."""
    return provider_of(address.rpartition("@")[2])
