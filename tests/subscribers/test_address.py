"""What is an address, and when two are the same."""

from __future__ import annotations

import re

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from subscribers.address import normalise
from subscribers.errors import AddressError


def test_the_wire_form_keeps_the_local_part_and_lowers_the_domain() -> None:
    address = normalise("Ann.Lee+News@Example.ORG")

    assert address.address == "Ann.Lee+News@example.org"
    assert address.domain == "example.org"
    assert not address.needs_smtputf8


def test_addresses_that_differ_only_in_case_have_one_key() -> None:
    assert normalise("ANN@Example.org").key == normalise("ann@example.ORG").key == "ann@example.org"


def test_an_international_domain_goes_on_the_wire_as_punycode() -> None:
    typed = normalise("ann@Bücher.example")

    assert typed.address == "ann@xn--bcher-kva.example"
    assert typed == normalise("ann@xn--bcher-kva.example")
    assert not typed.needs_smtputf8


def test_an_international_local_part_needs_smtputf8_and_is_composed() -> None:
    decomposed = normalise("Jose\u0301@example.org")

    assert decomposed.address == "José@example.org"
    assert decomposed.key == normalise("JOSÉ@example.org").key
    assert decomposed.needs_smtputf8


@pytest.mark.parametrize("reserved", ["ann@example.com", "ann@mail.example", "ann@example.net", "ann@clinic.test"])
def test_reserved_example_domains_can_be_used_for_trying_things_out(reserved: str) -> None:
    assert normalise(reserved).address == reserved


def test_test_domains_can_be_refused() -> None:
    with pytest.raises(AddressError):
        normalise("ann@clinic.test", test_environment=False)


@pytest.mark.parametrize(
    "text",
    [
        "", "ann", "ann@", "@example.org", "ann@localhost", "ann@host.local", "ann@x.invalid", "ann@[192.0.2.1]",
        "ann@@example.org", "ann@b@example.org", "a..n@example.org", ".ann@example.org", "ann.@example.org",
        "ann@-x.org", "ann@example.org.", "Ann Lee <ann@example.org>", "<ann@example.org>", "ann@example.org (Ann)",
        '"ann lee"@example.org', "ann lee@example.org", " ann@example.org", "ann@example.org\n", "ann\x00@example.org",
        "ann\x7f@example.org", "ann@exa\u200bmple.org", "ann\u202e@example.org", "ann@example.org\r\nBcc: eve@x.org",
        "ann\ud800@example.org", f"{'a' * 65}@example.org", f"ann@{'a' * 64}.org",
        f"{'é' * 60}@{'a' * 60}.{'b' * 60}.{'c' * 20}.org",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(AddressError):
        normalise(text)


def test_megabytes_of_anything_are_refused_with_a_short_message() -> None:
    with pytest.raises(AddressError) as refused:
        normalise("a@" * 5_000_000)

    assert len(str(refused.value)) < 200


def test_a_refusal_says_what_and_why() -> None:
    with pytest.raises(AddressError, match=r"^address: 'ann@': There must be something after the @-sign"):
        normalise("ann@")


_LOCAL_CHARACTERS = st.sampled_from("abAB09.!#$%&'*+-/=?^_`{|}~\"(),:;<>@[\\] \té")


@settings(max_examples=150)
@given(st.text(_LOCAL_CHARACTERS, min_size=1, max_size=8))
def test_the_quick_check_agrees_with_the_thorough_one(local: str) -> None:
    text = f"{local}@example.org"
    try:
        validate_email(text, strict=True, check_deliverability=False, test_environment=True)
        expected = bool(re.fullmatch(r"\S+", text))
    except EmailNotValidError:
        expected = False

    try:
        accepted = normalise(text).address == text
    except AddressError:
        accepted = False

    assert accepted == expected
