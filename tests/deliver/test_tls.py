"""Nothing leaves this machine in clear, and nothing goes to a relay that cannot prove its name."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from digest.deliver.engine import deliver
from digest.deliver.smtp import Opener, is_loopback
from digest.errors import RelayError
from tests.certificates import Authority
from tests.deliver.lists import ListDesk, ListJournal, hurried, many, relay_to
from tests.smtpd import Rule, Script, SmtpServer

Send = Callable[..., ListDesk]
Refused = Callable[..., RelayError]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(params=["plain", "fast", "fast, chunking"])
def send(request: pytest.FixtureRequest) -> Send:
    """Send four messages with one of the engines, to the end."""

    def run(server: SmtpServer, authority: Authority, **settings: Any) -> ListDesk:
        desk, engine = ListDesk(many(4)), request.param
        if engine == "fast, chunking":
            server.script.extensions = (*server.script.extensions, "CHUNKING")
        relay = relay_to(server, **{"ca_file": str(authority.ca_file), **settings})
        journal = None if engine == "plain" else ListJournal()
        deliver(desk, relay, connections=2, stop=threading.Event(), journal=journal)
        return desk

    return run


@pytest.fixture
def refused(send: Send) -> Refused:
    """The run is refused, and the server heard neither a password nor a message."""

    def run(server: SmtpServer, authority: Authority, **settings: Any) -> RelayError:
        with pytest.raises(RelayError) as told:
            send(server, authority, **settings)
        assert not {"AUTH", "MAIL", "RCPT", "DATA"} & set(server.verbs())
        assert server.connections <= 1  # one, or none where TLS comes before the greeting
        return told.value

    return run


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_mail_travels_encrypted(send: Send, authority: Authority, security: str) -> None:
    with SmtpServer(tls=authority.server(), implicit_tls=security == "tls") as server:
        desk = send(server, authority, security=security)

    assert set(desk.shape.values()) == {"dot 250"}
    assert all(message.tls for message in server.accepted)


def test_what_was_offered_in_clear_counts_no_more_after_starttls(send: Send, authority: Authority) -> None:
    with SmtpServer(tls=authority.server()) as server:
        send(server, authority, security="starttls")

    assert server.verbs(1)[:3] == ["EHLO", "STARTTLS", "EHLO"]


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize(
    ("certificate", "says"),
    [
        ({"expired": True}, "certificate has expired"),
        ({"name": "other.example.com"}, "IP address mismatch"),
        ({"self_signed": True}, "self-signed certificate|unable to get local issuer"),
    ],
)
def test_a_bad_certificate_ends_the_run_before_anything_is_said(
    refused: Refused, authority: Authority, security: str, certificate: dict[str, Any], says: str
) -> None:
    with SmtpServer(tls=authority.server(**certificate), implicit_tls=security == "tls") as server:
        error = refused(server, authority, security=security, username="me", password="secret")

    assert error.lasting
    with pytest.raises(RelayError, match=says):
        raise error


def test_an_authority_that_nobody_told_us_to_trust_is_not_trusted(refused: Refused, authority: Authority) -> None:
    with SmtpServer(tls=authority.server()) as server:
        error = refused(server, authority, security="starttls", ca_file=None)

    assert "certificate not trusted" in str(error)


@pytest.mark.parametrize(
    ("rule", "lasting"),
    [
        (Rule("starttls", text="454 4.7.0 TLS not available"), False),
        (Rule("starttls", text="502 5.5.1 no"), True),
        (Rule("starttls", do="bytes", text="\x16\x03\x01 what\r\n"), False),
        (Rule("starttls", do="drop"), False),
        (Rule("starttls", do="hang"), False),
        (Rule("starttls", do="bytes", text="220 go ahead\r\n", close=True), False),
    ],
)
def test_a_failing_starttls_never_falls_back_to_clear(
    refused: Refused, authority: Authority, rule: Rule, lasting: bool
) -> None:
    with SmtpServer(Script(rules=[rule], users={"me": "secret"}), tls=authority.server()) as server:
        times = hurried("tls", 0.3)
        error = refused(server, authority, security="starttls", username="me", password="secret", timeouts=times)

    assert error.lasting is lasting


def test_what_somebody_slips_in_before_the_handshake_is_not_believed(send: Send, authority: Authority) -> None:
    injected = Rule("starttls", do="bytes", text="220 go ahead\r\n250-evil\r\n250 SIZE 1\r\n")
    with SmtpServer(Script(rules=[injected]), tls=authority.server()) as server:
        desk = send(server, authority, security="starttls")

    assert set(desk.shape.values()) == {"dot 250"}
    assert all(message.tls for message in server.accepted)


def test_on_this_machine_a_relay_without_starttls_will_do(send: Send, authority: Authority) -> None:
    with SmtpServer() as server:
        desk = send(server, authority, security="starttls")

    assert set(desk.shape.values()) == {"dot 250"}


def test_a_port_where_no_tls_is_spoken_is_told_in_words(send: Send, authority: Authority) -> None:
    with SmtpServer() as server, pytest.raises(RelayError, match="no TLS is spoken on this port"):
        send(server, authority, security="tls")


def test_a_certificate_bundle_that_is_not_there_is_told(send: Send, authority: Authority, tmp_path: Path) -> None:
    with SmtpServer() as server, pytest.raises(RelayError, match="No such file") as told:
        send(server, authority, security="starttls", ca_file=str(tmp_path / "none.pem"))

    assert told.value.lasting


# ── log-in ───────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def members() -> Iterator[Script]:
    yield Script(users={"me": "secret"})


@pytest.mark.parametrize("auth", ["password", "xoauth2"])
def test_log_in_happens_once_per_connection_and_under_tls(
    send: Send, authority: Authority, members: Script, auth: str
) -> None:
    with SmtpServer(members, tls=authority.server()) as server:
        send(server, authority, security="starttls", username="me", password="secret", auth=auth)

    assert set(server.logins) == {("me", "secret", True)}
    times = {at: server.verbs(at).count("AUTH") for at in range(1, server.connections + 1)}
    assert max(times.values()) == 1  # one that is not needed any more may be given up before
    assert all(times[message.connection] for message in server.accepted)


@pytest.mark.parametrize(
    ("methods", "auth"),
    [("PLAIN", "password"), ("LOGIN", "password"), ("XOAUTH2", "xoauth2"), ("LOGIN XOAUTH2", "xoauth2")],
)
def test_a_relay_that_offers_one_way_to_log_in_is_logged_in_to_that_way(
    send: Send, authority: Authority, members: Script, methods: str, auth: str
) -> None:
    members.methods = methods
    with SmtpServer(members, tls=authority.server()) as server:
        desk = send(server, authority, security="starttls", username="me", password="secret", auth=auth)

    said = {line.split(" ")[1] for _, line in server.commands if line.startswith("AUTH")}
    assert said == {methods.rsplit(maxsplit=1)[-1]}
    assert set(server.logins) == {("me", "secret", True)}
    assert set(desk.shape.values()) == {"dot 250"}


@pytest.mark.parametrize(("methods", "auth"), [("XOAUTH2", "password"), ("LOGIN", "xoauth2"), ("GSSAPI", "password")])
def test_a_relay_that_offers_no_way_that_we_may_take_hears_no_password(
    refused: Refused, authority: Authority, members: Script, methods: str, auth: str
) -> None:
    members.methods = methods
    with SmtpServer(members, tls=authority.server()) as server:
        error = refused(server, authority, security="starttls", username="me", password="secret", auth=auth)

    assert f"log-in methods: {methods.lower()}: none that we can use" in str(error)
    assert error.lasting


def test_an_access_token_that_has_run_out_is_one_alarm(send: Send, authority: Authority, members: Script) -> None:
    with SmtpServer(members, tls=authority.server()) as server, pytest.raises(RelayError, match="535") as told:
        send(server, authority, security="starttls", username="me", password="yesterday's", auth="xoauth2")

    assert told.value.lasting
    assert (len(server.logins), server.connections) == (1, 1)
    assert "MAIL" not in server.verbs()


def test_without_an_access_token_nobody_logs_in(refused: Refused, authority: Authority, members: Script) -> None:
    with SmtpServer(members, tls=authority.server()) as server:
        error = refused(server, authority, security="starttls", username="me", auth="xoauth2")

    assert "log-in without an access token" in str(error)
    assert error.lasting


@pytest.mark.parametrize(
    ("reply", "lasting"), [("535 5.7.8 wrong", True), ("454 4.7.0 later", False), ("421 4.7.0 go", False)]
)
def test_a_refused_log_in_is_one_alarm_and_no_storm(
    send: Send, authority: Authority, members: Script, reply: str, lasting: bool
) -> None:
    members.rules = [Rule("auth", text=reply)]
    with SmtpServer(members, tls=authority.server()) as server, pytest.raises(RelayError, match=reply[:3]) as told:
        send(server, authority, security="starttls", username="me", password="secret")

    assert told.value.lasting is lasting
    assert "secret" not in str(told.value)
    assert (len(server.logins), server.connections) == (1, 1)
    assert "MAIL" not in server.verbs()


def test_a_relay_that_offers_no_log_in_is_told(refused: Refused, authority: Authority) -> None:
    with SmtpServer(tls=authority.server()) as server:
        error = refused(server, authority, security="starttls", username="me", password="secret")

    assert "log-in methods: none" in str(error)
    assert error.lasting


def test_on_this_machine_a_log_in_may_be_in_clear(send: Send, authority: Authority, members: Script) -> None:
    with SmtpServer(members) as server:
        desk = send(server, authority, username="me", password="secret")

    assert set(desk.shape.values()) == {"dot 250"}
    assert server.logins[0] == ("me", "secret", False)


# ── beyond this machine ──────────────────────────────────────────────────────────────────────────


def open_as_if_far_away(server: SmtpServer, **settings: Any) -> None:
    async def attempt() -> None:
        transport, _ = await Opener(relay_to(server, **settings), is_local=lambda address: False).open()
        transport.abort()

    asyncio.run(attempt())


def test_beyond_this_machine_a_relay_without_starttls_gets_nothing() -> None:
    with SmtpServer() as server, pytest.raises(RelayError, match="offers no STARTTLS") as told:
        open_as_if_far_away(server, security="starttls", username="me", password="secret")

    assert told.value.lasting
    assert server.verbs() == ["EHLO"]


def test_a_server_that_knows_only_helo_cannot_have_tls_and_gets_nothing() -> None:
    script = Script(rules=[Rule("ehlo", text="502 5.5.1 what?")])
    with SmtpServer(script) as server, pytest.raises(RelayError, match="offers no STARTTLS"):
        open_as_if_far_away(server, security="starttls")


def test_beyond_this_machine_a_password_never_travels_in_clear_whatever_is_set(members: Script) -> None:
    with SmtpServer(members) as server, pytest.raises(RelayError, match="log-in without TLS") as told:
        open_as_if_far_away(server, security="none", username="me", password="secret")

    assert told.value.lasting
    assert server.verbs() == ["EHLO"]


def test_beyond_this_machine_mail_travels_in_clear_when_told_so_in_so_many_words() -> None:
    with SmtpServer() as server:
        open_as_if_far_away(server, security="none")

    assert server.connections == 1


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("10.0.0.1", False),
        ("192.0.2.1", False),
        ("fe80::1%eth0", False),
        ("::ffff:192.0.2.1", False),
    ],
)
def test_local_is_what_has_a_loopback_address(address: str, local: bool) -> None:
    assert is_loopback(address) is local
