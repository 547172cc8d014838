"""The bars that delivery is held to, and whether measured figures clear them. Pure. Benchmarks only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.delivery.measure import Figures

Results = Mapping[tuple[str, int], Figures]
"""(way, delay in µs) → medians."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One bar: what it is about, the figure, what is wanted; `figure` None: not measured."""

    about: str
    figure: float | None
    wanted: float
    at_most: bool
    unit: str = "×"

    def line(self) -> str:
        sign = "≤" if self.at_most else "≥"
        if self.figure is None:
            return f"{'not measured':<12}  {self.about}: wanted {sign} {self.wanted:g} {self.unit}"
        clears = self.figure <= self.wanted if self.at_most else self.figure >= self.wanted
        figure = f"{self.figure:.3g}" if self.figure < 1000 else f"{self.figure:,.0f}"
        return (
            f"{'pass' if clears else 'FALLS SHORT':<12}  {self.about}: {figure} {self.unit}, "
            f"wanted {sign} {self.wanted:g} {self.unit}"
        )


_CPU_BARS = (
    ("none", "smtp-source", 2, "no DKIM: CPU against smtp-source's fixed bytes"),
    ("ed25519", "smtp-source", 4, "Ed25519: CPU against smtp-source's fixed bytes"),
    ("rsa", "smtp-source", 14, "RSA-2048: CPU against smtp-source's fixed bytes"),
)
_TIMES_CHEAPER = (
    ("aiosmtplib-send", 80, "aiosmtplib.send(EmailMessage): CPU against ours without DKIM"),
    ("nodemailer-built", 40, "nodemailer built per recipient: CPU against ours without DKIM"),
)
_FAR_US = 50_000


def cpu_bars(results: Results, engine: str) -> list[Verdict]:
    """Of one engine, end to end, 73 KB, without a delay."""
    verdicts = [
        Verdict(about, _ratio(_cpu(results, f"{engine}-{signers}"), _cpu(results, other)), wanted, at_most=True)
        for signers, other, wanted, about in _CPU_BARS
    ]
    verdicts += [
        Verdict(about, _ratio(_cpu(results, other), _cpu(results, f"{engine}-none")), wanted, at_most=False)
        for other, wanted, about in _TIMES_CHEAPER
    ]
    return verdicts


def far_bars(results: Results, *, pipelined: str, chunked: str) -> list[Verdict]:
    """Speed at 50 ms against smtp-source with 10 sessions."""
    theirs = _rate(results, "smtp-source")
    return [
        Verdict("50 ms, PIPELINING, 10 connections: speed against smtp-source",
                _ratio(_rate(results, f"{pipelined}-none"), theirs), 4, at_most=False),
        Verdict("50 ms, CHUNKING, 4 connections × 16: speed against smtp-source",
                _ratio(_rate(results, f"{chunked}-none"), theirs), 24, at_most=False),
    ]  # fmt: skip


def process_bar(database: str, one: Figures, two: Figures) -> Verdict:
    return Verdict(
        f"{database}, RSA-2048: speed of two processes on two cores, sink included, against one",
        two.rate / one.rate, 1.6, at_most=False,
    )  # fmt: skip


def tls_bar(plain: Figures, tls: Figures) -> Verdict:
    return Verdict("TLS: CPU added per message", tls.cpu_us - plain.cpu_us, 60, at_most=True, unit="µs")


def memory_bars(small_kb: float, large_kb: float, first_s: float) -> list[Verdict]:
    """Peak memory for a small and for the large audience, and the time to the first accepted message."""
    return [
        Verdict("peak memory, 1,000,000 recipients", large_kb / 1024, 120, at_most=True, unit="MB"),
        Verdict("the same against 10,000 recipients", large_kb / small_kb, 1.1, at_most=True),
        Verdict("from `digest send` to the first accepted message", first_s, 5, at_most=True, unit="s"),
    ]


def _cpu(results: Results, way: str) -> float | None:
    found = results.get((way, 0))
    return found.cpu_us if found else None


def _rate(results: Results, way: str) -> float | None:
    found = results.get((way, _FAR_US))
    return found.rate if found else None


def _ratio(ours: float | None, theirs: float | None) -> float | None:
    return ours / theirs if ours and theirs else None
