"""Article links: absolute http(s) addresses that are what they look like. Pure (newsroom)."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\xa0\u2000-\u200f\u2028-\u202f\u205f-\u206f\ufeff\\<>\"`{}|^\ud800-\udfff]")
_HOST = re.compile(r"(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_IPV6 = re.compile(r"[0-9a-f:.]{2,45}")
_LONGEST = 2000


def article_url(text: str, *, at_most: int = _LONGEST) -> str:
    """`text` as a link that mail programs understand: ASCII, the host in its wire form, the path percent-encoded.

    Raises ValueError, whose text says what is wanted, for anything but an absolute http(s) address with a host:
    other schemes, relative addresses, user names in front of the host (they disguise where a link leads), white
    space, control characters, backslashes and quotation marks.
    """
    url = text.strip()
    if len(url) > at_most:
        raise ValueError(f"a link of at most {at_most} characters is wanted")
    if _FORBIDDEN.search(url):
        raise ValueError("a link without spaces, quotation marks and control characters is wanted")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("not a link") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("a full link that begins with https:// or http:// is wanted")
    if "@" in parts.netloc:
        raise ValueError("a link without a user name before its host is wanted")
    host = _host(parts.hostname) + ("" if port is None else f":{port}")
    return parts._replace(
        netloc=host,
        path=_encoded(parts.path),
        query=_encoded(parts.query),
        fragment=_encoded(parts.fragment),
    ).geturl()


def host_of(url: str) -> str:
    """The host of an article's link, lower-case, without "www."."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _host(name: str) -> str:
    if ":" in name:
        if _IPV6.fullmatch(name):
            return f"[{name}]"
        raise ValueError("a link with a host is wanted")
    try:
        wire = name if name.isascii() else name.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise ValueError("a link with a host is wanted") from None
    if not _HOST.fullmatch(wire.removesuffix(".")):
        raise ValueError("a link with a host is wanted")
    return wire


def _encoded(part: str) -> str:
    return part if part.isascii() else quote(part, safe="!#$%&'()*+,/:;=?@[]~")
