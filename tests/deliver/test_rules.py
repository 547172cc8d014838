"""What an outcome means: by phase, code and enhanced code; and when a run must pause."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.deliver.rules import RunGuard, Verdict, describe, judge, next_attempt
from digest.model import Outcome, Phase, RecipientState

SLOT = datetime(2026, 11, 23, 7, tzinfo=UTC)
S = RecipientState


def verdict(phase: Phase, code: int | None, enhanced: str | None = None, text: str = "", **more: object) -> Verdict:
    attempt = int(str(more.get("attempt", 1)))
    now = more.get("now", SLOT)
    assert isinstance(now, datetime)
    outcome = Outcome(phase=phase, code=code, enhanced=enhanced, text=text)
    return judge(outcome, attempt=attempt, now=now, slot=SLOT, give_up_after=timedelta(days=5))


def test_only_a_2xx_after_the_final_dot_is_sent() -> None:
    assert verdict(Phase.DOT, 250).state is S.SENT
    assert verdict(Phase.DATA, 250).state is S.DEFERRED


def test_silence_after_the_final_dot_is_uncertain_and_before_it_is_not() -> None:
    assert verdict(Phase.DOT, None).state is S.UNCERTAIN
    assert verdict(Phase.BODY, None).state is S.DEFERRED


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome(phase=Phase.RCPT, code=550, enhanced="5.1.1", text="no such user"), "rcpt: 550 5.1.1 no such user"),
        (Outcome(phase=Phase.DOT, text="no reply within 600 s"), "dot: no reply within 600 s"),
        (Outcome(phase=Phase.DOT, text="the relay closed"), "dot: no reply: the relay closed"),
        (Outcome(phase=Phase.CONNECT, text="taken back before its turn came"), "taken back before its turn came"),
        (Outcome(phase=Phase.BODY), "body: no reply"),
    ],
)
def test_an_outcome_is_told_in_one_line(outcome: Outcome, words: str) -> None:
    assert describe(outcome) == words


@pytest.mark.parametrize("phase", [Phase.CONNECT, Phase.EHLO, Phase.TLS, Phase.AUTH])
def test_what_happens_before_mail_is_charged_to_nobody(phase: Phase) -> None:
    assert verdict(phase, 550).state is S.PENDING
    assert verdict(phase, None).state is S.PENDING


@pytest.mark.parametrize("code", [421, 450, 451, 452])
@pytest.mark.parametrize("phase", [Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.DOT])
def test_4xx_is_tried_again_after_five_minutes(phase: Phase, code: int) -> None:
    told = verdict(phase, code)

    assert (told.state, told.next_at) == (S.DEFERRED, SLOT + timedelta(minutes=5))


def test_a_lasting_4xx_is_given_up_five_days_after_the_slot() -> None:
    told = verdict(Phase.RCPT, 451, attempt=30, now=SLOT + timedelta(days=4, hours=21))

    assert told.state is S.FAILED
    assert told.reason == "gave up after 30 attempts: rcpt: 451"
    assert not told.suppress


@pytest.mark.parametrize("enhanced", ["5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4"])
@pytest.mark.parametrize("phase", [Phase.RCPT, Phase.DOT])
def test_an_address_that_does_not_exist_fails_and_is_suppressed(phase: Phase, enhanced: str) -> None:
    told = verdict(phase, 550, enhanced)

    assert (told.state, told.suppress, told.bounce) == (S.FAILED, True, "hard")


@pytest.mark.parametrize("text", ["No such user here", "User unknown", "mailbox not found", "Recipient does not exist"])
def test_a_bare_550_suppresses_only_when_it_says_that_nobody_is_there(text: str) -> None:
    assert verdict(Phase.RCPT, 550, None, text).suppress
    assert not verdict(Phase.RCPT, 550, None, "Requested action not taken").suppress
    assert not verdict(Phase.DOT, 550, None, text).suppress


def test_outlooks_own_word_for_a_missing_account_is_understood() -> None:
    assert verdict(Phase.RCPT, 550, "5.5.0", "Requested action not taken: mailbox unavailable").suppress


@pytest.mark.parametrize(("code", "enhanced"), [(552, None), (552, "5.2.2"), (550, "5.2.2")])
def test_a_full_mailbox_fails_softly(code: int, enhanced: str | None) -> None:
    told = verdict(Phase.RCPT, code, enhanced)

    assert (told.state, told.suppress, told.bounce) == (S.FAILED, False, "soft")


@pytest.mark.parametrize("enhanced", ["5.7.1", "5.7.0", "5.7.31", "5.7.133"])
def test_other_policy_refusals_fail_the_recipient_and_suppress_nobody(enhanced: str) -> None:
    told = verdict(Phase.RCPT, 550, enhanced)

    assert (told.state, told.suppress, told.stop_run) == (S.FAILED, False, False)


@pytest.mark.parametrize(
    ("code", "enhanced"),
    [(421, f"4.7.{n}") for n in range(23, 33)] + [(550, f"5.7.{n}") for n in [*range(23, 31), 515]],
)
@pytest.mark.parametrize("phase", [Phase.RCPT, Phase.DOT])
def test_codes_about_our_standing_stop_the_run_and_fail_nobody(phase: Phase, code: int, enhanced: str) -> None:
    told = verdict(phase, code, enhanced)

    assert (told.state, told.stop_run, told.suppress) == (S.PENDING, True, False)


@pytest.mark.parametrize("enhanced", [None, "5.7.1"])
def test_texts_about_our_standing_stop_the_run_too(enhanced: str | None) -> None:
    assert verdict(Phase.DOT, 550, enhanced, "Unauthenticated email from example.com").stop_run
    assert verdict(Phase.DOT, 550, enhanced, "rejected, see the DMARC policy").stop_run
    assert not verdict(Phase.RCPT, 550, "5.1.1", "no SPF-fan of that name").stop_run


def test_a_refused_sender_is_our_fault() -> None:
    assert verdict(Phase.MAIL, 550, "5.1.8").stop_run
    assert verdict(Phase.MAIL, 530).state is S.PENDING


@pytest.mark.parametrize(
    ("phase", "code", "enhanced"),
    [(Phase.RCPT, 552, "5.3.4"), (Phase.DOT, 552, "5.3.4"), (Phase.DOT, 552, None), (Phase.MAIL, 553, "5.6.7")],
)
def test_what_cannot_be_sent_for_technical_reasons_fails_with_its_reason(
    phase: Phase, code: int, enhanced: str | None
) -> None:
    told = verdict(phase, code, enhanced, "said why")

    assert (told.state, told.stop_run, told.suppress) == (S.FAILED, False, False)
    assert told.reason is not None
    assert "said why" in told.reason


def test_waits_double_from_five_minutes_to_four_hours() -> None:
    waits = [next_attempt(failed, SLOT, SLOT) for failed in range(1, 9)]

    assert [(due - SLOT).seconds // 60 for due in waits if due] == [5, 10, 20, 40, 80, 160, 240, 240]


def test_no_attempt_made_yet_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        next_attempt(0, SLOT, SLOT)


@given(failed=st.integers(1, 10_000), after=st.timedeltas(timedelta(0), timedelta(days=9)))
def test_a_next_attempt_is_never_late_and_never_in_the_past(failed: int, after: timedelta) -> None:
    now = SLOT + after

    due = next_attempt(failed, now, SLOT)

    assert due is None or now + timedelta(minutes=5) <= due <= SLOT + timedelta(days=5)


@given(phase=st.sampled_from(list(Phase)), code=st.none() | st.integers(200, 599), text=st.text(max_size=40))
def test_nothing_is_called_sent_without_a_2xx_after_the_dot(phase: Phase, code: int | None, text: str) -> None:
    told = verdict(phase, code, None, text)

    assert (told.state is S.SENT) == (phase is Phase.DOT and code is not None and code < 300)
    assert (told.state is S.UNCERTAIN) == (phase is Phase.DOT and code is None)
    assert (told.next_at is not None) == (told.state is S.DEFERRED)


SENT = Verdict(state=S.SENT)
SOFT = Verdict(state=S.FAILED, reason="rcpt: 550", bounce="soft")
HARD = Verdict(state=S.FAILED, reason="rcpt: 550 5.1.1", bounce="hard", suppress=True)


def test_twenty_refusals_in_a_row_pause_the_run() -> None:
    guard = RunGuard(answered=1000)

    reasons = [guard.note(SOFT) for _ in range(20)]

    assert reasons[:19] == [None] * 19
    assert reasons[19] == "20 recipients in a row were refused; the last: rcpt: 550"


def test_one_acceptance_starts_the_count_of_refusals_afresh_and_a_deferral_does_not() -> None:
    guard = RunGuard(answered=1000)
    deferred = Verdict(state=S.DEFERRED, bounce="soft")

    reasons = [guard.note(each) for each in [*[SOFT] * 19, SENT, *[SOFT] * 19, deferred]]

    assert reasons == [None] * 40
    assert guard.note(SOFT) is not None


def test_more_than_five_per_cent_dead_addresses_among_the_first_two_hundred_pause_the_run() -> None:
    guard = RunGuard()

    reasons = [guard.note(each) for each in [SENT, HARD] * 11]

    assert reasons[:21] == [None] * 21
    assert reasons[21] == "11 of the first 22 addresses do not exist: is this list the right one?"


def test_dead_addresses_later_in_the_run_do_not_pause_it() -> None:
    guard = RunGuard(answered=200, hard=10)

    assert [guard.note(each) for each in [SENT, HARD] * 11] == [None] * 22


LOST = Verdict(state=S.UNCERTAIN, reason="dot: no reply: the connection was closed")


def test_many_messages_in_a_row_without_any_reply_pause_the_run() -> None:
    guard = RunGuard(in_flight=4)

    reasons = [guard.note(LOST) for _ in range(9)]

    assert reasons[:8] == [None] * 8
    assert str(reasons[8]).startswith("9 messages in a row were handed over whole and never answered")
    assert "the last: dot: no reply: the connection was closed" in str(reasons[8])


def test_all_connections_lost_at_once_and_again_later_pause_nothing() -> None:
    guard = RunGuard(in_flight=10)

    assert [guard.note(each) for each in [*[LOST] * 14, SENT, *[LOST] * 14, SOFT, SENT]] == [None] * 31


def test_refusals_in_between_do_not_hide_that_nothing_is_answered() -> None:
    guard = RunGuard(answered=1000)

    reasons = [guard.note(each) for each in [LOST, SOFT] * 6]

    assert reasons[:10] == [None] * 10
    assert reasons[10] is not None


def test_a_verdict_about_us_pauses_at_once() -> None:
    assert RunGuard().note(Verdict(state=S.PENDING, reason="mail: 550", stop_run=True)) is not None


@pytest.mark.parametrize("enhanced", ["5.3.4", None])
def test_a_size_that_is_refused_before_anybody_is_named_is_that_of_the_edition(enhanced: str | None) -> None:
    told = verdict(Phase.MAIL, 552, enhanced, "the message has 90000 bytes, the relay takes 50000")

    reason = RunGuard().note(told)

    assert (told.state, told.stop_run, told.too_big) == (S.PENDING, True, True)
    assert reason is not None
    assert reason.startswith("the edition is too big for this relay, whoever reads it: mail: 552")


def test_a_row_of_those_whose_time_is_over_is_no_row_of_refusals() -> None:
    guard = RunGuard()
    tempfailed = Outcome(phase=Phase.RCPT, code=451, enhanced="4.4.1", text="cannot find the domain")
    verdicts = [
        judge(tempfailed, attempt=30, now=SLOT + timedelta(days=6), slot=SLOT, give_up_after=timedelta(days=5))
        for _ in range(30)
    ]

    assert {verdict.state for verdict in verdicts} == {RecipientState.FAILED}
    assert [guard.note(verdict) for verdict in verdicts] == [None] * 30
