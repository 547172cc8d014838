"""Findings: what a check has to say, where, and how to cure it. Pure; made by lint.py and checks.py."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Literal

Severity = Literal["error", "warning"]

_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

RENDERED = "rendered MJML"
"""Stands as the file of findings in what a template produced, where no template line is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to change. An error stops the sending, a warning informs.

    `rule` is a short name that stays the same ("unknown-tag"); `file` and `line` (from 1) or `story` (an id)
    say where, as far as that is known; `fix` is one line: what to do. Both texts are made one printable line:
    they quote templates and stories, which may hold anything.
    """

    rule: str
    severity: Severity
    message: str
    fix: str
    file: str | None = None
    line: int | None = None
    story: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", _one_line(self.message))
        object.__setattr__(self, "fix", _one_line(self.fix))


def to_json(findings: list[Finding]) -> dict[str, object]:
    """The object that `digest check --json` prints: counts, then each finding as it is."""
    return {
        "errors": sum(finding.severity == "error" for finding in findings),
        "warnings": sum(finding.severity == "warning" for finding in findings),
        "findings": [_as_dict(finding) for finding in findings],
    }


def in_words(finding: Finding) -> str:
    """One line for people: `place: severity: message; fix [rule]`."""
    place = finding.file or (f"story {finding.story}" if finding.story else "edition")
    line = f":{finding.line}" if finding.line is not None else ""
    return f"{place}{line}: {finding.severity}: {finding.message}; {finding.fix} [{finding.rule}]"


def _as_dict(finding: Finding) -> dict[str, object]:
    values = asdict(finding)
    return {name: values[name] for name in ("rule", "severity", "file", "line", "story", "message", "fix")}


def _one_line(text: str) -> str:
    return " ".join(_UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text).split())
