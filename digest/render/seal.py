"""Sealing: an edition → the very bytes that readers get, with open personal marks and the hash over all of it. Pure."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from digest.errors import TemplateError
from digest.marks import Context, Hole, fill, mark, split_marks
from digest.model import PERSONAL_FIELDS, Edition, SealedEdition
from digest.render.mjml import compile_mjml
from digest.render.themes import Theme
from digest.render.typeset import typeset
from digest.render.view import edition_view
from digest.render.words import Words, words_for

MJML_TEMPLATE = "weekly/weekly.mjml.j2"
TEXT_TEMPLATE = "weekly/weekly.txt.j2"

# What nobody may smuggle into a header: controls, line and paragraph separators, direction overrides, lone surrogates.
_NOT_IN_HEADERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """What [newsletter] says and the renderer needs: the same for all editions and all readers.

    `from_address` is a bare address; `list_id` the bare identifier ("weekly.news.example.org"); `base_url`
    without a slash at its end; `disclaimer` None for the catalogue's words; `sender_id` is for Feedback-ID;
    `tell_machine`: readers are told of text that a machine wrote.
    """

    id: str
    name: str
    from_address: str
    from_name: str
    reply_to: str | None
    postal_address: str
    language: str
    direction: Literal["ltr", "rtl"]
    base_url: str
    timezone: str
    disclaimer: str | None
    sender_id: str
    list_id: str
    tell_machine: bool = True


def seal(edition: Edition, letterhead: Letterhead, theme: Theme) -> SealedEdition:
    """Freeze an edition. Deterministic: the same values and templates give the same bytes, today and tomorrow.

    Raises TemplateError for a fault in a template or in what it made, InputError for a story body that cannot be
    printed, SettingsError for a language without words.
    """
    words = words_for(letterhead.language)
    values = _values(edition, letterhead, words)
    # The nonce is drawn from what is printed, so that no story can hold a mark that was meant for us.
    draft = _Printing(theme, words, values, nonce="0" * 12)
    nonce = hashlib.sha256(f"{draft.mjml}\0{draft.text}".encode()).hexdigest()[:12]
    printing = _Printing(theme, words, values, nonce)
    html = compile_mjml(printing.mjml, language=letterhead.language, direction=letterhead.direction)
    _check_marks(html, nonce, printing.html_marks, MJML_TEMPLATE, theme)
    _check_marks(printing.text, nonce, printing.text_marks, TEXT_TEMPLATE, theme)
    headers = fixed_headers(edition, letterhead)
    subject, preheader = one_line(edition.subject), one_line(edition.preheader)
    return SealedEdition(
        edition=edition.id,
        html=html,
        text=printing.text,
        mjml=printing.mjml,
        subject=subject,
        preheader=preheader,
        headers=headers,
        nonce=nonce,
        hash=seal_hash(html=html, text=printing.text, subject=subject, preheader=preheader, headers=headers),
    )


def seal_hash(*, html: str, text: str, subject: str, preheader: str, headers: Sequence[tuple[str, str]]) -> str:
    """ "sha256:" + 64 hex digits over html, text, subject, preheader, then each header's name and value.

    Each part is its length in bytes of UTF-8 (8 bytes, big-endian) and those bytes, so that no two sets of parts
    run together into the same input.
    """
    digest = hashlib.sha256()
    for part in (html, text, subject, preheader, *(piece for header in headers for piece in header)):
        data = part.encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return f"sha256:{digest.hexdigest()}"


def is_intact(sealed: SealedEdition) -> bool:
    """Whether the hash is that of the parts: False for a sealed edition that somebody changed."""
    return sealed.hash == seal_hash(
        html=sealed.html,
        text=sealed.text,
        subject=sealed.subject,
        preheader=sealed.preheader,
        headers=sealed.headers,
    )


def fixed_headers(edition: Edition, letterhead: Letterhead) -> tuple[tuple[str, str], ...]:
    """The headers that are the same for every reader, in order, in plain Unicode; Subject is not among them.

    From and Reply-To are `"display name" <address>` with the name always quoted (RFC 5322 quoted-string), or the
    bare address. Feedback-ID is Gmail's campaign:list:type:sender.
    """
    headers = [("From", _mailbox(letterhead.from_name, letterhead.from_address))]
    if letterhead.reply_to:
        headers.append(("Reply-To", one_line(letterhead.reply_to)))
    headers.append(("List-Id", _phrase(letterhead.name) + f" <{letterhead.list_id}>"))
    headers.append(("List-Archive", f"<{letterhead.base_url}/archive>"))
    headers.append(("Feedback-ID", f"{edition.slot.key:%Y%m%d}:{letterhead.id}:newsletter:{letterhead.sender_id}"))
    return tuple((name, one_line(value)) for name, value in headers)


def one_line(text: str) -> str:
    """The text without controls and line ends, blanks collapsed: fit for a header."""
    return " ".join(_NOT_IN_HEADERS.sub(" ", text).split())


def archive_html(sealed: SealedEdition) -> str:
    """The sealed HTML for everybody's eyes: the passages for one reader (`<div class="personal">`) are left out."""
    public = re.sub(r'<div class="personal">.*?</div>', "", sealed.html, flags=re.DOTALL)
    return fill(public, sealed.nonce, _NOBODY)


def archive_text(sealed: SealedEdition) -> str:
    """The sealed text for everybody's eyes: paragraphs that hold a personal mark are left out."""
    paragraphs = sealed.text.split("\n\n")
    public = [text for text in paragraphs if not any(isinstance(p, Hole) for p in split_marks(text, sealed.nonce))]
    return "\n\n".join(public)


_NOBODY = {"name": "", "address": "…", "unsubscribe_url": "#", "preferences_url": "#"}


class _Printing:
    """Both templates printed with one nonce, and how often each mark was asked for."""

    def __init__(self, theme: Theme, words: Words, values: dict[str, object], nonce: str) -> None:
        self.html_marks: Counter[Hole] = Counter()
        self.text_marks: Counter[Hole] = Counter()
        html_mine, text_mine = self._mine(nonce, self.html_marks), self._mine(nonce, self.text_marks)
        self.mjml = typeset(theme, MJML_TEMPLATE, words=words, values=values | {"mine": html_mine})
        self.text = typeset(theme, TEXT_TEMPLATE, words=words, values=values | {"mine": text_mine})

    @staticmethod
    def _mine(nonce: str, counted: Counter[Hole]) -> object:
        def mine(field: str, context: Context) -> str:
            """The mark for the reader's own `field`: in a template, `{{ mine("address", "text") }}`."""
            if field not in PERSONAL_FIELDS or context not in {"text", "attribute", "plain"}:
                raise ValueError(f'mine("{field}", "{context}"): one of {", ".join(PERSONAL_FIELDS)}, and '
                                 "text, attribute or plain")  # fmt: skip
            counted[Hole(field, context)] += 1
            return mark(nonce, field, context)

        return mine


def _values(edition: Edition, letterhead: Letterhead, words: Words) -> dict[str, object]:
    right_to_left = letterhead.direction == "rtl"
    archive = f"{letterhead.base_url}/archive"
    return {
        "edition": edition_view(edition, words, archive=archive, tell_machine=letterhead.tell_machine),
        "letterhead": letterhead,
        "archive_url": f"{archive}/{edition.id}",
        "start": "right" if right_to_left else "left",
        "end": "left" if right_to_left else "right",
    }


def _check_marks(part: str, nonce: str, asked: Counter[Hole], template: str, theme: Theme) -> None:
    found = Counter(piece for piece in split_marks(part, nonce) if isinstance(piece, Hole))
    if found == asked:
        return
    lost = ", ".join(sorted({hole.field for hole in (asked - found) + (found - asked)}))
    raise TemplateError(
        f"{lost}: asked for {asked.total()} times, printed {found.total()} times; print each {{{{ mine(…) }}}} once, "
        "outside of comments and conditional code",
        file=theme.files[template].shown,
    )


def _mailbox(name: str, address: str) -> str:
    return f"{_phrase(name)} <{address}>" if one_line(name) else address


def _phrase(text: str) -> str:
    escaped = one_line(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
