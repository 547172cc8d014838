"""An SMTP server in a bad mood: of what it is asked, a given share goes wrong, drawn from a seed.

What goes wrong is drawn from the seed, the phase, the recipient and how often he came, not from the order in which
connections happen to be served: the same seed is the same weather, on a fast machine and on a slow one.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from typing import Any

from tests.smtpd import Rule, Script, SmtpServer

_FAULTS: dict[str, list[tuple[float, Rule]]] = {
    "greeting": [(3, Rule("greeting", text="421 4.3.2 too busy", close=True)), (1, Rule("greeting", do="drop"))],
    "mail": [
        (0.5, Rule("mail", text="421 4.3.2 enough of this connection", close=True)),  # more of it slows us down
        (1.5, Rule("mail", text="451 4.3.0 try again")),
    ],
    "rcpt": [
        (6, Rule("rcpt", text="451 4.7.1 greylisted, come back later")),
        (2, Rule("rcpt", text="452 4.2.2 mailbox full for now")),
        (0.3, Rule("rcpt", text="550 5.1.1 no such user")),
        (2, Rule("rcpt", text="550 5.7.1 policy")),
        (1, Rule("rcpt", text="421 4.3.2 closing", close=True)),
        (1, Rule("rcpt", do="drop")),
        (1, Rule("rcpt", do="reset")),
    ],
    "data": [
        (2, Rule("data", text="451 4.3.0 not now")),
        (1, Rule("data", do="drop")),
        (1, Rule("data", do="bytes", text="354 go on\r\n250 2.0.0 queued\r\n")),
    ],
    "body": [(2, Rule("body", do="reset", after=500)), (1, Rule("body", do="drop", after=2000))],
    "dot": [
        (3, Rule("dot", text="451 4.3.0 try again")),
        (1, Rule("dot", text="550 5.7.1 content refused")),
        (1, Rule("dot", text="421 4.3.2 closing", close=True)),
        (2, Rule("dot", do="drop", accepted=True)),
        (1, Rule("dot", do="drop")),
        (1, Rule("dot", do="reset", accepted=True)),
        (0.3, Rule("dot", do="bytes", text="?!\r\n", accepted=True)),
        (0.15, Rule("dot", do="hang", accepted=True)),
    ],
}
_FAULTS["bdat"] = _FAULTS["dot"]
_WHO = re.compile(r"<([^>]*)>")


class MoodyServer(SmtpServer):
    """`share` of all messages meet a fault, about."""

    def __init__(self, script: Script, *, seed: int, share: float, **more: Any) -> None:
        super().__init__(script, **more)
        self.faults: Counter[str] = Counter()
        self._silent = 0
        self._seed = seed
        self._visits: Counter[tuple[str, str]] = Counter()
        total = sum(weight for kinds in _FAULTS.values() for weight, _ in kinds) - 8.45  # dot and bdat: one of them
        self._unit = share / total

    @property
    def in_doubt(self) -> int:
        """How many messages it may have left in doubt, kills apart.

        A chunk leaves together with its MAIL and RCPT: there every connection that is cut may leave one, or a window.
        """
        return self.connections if "CHUNKING" in self.script.extensions else self._silent

    def rule_for(self, phase: str, subject: str) -> Rule | None:
        kinds = _FAULTS.get(phase)
        if kinds is None:
            return None
        found = _WHO.search(subject)
        who = found[1] if found else subject
        self._visits[phase, who] += 1
        drawn = random.Random(f"{self._seed} {phase} {who} {self._visits[phase, who]}").random()
        for weight, rule in kinds:
            drawn -= weight * self._unit
            if drawn < 0:
                return self._noted(rule)
        return None

    def _noted(self, rule: Rule) -> Rule:
        self.faults[f"{rule.phase} {rule.do} {rule.text[:3]}".strip()] += 1
        self._silent += rule.phase in {"dot", "body"} and rule.do != "reply"
        return rule
