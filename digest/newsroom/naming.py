"""Names of gathered stories: the same from one grouping to the next, with an editor's merges and splits kept. Pure.

Newsroom. Grouping is done anew whenever articles come in; readers, editors and their changes know stories by name.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from digest.newsroom.text import slug

Nearest = Callable[[int, Mapping[str, Sequence[int]]], str]
"""Which of an editor's stories (name → articles) an article belongs to that grouping puts with several of them."""

_LONGEST = 44


def named(
    groups: Sequence[Collection[int]],
    *,
    before: Mapping[int, str],
    bound: Mapping[int, str],
    nearest: Nearest,
    fresh: Callable[[Collection[int]], str],
) -> dict[int, str]:
    """Article → name of its story, for the articles of `groups`.

    `before` has the names of the last time: a group keeps the name that most of its articles had; of several groups
    with one name the one with most of those articles has it, the others get a `fresh` one. `bound` holds what an editor
    merged or split: those articles stay where they were put, whatever grouping says, and draw the rest of their group
    along. No name is given to two groups.
    """
    parts: defaultdict[str, list[int]] = defaultdict(list)
    free: list[list[int]] = []
    for group in groups:
        fixed: defaultdict[str, list[int]] = defaultdict(list)
        for article in sorted(group):
            if article in bound:
                fixed[bound[article]].append(article)
        if not fixed:
            free.append(sorted(group))
            continue
        for article in sorted(group):
            name = bound.get(article) or (nearest(article, fixed) if len(fixed) > 1 else next(iter(fixed)))
            parts[name].append(article)
    names = {article: name for name, articles in parts.items() for article in articles}
    taken = set(parts) | set(bound.values())
    for group, name in _kept_names(free, before, taken):
        names |= dict.fromkeys(group, name)
    for group in free:
        if group[0] not in names:
            names |= dict.fromkeys(group, fresh(group))
    return names


def _kept_names(
    groups: Sequence[list[int]], before: Mapping[int, str], taken: set[str]
) -> Iterator[tuple[list[int], str]]:
    """The groups that keep a name, the ones with most of its articles first."""
    claims = [
        (-count, name, place)
        for place, group in enumerate(groups)
        for name, count in Counter(before[article] for article in group if article in before).items()
        if name not in taken
    ]
    done: set[int] = set()
    for _, name, place in sorted(claims):
        if name not in taken and place not in done:
            taken.add(name)
            done.add(place)
            yield groups[place], name


def majority(_: int, among: Mapping[str, Sequence[int]]) -> str:
    """The story with most articles, the first by name among equals."""
    return min(among, key=lambda name: (-len(among[name]), name))


def story_name(title: str, key: str, taken: Collection[str]) -> str:
    """A new story's name: words of its first title and a few digits that set it apart ("weekly-insulin-3f2a")."""
    words = slug(title)
    if len(words) > _LONGEST:
        words = words[: _LONGEST + 1].rpartition("-")[0] or words[:_LONGEST]
    digits = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
    return next(name for size in range(4, 65) if (name := f"{words}-{digits[:size]}") not in taken)
