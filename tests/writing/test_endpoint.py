"""Endpoints: in clear text only to one's own network; and the settings reach them whole."""

from __future__ import annotations

from datetime import timedelta

import pytest

from digest.config import Settings
from digest.wiring import letterhead, writing
from digest.writing.endpoint import endpoint_url, own


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "127.9.9.9", "10.1.2.3", "172.31.0.1", "192.168.1.5", "100.64.0.9", "::1", "fd00::7",
                "::ffff:10.0.0.1"]
)  # fmt: skip
def test_addresses_of_ones_own_network(address: str) -> None:
    assert own(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "172.32.0.1", "192.169.0.1", "169.254.169.254", "0.0.0.0", "2606:4700::1111",
                "::ffff:8.8.8.8", "fe80::1%eth0"]
)  # fmt: skip
def test_addresses_of_others(address: str) -> None:
    assert not own(address)


@pytest.mark.parametrize(
    "text", ["", "api.example.org", "https://", "https://api.example.org:0/v1", "https://api.example.org/v1#x",
             "https://api.example.org/v1?key=1", "https://a:b@api.example.org", "file:///v1", "https://[::1", "http://8.8.8.8"]
)  # fmt: skip
def test_what_is_no_endpoint_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"endpoint|clear text"):
        endpoint_url(text)


def test_the_settings_reach_the_endpoint() -> None:
    llm = {
        "url": "https://api.example.org/v1/", "model": "tiny", "api_key": "sk-1", "deadline": "90s", "max_stories": 4,
        "most_tokens": 700, "tell_readers": False,
    }  # fmt: skip
    settings = Settings.model_validate({"llm": llm})

    how = writing(settings)

    assert how is not None
    assert (how.endpoint.url, how.endpoint.model, how.endpoint.api_key) == (
        "https://api.example.org/v1",
        "tiny",
        "sk-1",
    )
    assert (how.endpoint.deadline_s, how.endpoint.most_tokens, how.max_stories) == (90, 700, 4)
    assert not letterhead(settings).tell_machine
    assert settings.llm.deadline == timedelta(seconds=90)


def test_without_a_url_no_machine_is_asked() -> None:
    settings = Settings.model_validate({"llm": {"model": "tiny"}})

    assert writing(settings) is None
    assert letterhead(settings).tell_machine
