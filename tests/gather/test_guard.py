"""The guard: public addresses may be opened, every disguise of a private one is seen through."""

from __future__ import annotations

import pytest

from digest.gather.guard import Guard, RefusedError, allowed_hosts, refusal


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822", "::ffff:93.184.216.34"]
)
def test_public_addresses_may_be_opened(address: str) -> None:
    assert refusal(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.1.2.3", "172.31.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "192.0.0.8", "192.0.2.1", "192.88.99.1", "198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1",
        "255.255.255.255", "::", "::1", "::7f00:1", "::ffff:10.0.0.1", "::ffff:0:7f00:1", "64:ff9b::a00:1",
        "64:ff9b:1::1", "2002:a00:1::", "2001::1", "2001:db8::1", "3fff::1", "5f00::1", "100::1", "fc00::1",
        "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "not an address", "",
    ],
)  # fmt: skip
def test_all_others_may_not(address: str) -> None:
    assert refusal(address) is not None


@pytest.mark.parametrize(
    "url",
    ["ftp://example.org/", "file:///etc/passwd", "/feed", "http://", "http://user@example.org/", "http://example.org:22/",
     "http://exa mple.org/", "http://example.org/\n", "http://example.org:99999/", "https://u:p@example.org/"],
)  # fmt: skip
def test_addresses_of_another_kind_are_refused(url: str) -> None:
    with pytest.raises(RefusedError):
        Guard().check_url(url.rstrip(" ") + ("x" if url.endswith("\n") else ""))


def test_names_outside_ascii_are_asked_for_in_their_wire_form() -> None:
    assert Guard().check_url("https://bücher.example/süß#top") == "https://xn--bcher-kva.example/s%C3%BC%C3%9F"


def test_an_operator_can_allow_hosts_and_ports() -> None:
    allowed = allowed_hosts(["intranet.example", "127.0.0.1:8080", "[::1]:9000"])

    assert allowed == {("intranet.example", 80), ("intranet.example", 443), ("127.0.0.1", 8080), ("::1", 9000)}
    assert Guard(allowed).check_url("http://127.0.0.1:8080/feed") == "http://127.0.0.1:8080/feed"


@pytest.mark.parametrize("text", ["", "http://x/", "a/b", "user@host", "host:port", "host:99999", " host"])
def test_what_is_no_host_cannot_be_allowed(text: str) -> None:
    with pytest.raises(ValueError, match="not a host"):
        allowed_hosts([text])
