"""Noise on a pasted page: what its publisher says to visitors, not what the story says to readers. Pure (newsroom).

Every pattern asks for more than one word of the trade, because patients sign up for trials and premiums rise.
What is taken for noise is always told, so a wrong guess can be seen and put right.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FLAGS = re.IGNORECASE
_SIGN_UP = (
    r"^(?:please )?sign[ -]?up(?: (?:now|here|today|free|for free))?\W*$",
    r"^(?:please |click here to )?sign[ -]?up\b.{0,80}\b(?:newsletters?|inbox|e-?mails?|alerts?)\b",
    r"^(?:please |click here to )?sign[ -]?up\b.{0,80}\b(?:account|here|updates)\b",
    r"\b(?:sign[ -]?up|subscribe|register) (?:for|to) (?:our|the|this|my|your)\b.{0,60}\bnewsletters?\b",
    r"\b(?:our|your) (?:\w+ ){0,2}(?:free|daily|weekly|morning|evening) (?:\w+ )?newsletters?\b",
    r"^(?:please )?subscribe\b(?:\W*$|.{0,60}\b(?:now|today|here|newsletters?|channel|podcast|inbox|updates|access)\b)",
    r"^(?:get|receive)\b.{0,160}\b(?:newsletters?|(?:in|to) your inbox)\b",
    r"^(?:get|receive) (?:your|our|the) (?:\w+ )?(?:daily|weekly|morning|evening) (?:news|headlines|briefing|digest)\b",
    r"\b(?:delivered |straight |right |directly )+(?:to|in|into) your inbox\b",
    r"^join (?:our|the) (?:\w+ ){0,2}(?:newsletter|mailing list|community|channel)\b",
    r"^become a (?:member|subscriber)\W*$",
    r"^(?:log|sign) ?in(?:\W*$| (?:to|here|now|with|or)\b.{0,50}$)|^enter your e-?mail\b.{0,40}$",
    r"^(?:create|open) (?:an?|your) (?:free )?account\b.{0,40}$",
    r"^already have an account\W.{0,40}$|^register (?:now|here|for free)\b.{0,40}$|^donate(?: now| today)?\W*$",
    r"^support (?:our|independent) (?:journalism|work|reporting)\b.{0,60}$",
    r"^(?:get|download) (?:our|the) (?:\w+ ){0,2}app\b.{0,40}$|^follow us on\b.{0,60}$",
)
_PREMIUM = (
    r"\bupgrade to (?:\w+ )?(?:premium|pro|vantage|plus|see|view|read|unlock|continue)\b",
    r"^(?:go|try|get|with) (?:ground news )?(?:premium|pro|vantage)\b.{0,40}$",
    r"^subscribe to\b.{0,40}\b(?:premium|pro|vantage|to (?:view|see|read|unlock|continue))\b",
    r"^(?:to|please)\b.{0,80}\b(?:upgrade|subscribe|log ?in|sign ?(?:in|up))\W*(?:(?:to|for)\b.{0,40})?$",
    r"^to (?:view|see|read|unlock)\b.{0,80}\b(?:upgrade|subscri(?:be|ption)|premium|log ?in|sign ?(?:in|up))\b",
    r"\b(?:premium|subscriber)s?[ -](?:only|exclusive|feature|content)\b|\bwith (?:a )?premium(?: subscription)?\W*$",
    r"^premium (?:subscribers|members|users) can\b",
    r"^unlock (?:this|the full|all|more|full)\b",
    r"\bstart your free trial\b|^(?:already|not yet) a (?:subscriber|member)\b|\bsubscriptions? starts? at\b",
    r"\bis (?:only )?(?:available|reserved|exclusive) (?:only )?(?:to|for) (?:paid |premium )?subscribers\b",
    r"^this (?:article|story|content) is for (?:paid |premium )?(?:subscribers|members)\b",
    r"^(?:subscribe and )?get full access\b",
)
_READ_MORE = (
    r"^\W*(?:continue|keep) reading(?:\W*$|\W+(?:at|on|the|this|here|more|our|in|with|for)\b.{0,80}$)",
    r"^\W*(?:click|tap) here\b.{0,60}$|^want (?:to read )?more\W*$",
    r"^\W*read (?:the )?(?:rest|full|original|whole|entire|complete)\b.{0,60}$",
    r"^\W*(?:read|see|show|view|load|learn|find out) more(?:\W*$|\W+(?:at|on|about|here|from|in|via|of)\b.{0,60}$)",
    r"^\W*(?:read|see|show|view|load|learn|find out) more\W*[:»→>].{0,60}$",
    r"^\W*(?:view|open|see|go to) (?:the )?(?:full |original |whole )?(?:article|story|source|coverage)\W*$",
    r"^\W*(?:see|show|view|load|read) more (?:articles|stories|sources|news|coverage)\b.{0,30}$",
    r"^the post\b.{0,300}\b(?:appeared first on|first appeared on)\b",
    r"^this (?:article|story|post) (?:was )?(?:originally|first) (?:published|appeared) (?:on|in|at|by)\b.{0,80}$",
    r"^originally (?:published|appeared) (?:on|in|at|by)\b.{0,60}$",
)
_NAVIGATION = (
    r"^(?:ground news|home|news|top news|menu|search|share(?: this.*)?|bookmark|save|for you)$",
    r"^skip to (?:main )?content$",
    r"^(?:local(?: news)?|my feed|blindspot|settings|help(?: center)?|about(?: us)?|contact(?: us)?|faq|careers)$",
    r"^(?:privacy(?: policy)?|terms(?: (?:of|and) (?:use|service|conditions))?|cookies?(?: (?:policy|settings))?)$",
    r"^(?:accept|reject)(?: all)?(?: cookies)?$|^(?:we|this (?:site|page|website)) uses? cookies\b",
    r"^(?:advertisement|ads?|sponsored(?: content)?|promoted)$|^all rights reserved\W*$",
    r"^(?:©|copyright (?:©|\(c\)|\d{4})).{0,80}$",
    r"^(?:follow|like|comments?|leave a comment|copy link|print|e-?mail|facebook|twitter|whatsapp|linkedin|reddit)$",
    r"^(?:back to top|top|next|previous|(?:see|view|show|load) (?:all|less)|all|close|dismiss|no thanks)$",
    r"^(?:podcasts? & opinions?|similar news topics|related (?:stories|topics|articles)|top stories)$",
    r"^trending(?: (?:now|topics|stories))?$",
    r"^(?:does this summary seem wrong\W?|insights by .{1,30}|report an? (?:issue|error|problem)|untracked bias)$",
    r"^(?:ai[- ])?generated (?:summary|by ai).{0,20}$|^summary by .{1,30}$|^see every side\b.{0,60}$",
    r"^(?:(?:last )?updated|published|posted):? (?:about )?(?:\d+|an?|one) \w+ ago\b.{0,60}$",
    r"^(?:last )?updated:?$|^sort(?: by.{0,30})?$",
    r"^(?:\d+|an?|one) (?:second|minute|hour|day|week|month)s? ago$|^\d+ min(?:ute)?s? read$|^think freely\W*$",
    r"^broke the news\b.{0,60}$|^(?:info|learn)$",
)
_GREETING = (
    r"^(?:good (?:morning|afternoon|evening)|happy \w+day|happy weekend|hello|hi)(?:,? (?:all|everyone|everybody|folks"
    r"|friends|readers?|there|again)|, [a-z'-]+(?: readers)?)?[.!,…]*$",
    r"^welcome (?:back )?to\b.{0,60}$",
)
_KINDS = tuple(
    (re.compile("|".join(patterns), _FLAGS), message)
    for patterns, message in (
        (_PREMIUM, "premium line left out"),
        (_SIGN_UP, "sign-up line left out"),
        (_READ_MORE, "read-more line left out"),
        (_NAVIGATION, "navigation line left out"),
        (_GREETING, "greeting left out"),
    )
)
_GREETINGS = re.compile("|".join(_GREETING), _FLAGS)

# Text copied from feeds often glues the teaser to the last sentence: "Here comes the week.Read the rest…"
_BETWEEN = re.compile(
    r"(?<=[.!?…])[”’\"')\]]*\s+(?=[^\sa-z])|(?<=[a-z0-9)”’\]][.!?…])(?=[A-Z“‘])|\s+(?=Read the rest\b)"
)
_TAIL = re.compile(r"\s*(?:\[\s*(?:…|\.\.\.)\s*\]|\(\s*(?:…|\.\.\.)\s*\)|\[&hellip;\])\s*$")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What is left of a text, maybe nothing, and the pieces left out of it with the word for each."""

    kept: str
    left_out: tuple[tuple[str, str], ...]


def noise(text: str) -> str | None:
    """What kind of noise one sentence or short line is, as a message; None when it may belong to the story."""
    plain = text.strip().replace("’", "'")
    if len(plain) > 400:
        return None
    return next((message for pattern, message in _KINDS if pattern.search(plain)), None)


def only_noise(line: str) -> str | None:
    """The message for a line that is noise in all its sentences; a greeting alone is not yet noise."""
    kinds = [noise(sentence) for sentence in sentences(line)]
    if not kinds or None in kinds or _GREETINGS.match(line.strip()):
        return None
    return kinds[0]


def clean(text: str) -> Cleaned:
    """`text` without its noisy sentences; the others stay as they are, in order."""
    whole = _TAIL.sub("…", text)
    parts = [(sentence, noise(sentence)) for sentence in sentences(whole)]
    kept = " ".join(sentence for sentence, kind in parts if kind is None)
    return Cleaned(
        whole if all(kind is None for _, kind in parts) else kept,
        tuple((sentence, kind) for sentence, kind in parts if kind is not None),
    )


def sentences(text: str) -> list[str]:
    """The sentences of a line, stripped; a boundary too many does no harm here, one too few keeps noise."""
    found, start = [], 0
    for boundary in _BETWEEN.finditer(text):
        end = boundary.end()
        found.append(text[start:end].strip())
        start = end
    found.append(text[start:].strip())
    return [sentence for sentence in found if sentence]
