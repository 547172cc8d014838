"""Bodies: what a server sends, unpacked and cut off at a limit. Edge: HTTP answers.

Unpacking is bounded step by step: 64 kB on the wire can be 64 MB of zeros, and packed twice 64 GB.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator

import httpx

ENCODINGS = "gzip, deflate"
"""What we ask for, and all that we unpack."""


class BodyError(Exception):
    """A body that cannot be used; the text says why."""


async def read_body(response: httpx.Response, at_most: int) -> bytes:
    """The body, unpacked, of at most that many bytes. Raises BodyError, or what the connection raises."""
    announced = response.headers.get("content-length", "")
    if announced.isdigit() and len(announced) < 20 and int(announced) > at_most:
        raise _too_large(at_most)
    body = bytearray()
    async for piece in _unpacked(response, at_most):
        body += piece
        if len(body) > at_most:
            raise _too_large(at_most)
    return bytes(body)


def _too_large(at_most: int) -> BodyError:
    return BodyError(f"larger than {at_most / 1_000_000:g} MB")


async def _unpacked(response: httpx.Response, at_most: int) -> AsyncIterator[bytes]:
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding in ("", "identity"):
        async for raw in response.aiter_raw():
            yield raw
    elif encoding in ("gzip", "x-gzip", "deflate"):
        try:
            async for piece in _inflated(response.aiter_raw(), encoding, at_most):
                yield piece
        except zlib.error as fault:
            raise BodyError(f"its {encoding} packing is damaged ({fault})") from None
    else:
        raise BodyError(f"packed as {encoding[:40]!r}, which was not asked for")


async def _inflated(raw: AsyncIterator[bytes], encoding: str, at_most: int) -> AsyncIterator[bytes]:
    """Never more than `at_most` + 1 bytes at a time, however small the packed piece."""
    unpack = None
    async for piece in raw:
        if not piece:
            continue
        if unpack is None:
            # "deflate" means zlib's format (RFC 9110 8.4.1.2), but some servers leave out its header.
            bare = encoding == "deflate" and piece[0] & 0x0F != 8
            unpack = zlib.decompressobj(-zlib.MAX_WBITS if bare else zlib.MAX_WBITS | 32)
        yield unpack.decompress(piece, at_most + 1)
        if unpack.eof:
            return  # what follows is not ours to keep
    if unpack is not None and not unpack.eof:
        raise BodyError("cut off")
