"""Faults: what a machine wrote that its article does not bear out: the value. Pure; newsroom."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """`rule` is the short name of what was broken, see the package; `text` is what is wrong, in the machine's words."""

    rule: str
    text: str

    @property
    def message(self) -> str:
        return f"{self.rule}: {self.text[:120]!r}: not in the cited article"
