"""Asking a machine: however the other side behaves, a bounded answer comes in time, or a line that says why not."""

from __future__ import annotations

import gzip
import itertools
import json
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from digest.writing.asking import MOST_BYTES, EndpointError, ask
from digest.writing.endpoint import Endpoint
from tests.certificates import Authority
from tests.gather.hostile import Asked, HostileServer, answer

KEY = "sk-0123456789abcdef"
PATH = "/v1/chat/completions"
SHAPE = {"type": "object"}


@pytest.fixture
def server() -> Iterator[HostileServer]:
    with HostileServer() as running:
        yield running


def endpoint(server: HostileServer, **more: Any) -> Endpoint:
    usual: dict[str, Any] = {"url": server.url("/v1"), "model": "tiny", "api_key": KEY, "deadline_s": 5}
    return Endpoint(**(usual | more))


def put(server: HostileServer, **more: Any) -> str:
    at = endpoint(server, **more)
    return ask(at, at.request([{"role": "user", "content": "Hello"}], SHAPE))


def completion(words: object = "Yes.", **more: Any) -> bytes:
    choice = {"message": {"role": "assistant", "content": words}, "finish_reason": "stop"} | more
    return answer(200, json.dumps({"choices": [choice]}).encode(), content_type="application/json; charset=utf-8")


def refused(server: HostileServer, **more: Any) -> EndpointError:
    with pytest.raises(EndpointError) as told:
        put(server, **more)
    assert KEY not in str(told.value)
    assert "\n" not in str(told.value)
    return told.value


def test_the_words_of_the_first_choice_come_back(server: HostileServer) -> None:
    server.routes[PATH] = completion("Yes.")

    assert put(server) == "Yes."

    (asked,) = server.asked
    body = json.loads(asked.body)
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert (body["model"], body["temperature"], body["max_tokens"]) == ("tiny", 0, 1_500)
    assert body["response_format"]["json_schema"]["schema"] == SHAPE


def test_without_a_key_none_is_sent(server: HostileServer) -> None:
    server.routes[PATH] = completion()

    put(server, api_key=None)

    assert "authorization" not in server.asked[0].headers


def test_a_server_that_knows_no_shapes_is_asked_without(server: HostileServer) -> None:
    def choosy(connection: socket.socket, asked: Asked) -> None:
        plain = set(json.loads(asked.body)) == {"model", "messages"}
        connection.sendall(completion() if plain else answer(400, b'{"error": "unknown field"}'))

    server.routes[PATH] = choosy

    assert put(server) == "Yes."
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("status", "times", "lasting"),
    [
        (401, 1, True),
        (403, 1, True),
        (429, 1, True),
        (500, 2, False),
        (503, 2, False),
        (400, 2, False),
        (418, 1, False),
    ],
)
def test_errors_are_told_with_their_status(server: HostileServer, status: int, times: int, lasting: bool) -> None:
    message = {"error": {"message": f"Wrong key {KEY}\r\nSet-Cookie: x", "type": "t"}}
    server.routes[PATH] = answer(status, json.dumps(message).encode(), content_type="application/json")

    fault = refused(server)

    assert str(fault).startswith(str(status))
    assert "Wrong key …" in str(fault)
    assert fault.lasting is lasting
    assert len(server.asked) == times


def test_a_server_that_fails_once_is_asked_once_more(server: HostileServer) -> None:
    replies = iter([answer(502), completion("At last.")])
    server.routes[PATH] = lambda connection, _: connection.sendall(next(replies))

    assert put(server) == "At last."


def test_redirects_are_not_followed(server: HostileServer) -> None:
    server.routes[PATH] = answer(307, Location=server.url("/elsewhere"))
    server.routes["/elsewhere"] = completion()

    fault = refused(server)

    assert "redirects are not followed" in str(fault)
    assert [asked.path for asked in server.asked] == [PATH]


@pytest.mark.parametrize(
    "reply",
    [
        answer(200, b"", content_type="application/json"),
        answer(200, b"not JSON", content_type="application/json"),
        answer(200, b"[" * 100_000, content_type="application/json"),
        answer(200, b"9" * 10_000, content_type="application/json"),
        answer(200, b"null", content_type="application/json"),
        answer(200, b'{"choices": []}', content_type="application/json"),
        answer(200, b'{"choices": {"0": 1}}', content_type="application/json"),
        answer(200, b'{"choices": [{"message": "x"}]}', content_type="application/json"),
        answer(200, b'\xff\xfe{"choices"', content_type="application/json"),
        answer(200, b"<html>", content_type="text/html"),
        completion().replace(b"application/json", b"text/html"),
        completion(None),
        completion(["a"]),
        completion("{", finish_reason="length"),
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\0" * 1_000,
        b"",
        answer(200, b"x" * 50, content_type="application/json", content_encoding="br"),
        answer(200, b"x" * 50, content_type="application/json", content_encoding="gzip"),
    ],
    ids=lambda reply: repr(reply[-40:]),
)
def test_what_is_no_answer_is_told_in_a_line(server: HostileServer, reply: bytes) -> None:
    server.routes[PATH] = reply

    assert str(refused(server))


def test_ten_megabytes_are_not_taken(server: HostileServer) -> None:
    server.routes[PATH] = completion("x" * 10_000_000)

    assert "larger than" in str(refused(server))


def test_ten_megabytes_that_nobody_announced_are_not_taken(server: HostileServer) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
    server.routes[PATH] = head + b" " * 10_000_000

    assert "larger than" in str(refused(server))


def test_a_bomb_in_gzip_does_not_go_off(server: HostileServer) -> None:
    packed = gzip.compress(b" " * 100 * MOST_BYTES)
    server.routes[PATH] = answer(200, packed, content_type="application/json", content_encoding="gzip")

    assert "larger than" in str(refused(server))


def test_an_answer_in_gzip_is_read(server: HostileServer) -> None:
    body = json.dumps({"choices": [{"message": {"content": "Packed."}}]}).encode()
    server.routes[PATH] = answer(200, gzip.compress(body), content_type="application/json", content_encoding="gzip")

    assert put(server) == "Packed."


@pytest.mark.parametrize("silence", ["before the answer", "in the head", "in the body"])
def test_a_machine_that_hangs_or_drips_is_left_at_the_deadline(server: HostileServer, silence: str) -> None:
    def drip(connection: socket.socket, _: Asked) -> None:
        if silence == "before the answer":
            server.hold()
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        connection.sendall(head + (b"" if silence == "in the head" else b"\r\n"))
        pieces = (b"X-%d: 1\r\n" % n for n in itertools.count()) if silence == "in the head" else itertools.repeat(b" ")
        server.drip(connection, pieces, 0.05)

    server.routes[PATH] = drip
    begun = time.monotonic()

    fault = refused(server, deadline_s=0.6)

    assert "no full answer within 0.6 s" in str(fault)
    assert time.monotonic() - begun < 4


def test_nobody_there_is_told(server: HostileServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    fault = refused(server, url=f"http://127.0.0.1:{port}/v1")

    assert "cannot be reached" in str(fault)
    assert fault.lasting


def test_a_name_that_leads_out_of_ones_own_network_is_not_asked_in_clear_text(server: HostileServer) -> None:
    async def abroad(_: str, __: int) -> list[str]:
        return ["93.184.216.34"]

    fault = refused(server, url="http://machine.example/v1", resolve=abroad)

    assert "in clear text only to your own network" in str(fault)


def test_a_name_of_ones_own_network_is_asked_in_clear_text(server: HostileServer) -> None:
    async def here(_: str, __: int) -> list[str]:
        return ["127.0.0.1"]

    server.routes[PATH] = completion()

    assert put(server, url=f"http://machine.example:{server.port}/v1", resolve=here) == "Yes."
    assert server.asked[0].headers["host"] == f"machine.example:{server.port}"


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    with HostileServer(Authority(tmp_path).server()) as server:
        server.routes[PATH] = completion()

        assert "certificate" in str(refused(server, url=f"https://127.0.0.1:{server.port}/v1")).lower()
        assert server.asked == []


def test_a_certificate_that_is_trusted_is_taken(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    trusted = ssl.create_default_context(cafile=str(authority.ca_file))
    with HostileServer(authority.server()) as server:
        server.routes[PATH] = completion()

        assert put(server, url=f"https://127.0.0.1:{server.port}/v1", trusted=trusted) == "Yes."


def test_the_key_is_in_no_picture_of_the_endpoint(server: HostileServer) -> None:
    assert KEY not in repr(endpoint(server))
