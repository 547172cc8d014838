"""A relay is a value that keeps its secret."""

from __future__ import annotations

from digest.deliver.relay import Relay, Timeouts


def test_a_relay_never_shows_its_password() -> None:
    relay = Relay(host="smtp.example.com", username="me", password="hunter2")

    assert "hunter2" not in repr(relay)
    assert relay.shown == "smtp.example.com:587"


def test_the_wait_after_the_final_dot_is_at_least_ten_minutes() -> None:
    assert Timeouts().dot >= 600
