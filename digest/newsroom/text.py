"""Plain text to rely on, one line each: controls stripped, spaces and quotation marks put right. Pure (newsroom)."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_LINE_ENDS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# C0 and C1 controls, soft hyphen, zero-width space, bidirectional overrides and isolates (they can make a text read
# otherwise than it is), byte-order mark, annotation marks, halves of characters, non-characters, invisible tags.
# The joiners U+200C and U+200D and the marks U+200E and U+200F stay: Persian, emoji and Arabic need them.
_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u200b\u202a-\u202e\u2060-\u2069\ufdd0-\ufdef\ufeff\ufff9-\ufffc\ufffe\uffff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_HARMLESS = "\xad\u200b\u2060\ufeff"
_WORD = re.compile(r"[^\W\d_]{3,}")
_STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        "about after again all also and any are because been before being but can could did does etc even every "
        "for from get good had has have her here him his how into its just like made make many may more morning "
        "most much new not now off one only other our out over said say says she should some such than that the "
        "their them then there these they this those through today too two under until use used very was week were "
        "what when where which while who why will with would year years yes you your yourself ",
    )
)

_BACKTICK_PAIR = re.compile(r"(?<![\w`])`{1,3}[ ]?(?=[^\s`])([^`]*?[^\s`])[ ]?(?:`{1,3}|''|´)(?!\w)")
_BACKTICK_APOSTROPHE = re.compile(
    r"(?<![\w`])`(?=[^\s`])((?:[^`']|'(?=\w))*?[^\s`'])'(?!\w)"
    r"|(?<![\w`])`(?=[^\s`])([^`'’]*?[^\s`'’])’(?!\w)"
)
_SPACE_BEFORE_STOP = re.compile(r"\s+(?=[,.](?:\s|$|[”’\"')\]]))")
_SPACE_BEFORE_GLUED_COMMA = re.compile(r"\s+,(?=[^\W\d_])")
_SPACE_BEFORE_POSSESSIVE = re.compile(r"(?<=\w)\s+(?=[’']s\b)")


def strip_controls(text: str) -> str:
    """`text` with line ends as LF and without characters that are invisible or unsafe; tabs and LF stay. NFC."""
    return unicodedata.normalize("NFC", _UNWANTED.sub("", _LINE_ENDS.sub("\n", text)))


def hides(text: str) -> bool:
    """Whether stripping takes away more than a harmless mark: controls or signs that turn the reading order round."""
    return any(found[0] not in _HARMLESS for found in _UNWANTED.finditer(text))


def single_line(text: str) -> str:
    """`text` on one line: every run of white space, NBSP included, is one space; nothing at the ends."""
    return " ".join(strip_controls(text).split())


def tidy(text: str) -> str:
    """`text` on one line with what copying damaged put right; tidying twice changes nothing.

    Quotations in backticks become “…”; a space before a comma, a full stop or ’s, as links leave it, goes.
    """
    line = single_line(text)
    if "`" in line:
        line = _quotations(line)
    line = _SPACE_BEFORE_STOP.sub("", line)
    line = _SPACE_BEFORE_GLUED_COMMA.sub(", ", line)
    return _SPACE_BEFORE_POSSESSIVE.sub("", line)


def _quotations(line: str) -> str:
    """Backticks as the marks that were meant: pairs quote, the others are apostrophes or single quotes."""
    line = _BACKTICK_PAIR.sub(r"“\1”", line)
    line = _BACKTICK_APOSTROPHE.sub(lambda found: f"“{found[1] or found[2]}”", line)
    line = re.sub(r"(?<=\S)`+", "’", line)
    return re.sub(r"`+\s*", "‘", line)


def cut(text: str, at_most: int) -> str:
    """`text` in at most that many characters, cut between words and marked with an ellipsis."""
    if len(text) <= at_most:
        return text
    head = text[: at_most - 1]
    if " " in head and text[at_most - 1] != " ":
        head = head.rpartition(" ")[0]
    return head.rstrip(" ,;:.–—-") + "…"


def content_words(text: str) -> frozenset[str]:
    """The words that say what a text is about: three letters or more, without the commonest English words."""
    return frozenset(_WORD.findall(text.casefold())) - _STOP_WORDS


def slug(text: str) -> str:
    """A name for files, links and anchors: lower-case ASCII words with hyphens, 1 to 60 characters, always the same.

    A text without Latin letters or digits gets "story-" and eight hex digits of its SHA-256.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
    words = "-".join(re.findall(r"[a-z0-9]+", plain.replace("'", "")))
    if not words:
        return f"story-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:8]}"
    if len(words) > 60:
        words = words[:61].rpartition("-")[0] or words[:60]
    return words
