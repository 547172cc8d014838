"""Ratings of several raters laid over one another. Pure (newsroom).

The user's own word stands above every rater's, and every rater's above the shipped samples. Where two raters rate the
same of one outlet the one whose file comes first (by name) counts; what that one leaves open the next may say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from digest.model import Outlet


@dataclass(frozen=True, slots=True)
class Layer:
    """One file of ratings. `own` is the user's outlets.toml, "imported" a rater's, "shipped" the samples."""

    kind: str
    file: str
    outlets: tuple[Outlet, ...]


def laid_over(layers: Sequence[Layer]) -> tuple[Outlet, ...]:
    """All outlets, those that count more later (as `Ratings` wants them)."""
    imported = _merged(outlet for layer in layers if layer.kind == "imported" for outlet in layer.outlets)
    hosts = {outlet.name.casefold(): outlet.hosts for outlet in imported}
    own = (outlet for layer in layers if layer.kind == "own" for outlet in layer.outlets)
    return (
        *(outlet for layer in layers if layer.kind == "shipped" for outlet in layer.outlets),
        *imported,
        # A user who only rates anew need not look up the hosts.
        *(outlet if outlet.hosts else replace(outlet, hosts=hosts.get(outlet.name.casefold(), ())) for outlet in own),
    )


def _merged(outlets: Iterable[Outlet]) -> list[Outlet]:
    found: list[Outlet] = []
    places: dict[str, int] = {}
    for outlet in outlets:
        names = [f"name {outlet.name.casefold()}", *(f"host {host}" for host in outlet.hosts)]
        place = next((places[name] for name in names if name in places), None)
        if place is None:
            place = len(found)
            found.append(outlet)
        else:
            free = tuple(host for host in outlet.hosts if places.get(f"host {host}", place) == place)
            found[place] = _both(found[place], replace(outlet, hosts=free))
        for name in names:
            places.setdefault(name, place)
    return found


def _both(first: Outlet, second: Outlet) -> Outlet:
    """The first one's word, and what it leaves open from the second."""
    both = replace(first, hosts=tuple(dict.fromkeys(first.hosts + second.hosts)))
    if first.bias is None and second.bias is not None:
        both = replace(
            both, bias=second.bias, rater=second.rater, rated_on=second.rated_on,
            factuality_rater=first.factuality_rater or first.rater,
        )  # fmt: skip
    if first.factuality is None and second.factuality is not None:
        rater = second.factuality_rater or second.rater
        both = replace(both, factuality=second.factuality, factuality_rater=rater)
    return both
