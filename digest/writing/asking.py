"""Asking: one question to a machine that writes, by the chat completions of OpenAI that many servers offer. Edge.

Async inside, a plain function outside. However the other side behaves, an answer of bounded size comes within the
deadline, or an EndpointError that says in one line why not. The key is in no message.
"""

from __future__ import annotations

import asyncio
import functools
import http
import json
import ssl
from collections.abc import Mapping
from typing import Any

import httpcore
import httpx

from digest.gather.bodies import ENCODINGS, BodyError, read_body
from digest.gather.guard import RefusedError
from digest.gather.pinned import PinnedTransport
from digest.newsroom.text import cut, single_line
from digest.writing.endpoint import Endpoint, OwnGuard

MOST_BYTES = 512_000
"""Of an answer, unpacked. A summary and five points need less than a hundredth of it."""

ATTEMPTS = 2

_UNWANTED = (400, 404, 415, 422)  # what servers say to a request with a part that they do not know
_LASTING = (401, 402, 403, 429)
_MOST_OF_AN_ERROR = 20_000


class EndpointError(Exception):
    """No answer; the text is one line for people. `lasting`: asking for another story would end likewise."""

    def __init__(self, reason: str, *, lasting: bool = False) -> None:
        self.lasting = lasting
        super().__init__(reason)


class _RefusedError(EndpointError):
    """The server did not like the request."""


class _PassingError(EndpointError):
    """Another try may do."""


def ask(endpoint: Endpoint, request: Mapping[str, Any]) -> str:
    """The machine's words in answer to `request`. Raises EndpointError."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(_ask(endpoint, request))
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


async def _ask(endpoint: Endpoint, request: Mapping[str, Any]) -> str:
    guard = OwnGuard(clear=endpoint.url.startswith("http:"))
    transport = PinnedTransport(guard, endpoint.resolve, endpoint.trusted or _trusted(), 1)
    headers = {"Accept": "application/json", "Accept-Encoding": ENCODINGS, "Content-Type": "application/json"}
    if endpoint.api_key:
        headers["Authorization"] = f"Bearer {endpoint.api_key}"
    try:
        async with (
            asyncio.timeout(endpoint.deadline_s),
            httpx.AsyncClient(transport=transport, headers=headers, timeout=httpx.Timeout(None)) as client,
        ):
            return await _tried(client, endpoint, request)
    except TimeoutError:
        raise EndpointError(f"no full answer within {endpoint.deadline_s:g} s") from None
    except EndpointError as fault:
        raise EndpointError(_without_key(str(fault), endpoint.api_key), lasting=fault.lasting) from None


async def _tried(client: httpx.AsyncClient, endpoint: Endpoint, request: Mapping[str, Any]) -> str:
    """The request as it is; without what some servers do not know; once more when that may help."""
    attempt = 0
    while True:
        attempt += 1
        try:
            return await _once(client, endpoint, request)
        except _RefusedError:
            plain = {name: request[name] for name in ("model", "messages")}
            if request == plain:
                raise
            request = plain
        except _PassingError:
            if attempt >= ATTEMPTS:
                raise


async def _once(client: httpx.AsyncClient, endpoint: Endpoint, request: Mapping[str, Any]) -> str:
    body = json.dumps(request).encode()
    try:
        async with client.stream("POST", f"{endpoint.url}/chat/completions", content=body) as got:
            if got.status_code == http.HTTPStatus.OK:
                return _words(await read_body(got, MOST_BYTES), got.headers.get("content-type", ""))
            raise await _fault(got, endpoint.api_key)
    except (httpcore.NetworkError, httpcore.TimeoutException, OSError) as fault:
        raise _PassingError(f"cannot be reached: {_line(fault)}", lasting=True) from None
    except httpcore.RemoteProtocolError as fault:
        raise _PassingError(f"answers in broken HTTP: {_line(fault)}") from None
    except (RefusedError, BodyError) as fault:
        raise EndpointError(str(fault)) from None
    except (EndpointError, TimeoutError):
        raise
    except Exception as fault:  # whatever a server makes our libraries do, it must not stop an edition
        raise EndpointError(f"cannot be read: {type(fault).__name__}: {_line(fault)}") from None


async def _fault(got: httpx.Response, key: str | None) -> EndpointError:
    status = got.status_code
    phrase = f"{status} {http.HTTPStatus(status).phrase}" if status in list(http.HTTPStatus) else str(status)
    if got.is_redirect or 300 <= status < 400:
        return EndpointError(
            f"{phrase}: redirects are not followed; name the address itself in [llm] url", lasting=True
        )
    try:
        said = _message(await read_body(got, _MOST_OF_AN_ERROR), key)
    except Exception:  # the status says enough
        said = ""
    reason = f"{phrase}: {said}" if said else phrase
    if status in _UNWANTED:
        return _RefusedError(reason, lasting=status == 404)
    return _PassingError(reason) if status >= 500 else EndpointError(reason, lasting=status in _LASTING)


def _message(body: bytes, key: str | None) -> str:
    """What a server says of its error, in OpenAI's form, on one line; "" for any other form."""
    found = json.loads(body)
    error = found.get("error") if isinstance(found, dict) else None
    said = error.get("message") if isinstance(error, dict) else error
    return cut(single_line(_without_key(said, key)), 160) if isinstance(said, str) else ""


def _words(body: bytes, content_type: str) -> str:
    if "json" not in content_type.lower():
        raise EndpointError(f"answers with {cut(single_line(content_type), 60) or 'nothing said'!r}, not with JSON")
    try:
        choice = json.loads(body)["choices"][0]
        words, end = choice["message"]["content"], choice.get("finish_reason")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise EndpointError("answers with JSON that is no chat completion") from None
    if end == "length":
        raise EndpointError("the answer was cut off; raise [llm] most_tokens")
    if not isinstance(words, str):
        raise EndpointError("answers without words")
    return words


def _line(fault: BaseException) -> str:
    return cut(single_line(str(fault)) or type(fault).__name__, 160)


def _without_key(text: str, key: str | None) -> str:
    return text.replace(key, "…") if key else text


@functools.cache
def _trusted() -> ssl.SSLContext:
    """The certificates that everybody trusts, whatever the environment says. Loading them is slow."""
    return httpx.create_ssl_context(trust_env=False)
