"""Pages: the text of an article out of the page that it stands on, read in a confined child. Edge: processes."""

from __future__ import annotations

from importlib.util import find_spec

from digest.gather.candidate import SourceError
from digest.gather.confined import Confined
from digest.newsroom.text import content_words, cut, single_line

_PACKAGES = ("trafilatura", "lxml_html_clean")
_HTML = ("text/html", "application/xhtml+xml")


def missing() -> tuple[str, ...]:
    """The packages of the extra `pages` that are not there. Imports none."""
    return tuple(name.replace("_", "-") for name in _PACKAGES if find_spec(name) is None)


class PageReader(Confined):
    """Reads pages of articles."""

    program = "digest.gather.pagechild"

    def text(self, body: bytes, content_type: str) -> str:
        """The article, a paragraph a line. Raises SourceError when there is none, or not within the limits."""
        kind = content_type.partition(";")[0].strip().lower()
        if kind and kind not in _HTML:
            raise SourceError(f"not a page: {cut(single_line(kind), 60)}")
        return str(self.ask({"content_type": content_type[:200]}, [body])["text"])


def is_about(text: str, title: str) -> bool:
    """Whether a page tells what an article's title says: sign-in, cookie and error pages come in articles' places."""
    wanted = content_words(title)
    return 2 * len(wanted & content_words(text)) >= len(wanted)
