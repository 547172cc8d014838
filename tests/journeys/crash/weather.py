"""A weather: a seed's server, its faults and its kills, and an edition that has to pass through."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field

from digest.failpoints import POINTS
from tests.journeys.crash.laboratory import CONNECTIONS, Books, Laboratory, Trial
from tests.journeys.crash.moody import MoodyServer
from tests.smtpd import Script

_OFFERS = ("SIZE 0", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES")
_EACH_MESSAGE = POINTS[POINTS.index("before_begin") : POINTS.index("after_settle_commit")]


@dataclass(frozen=True)
class Passed:
    """What became of an edition, and how the promise was broken, if it was."""

    books: Books
    kills: int
    faults: Counter[str]
    broken: list[str]


@dataclass
class Weather:
    seed: int
    share: float = 0.3
    chance: random.Random = field(init=False)
    policy: str = field(init=False)
    extensions: tuple[str, ...] = field(init=False)
    window: int = 1

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.policy = self.chance.choice(["hold", "resend-once"])
        self.extensions = _OFFERS + self.chance.choice([("PIPELINING",), ("PIPELINING", "CHUNKING"), ()])
        if "CHUNKING" in self.extensions:
            self.window = 4

    @property
    def shown(self) -> str:
        return f"{self.policy}, {' '.join(self.extensions[len(_OFFERS) :]) or 'step by step'}"

    def passed_through(self, laboratory: Laboratory, *, kills: int) -> Passed:
        """Send with about so many kills, then to the end."""
        closes_after = self.chance.choice([0, 0, 17, 60])
        script = Script(extensions=self.extensions, closes_after=closes_after)
        server = MoodyServer(script, seed=self.seed, share=self.share)
        with server, laboratory.trial(server, policy=self.policy, window=self.window) as trial:
            trial.timeouts["dot"] = 1.5  # some replies never come
            for _ in range(kills):
                self._kill(trial, laboratory.readers // (kills + 1))
                trial.resume_if_paused()
            trial.finish()
            books = trial.books()
        in_doubt = self.window * (CONNECTIONS * trial.kills + server.in_doubt)
        broken = books.broken(readers=laboratory.readers, policy=self.policy, in_doubt=in_doubt)
        return Passed(books, trial.kills, server.faults, broken)

    def _kill(self, trial: Trial, about: int) -> None:
        """At a random number of accepted messages, or at a random fail-point."""
        if self.chance.random() < 0.5:
            trial.run_and_kill(self.chance.randint(1, max(2, 2 * about)))
            return
        point = self.chance.choice(POINTS)
        times = self.chance.randint(1, max(2, 2 * about)) if point in _EACH_MESSAGE else 1
        trial.run(f"{point}:{times}")
