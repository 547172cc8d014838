"""Findings: what a check has to say, where, and how to cure it. Pure; made by lint.py and checks.py."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

Severity = Literal["error", "warning"]

RENDERED = "rendered MJML"
"""Stands as the file of findings in what a template produced, where no template line is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to change. An error stops the sending, a warning informs.

    `rule` is a short name that stays the same ("unknown-tag"); `file` and `line` (from 1) or `story` (an id)
    say where, as far as that is known; `fix` is one line: what to do.
    """

    rule: str
    severity: Severity
    message: str
    fix: str
    file: str | None = None
    line: int | None = None
    story: str | None = None


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
