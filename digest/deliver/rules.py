"""Rules: what an outcome means for its recipient, and when it means that the run must stop. Pure.

Sources: RFC 5321 sections 4.2 and 4.5.4.1, RFC 3463 and RFC 1047; the rules for bulk senders of Gmail, Yahoo and
Outlook for the codes that speak about us. Called by the sending run for each group of outcomes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from digest.model import Outcome, Phase, RecipientState

Bounce = Literal["hard", "soft", "ours", "none"]

FIRST_WAIT = timedelta(minutes=5)  # greylisting lets nobody in sooner
LONGEST_WAIT = timedelta(hours=4)

_BEFORE_MAIL = frozenset({Phase.CONNECT, Phase.EHLO, Phase.TLS, Phase.AUTH})
_TOO_BIG = "5.3.4"
_NEEDS_SMTPUTF8 = "5.6.7"
_HARD = frozenset({"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4"})
_SOFT = frozenset({"5.2.2", _TOO_BIG})
_OURS_TEMPORARY = range(23, 33)  # 4.7.23 to 4.7.32: Gmail on SPF, DKIM, PTR, TLS and our rate of spam
_OURS_LASTING = frozenset({*range(23, 31), 515})  # 5.7.23 to 5.7.30 Gmail, 5.7.515 Outlook

# Words about our own standing, believed only where no enhanced code, or a 7.x one, contradicts them.
_OUR_STANDING = re.compile(
    r"\b(spf|dkim|dmarc)\b|unauthenticated|authentication level|reverse dns|\bptr record|"
    r"(low|poor|bad) reputation|rate of unsolicited",
    re.IGNORECASE,
)
# Words for "there is nobody here", for servers that send a bare 550: suppressing needs more than the number,
# which is also used for policy.
_NOBODY_HERE = re.compile(
    r"(no such|unknown|invalid|non-?existent) (user|recipient|mailbox|address|account)|"
    r"(user|recipient|mailbox|address|account)( \S+)? (is )?(unknown|not found|(does not|doesn't) exist)|"
    r"no mailbox here",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the ledger is to write about a recipient, and what it says about the run.

    `suppress`: the address is dead. `stop_run`: no recipient is to blame, we are; sending on makes it worse.
    `too_big`: because the edition is bigger than the relay takes, whoever reads it.
    `bounce` classes a refusal for bounce scores; `gave_up`: it was put off until its time was over.
    `beyond_relay`: his address is beyond this relay (RFC 6531); that says nothing about the next reader.
    PENDING means surely unsent and charged to nobody.
    """

    state: RecipientState
    reason: str | None = None
    next_at: datetime | None = None
    suppress: bool = False
    stop_run: bool = False
    too_big: bool = False
    bounce: Bounce = "none"
    gave_up: bool = False
    beyond_relay: bool = False


_DOT = Phase.DOT
_SENT = Verdict(state=RecipientState.SENT)


def judge(outcome: Outcome, *, attempt: int, now: datetime, slot: datetime, give_up_after: timedelta) -> Verdict:
    """What `outcome` means after `attempt` attempts (from 1, this one included).

    Only a 2xx after the final dot is a message sent; only silence after it is uncertain (RFC 1047).
    """
    if outcome.phase is _DOT and outcome.code is not None and 200 <= outcome.code < 300:
        return _SENT
    said = describe(outcome)
    if outcome.phase is Phase.DOT and outcome.code is None:
        return Verdict(state=RecipientState.UNCERTAIN, reason=said)
    if outcome.phase in _BEFORE_MAIL:
        return Verdict(state=RecipientState.PENDING, reason=said)
    if _is_about_us(outcome):
        too_big = outcome.phase is Phase.MAIL and (outcome.enhanced == _TOO_BIG or outcome.code == 552)
        return Verdict(state=RecipientState.PENDING, reason=said, stop_run=True, too_big=too_big, bounce="ours")
    if outcome.code is not None and outcome.code >= 500:
        return _failed(outcome, said)
    return _deferred(said, attempt, now, slot, give_up_after)


def next_attempt(
    failed: int, now: datetime, slot: datetime, give_up_after: timedelta = timedelta(days=5)
) -> datetime | None:
    """When to try this recipient again; None to give up.

    `failed` counts attempts made, from 1. Waits 5, 10, 20 … minutes, never more than 4 hours, and gives up
    `give_up_after` the slot. Adds no jitter: the caller spreads the batch.
    Raises ValueError when `failed` is below 1.
    """
    if failed < 1:
        raise ValueError(f"failed attempts: {failed}: at least 1")
    doublings = min(failed - 1, 10)  # beyond that the longest wait holds anyway
    due = now + min(FIRST_WAIT * 2**doublings, LONGEST_WAIT)
    return due if due <= slot + give_up_after else None


def describe(outcome: Outcome) -> str:
    """One line for the ledger: "rcpt: 550 5.1.1 no such user", "dot: no reply: the relay closed the connection"."""
    if outcome.code is None and outcome.phase in _BEFORE_MAIL and outcome.text:
        return outcome.text  # our own words: nobody has been asked about this recipient
    if outcome.code is None:
        silence = "" if outcome.text.startswith("no reply") else "no reply: " if outcome.text else "no reply"
        return f"{outcome.phase}: {silence}{outcome.text}"
    words = [f"{outcome.phase}: {outcome.code}", outcome.enhanced or "", outcome.text]
    return " ".join(word for word in words if word)


def _is_about_us(outcome: Outcome) -> bool:
    if outcome.code is None or outcome.code < 400:
        return False
    if outcome.phase is Phase.MAIL and outcome.code >= 500:  # they refuse the sender, or our edition: that is us
        return outcome.enhanced != _NEEDS_SMTPUTF8
    if outcome.enhanced is None:
        return bool(_OUR_STANDING.search(outcome.text))
    kind, subject, detail = (int(number) for number in outcome.enhanced.split("."))
    if subject != 7:
        return False
    coded = detail in (_OURS_TEMPORARY if kind == 4 else _OURS_LASTING)
    return coded or bool(_OUR_STANDING.search(outcome.text))


def _failed(outcome: Outcome, said: str) -> Verdict:
    bounce = _class_of(outcome)
    return Verdict(
        state=RecipientState.FAILED,
        reason=said,
        suppress=bounce == "hard",
        bounce=bounce,
        beyond_relay=outcome.enhanced == _NEEDS_SMTPUTF8,
    )


def _class_of(outcome: Outcome) -> Bounce:
    if outcome.enhanced in _HARD:
        return "hard"
    if outcome.enhanced in _SOFT or outcome.code == 552:
        return "soft"
    if outcome.phase is Phase.RCPT and outcome.code in {550, 551, 553} and _says_nobody(outcome):
        return "hard"
    return "ours" if (outcome.enhanced or "").startswith(("5.7.", "5.5.", "5.6.")) else "soft"


def _says_nobody(outcome: Outcome) -> bool:
    if outcome.enhanced == "5.5.0":  # Outlook's word for an account that is not there
        return "mailbox unavailable" in outcome.text.lower()
    return outcome.enhanced in {None, "5.0.0"} and bool(_NOBODY_HERE.search(outcome.text))


def _deferred(said: str, attempt: int, now: datetime, slot: datetime, give_up_after: timedelta) -> Verdict:
    due = next_attempt(attempt, now, slot, give_up_after)
    if due is None:
        return Verdict(
            state=RecipientState.FAILED, reason=f"gave up after {attempt} attempts: {said}", bounce="soft", gave_up=True
        )
    return Verdict(state=RecipientState.DEFERRED, reason=said, next_at=due, bounce="soft")


class RunGuard:
    """Watches a run and says when it must pause: for people, once, before harm is done.

    Counts go on over a resume when `answered` and `hard` of the edition so far are handed in. `in_flight`: how many
    messages can be on the wire at a time. So many may be lost at once, when a relay is restarted; `SILENT` more, and
    nobody who was taken in between, is a relay that takes messages and never says so.
    """

    ROW = 20
    SILENT = 5
    FIRST = 200
    HARD_SHARE = 0.05

    def __init__(self, *, answered: int = 0, hard: int = 0, in_flight: int = 1) -> None:
        self._answered = answered
        self._hard = hard
        self._in_a_row = 0
        self._silent = 0  # in a row
        self._most_silent = in_flight + self.SILENT

    def note(self, verdict: Verdict) -> str | None:
        """Take a verdict in, in the order of outcomes; the reason to pause, or None to go on."""
        if verdict.state is _SENT.state:
            self._in_a_row = self._silent = 0
            self._answered += 1
            return None
        reason = self._of_all(verdict)
        if reason is None:
            self._count(verdict)
            reason = self._of_many(verdict)
        return reason

    def _of_all(self, verdict: Verdict) -> str | None:
        """What one verdict says about everybody."""
        if verdict.too_big:
            wish = "have its limit raised, or name another relay"
            return f"the edition is too big for this relay, whoever reads it: {verdict.reason}; {wish}"
        if verdict.stop_run:
            return f"the relay refuses us, not a recipient: {verdict.reason}"
        return None

    def _of_many(self, verdict: Verdict) -> str | None:
        """What all of them together say; `verdict` is the last."""
        if self._silent >= self._most_silent:
            return (
                f"{self._silent} messages in a row were handed over whole and never answered; the last: "
                f"{verdict.reason}; look in the relay's log for those that `digest status --recipients --state "
                "uncertain` lists"
            )
        if self._in_a_row >= self.ROW:
            return f"{self._in_a_row} recipients in a row were refused; the last: {verdict.reason}"
        if self._answered <= self.FIRST and self._hard > self.FIRST * self.HARD_SHARE:
            return f"{self._hard} of the first {self._answered} addresses do not exist: is this list the right one?"
        return None

    def _count(self, verdict: Verdict) -> None:
        self._silent += verdict.state is RecipientState.UNCERTAIN
        if verdict.state is RecipientState.FAILED:
            # Where patience ended nobody refused anew.
            self._in_a_row += not (verdict.gave_up or verdict.beyond_relay)
            self._answered += 1
            self._hard += verdict.bounce == "hard"
