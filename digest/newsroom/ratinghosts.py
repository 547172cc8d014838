"""An outlet's own host out of what a rater's table says is its address. Pure (newsroom)."""

from __future__ import annotations

import re

from digest.newsroom.links import article_url, host_of

_RATERS = ("mediabiasfactcheck.com", "allsides.com", "adfontesmedia.com", "ground.news", "newsguardtech.com")
_PLATFORMS = frozenset(
    re.findall(
        r"\S+",
        "facebook.com m.facebook.com twitter.com x.com youtube.com instagram.com tiktok.com t.me medium.com "
        "wordpress.com blogspot.com substack.com tumblr.com linkedin.com reddit.com wikipedia.org en.wikipedia.org "
        "archive.org web.archive.org google.com news.google.com sites.google.com news.yahoo.com msn.com github.com",
    )
)
_BARE_SUFFIX = re.compile(r"(?:co|com|org|net|gov|gouv|ac|edu|or|ne|go|gob)\.[a-z]{2}")
_HOST = re.compile(r"(?:[a-z0-9-]{1,63}\.)+[a-z][a-z0-9-]{1,62}", re.ASCII)


def home_of(address: str) -> str | None:
    """The host that is the outlet's alone; None for nothing, for what is no address, for pages on a platform that
    many share, and for the rater's own pages about it."""
    text = address.strip()
    if "." not in text or len(text) > 2_000:
        return None
    try:
        host = host_of(article_url(text if "://" in text else f"https://{text}").lower()).rstrip(".")
    except ValueError:
        return None
    if not _HOST.fullmatch(host) or _BARE_SUFFIX.fullmatch(host) or host in _PLATFORMS:
        return None
    return None if any(host == rater or host.endswith(f".{rater}") for rater in _RATERS) else host
