"""How well, and how fast, feeds become stored articles.

    python -m benchmarks.newsroom.gather_bench FEEDS [--sources 200] [--articles 10000]

FEEDS is a folder of feeds as found on the web. First each is read and held against what feedparser alone says. Then
they are multiplied: served by another process as so many sources at as many hosts, their items repeated with the longer
words changed, so that every repetition brings new articles. Prints CPU seconds (ours and the reading child's), the peak
of both memories, and the same for a second round in which nothing is new, and for grouping what came in.
"""

from __future__ import annotations

import argparse
import io
import re
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TypeVar

import feedparser

from digest.config import load
from digest.gather.candidate import SourceError
from digest.gather.guard import Guard
from digest.gather.limits import Limits
from digest.gather.parsing import Parser, Work
from digest.gather.source import Source
from digest.newsroom.group import group
from digest.newsroom.profile import Item
from digest.store import articles
from digest.verbs.fetch import Report, fetch
from digest.verbs.parts import Gathering, Parts
from digest.verbs.workspace import init
from digest.wiring import assemble_parts, new_key_ring

_ENTRY = re.compile(rb"<(item|entry)\b.*?</\1\s*>", re.DOTALL)
_WORDS = re.compile(rb">[^<>]+<|\]\]>")
_LONG = re.compile(rb"[a-z]{6,}")
_T = TypeVar("_T")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("feeds", type=Path)
    arguments.add_argument("--sources", type=int, default=200)
    arguments.add_argument("--articles", type=int, default=10_000)
    options = arguments.parse_args()
    bodies = {path.name: path.read_bytes() for path in sorted(options.feeds.iterdir()) if path.is_file()}
    compare(bodies)
    with tempfile.TemporaryDirectory() as folder:
        gather_many(list(bodies.values()), options.sources, options.articles, Path(folder))


# ── held against feedparser ──────────────────────────────────────────────────────────────────────


def compare(bodies: dict[str, bytes]) -> None:
    """One line for each feed that we read otherwise than feedparser does, and the sums."""
    found = expected = 0
    with Parser() as parser:
        for name, body in bodies.items():
            entries = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False).entries
            try:
                items = parser.read(Work(form="feed", bodies=(body,), url="https://example.org/feed")).items
            except SourceError as fault:
                print(f"{name}: {fault} ({len(entries)} entries by feedparser)")
                continue
            found, expected = found + len(items), expected + len(entries)
            odd = [what for what in _oddities(items, entries) if what]
            if odd:
                print(f"{name}: {'; '.join(odd)}")
    print(f"{len(bodies)} feeds, {found} items, {expected} entries by feedparser")


def _oddities(items: tuple[object, ...], entries: list[object]) -> Iterator[str]:
    yield f"{len(items)} items, {len(entries)} entries" if len(items) != len(entries) else ""
    for field in ("url", "published", "text"):
        missing = sum(not getattr(item, field) for item in items)
        yield f"{missing} without {field}" if missing else ""


# ── many of them ─────────────────────────────────────────────────────────────────────────────────


def gather_many(bodies: list[bytes], sources: int, wanted: int, folder: Path) -> None:
    """Two rounds over so many sources, then grouping; each with its cost."""
    web = folder / "web"
    web.mkdir()
    for number in range(sources):
        body = bodies[number % len(bodies)]
        (web / f"{number}.xml").write_bytes(_multiplied(body, number // len(bodies), -(-wanted // sources)))
    with _served(web) as port, _newsletter(folder / "w", sources, port) as parts:
        reports, first = _measured("first round", lambda: fetch(parts))
        _tell(reports)
        reports, second = _measured("second round", lambda: fetch(parts))
        _tell(reports)
        with parts.store.read() as db:
            kept = articles.recent(db, parts.newsletter, date.min)
        items = [Item(id=str(a.id), title=a.title, text=a.text, day=a.day, outlet=a.outlet, url=a.url) for a in kept]
        stories, grouping = _measured("grouping", lambda: group(items))
        copies = sum(article.copy_of is not None for article in kept)
        print(f"  {len(items)} articles, {copies} copies, {len(set(stories.values()))} stories")
    print(f"\n{'':<44}{'':>8}{'bar':>6}")
    print(f"{'gathered and grouped by words, s of CPU':<44}{first + grouping:>8.1f}{60:>6}")
    print(f"{'a second round with nothing new, s of CPU':<44}{second:>8.1f}{5:>6}")
    print(f"{'memory at most, ours and the child, MB':<44}{_peak():>8}{500:>6}")


def _multiplied(body: bytes, repetition: int, wanted: int) -> bytes:
    """The feed with `wanted` items: its own, then the same again in other words."""
    entries = [found[0] for found in _ENTRY.finditer(body)]
    if not entries:
        return body
    first, last = _ENTRY.search(body), list(_ENTRY.finditer(body))[-1]
    assert first is not None
    made = [_reworded(entries[n % len(entries)], repetition * 50 + n // len(entries)) for n in range(wanted)]
    return body[: first.start()] + b"".join(made) + body[last.end() :]


def _reworded(entry: bytes, number: int) -> bytes:
    """The same item with other long words, in its texts and links; tags stay."""
    if not number:
        return entry
    mark = "".join(chr(97 + int(digit)) for digit in str(number)).encode()

    def other(text: re.Match[bytes]) -> bytes:
        return _LONG.sub(lambda word: word[0] + mark, text[0])

    return re.sub(rb'(?<=>)[^<>]+(?=<)|href="[^"]+"', other, entry)


def _tell(reports: list[Report]) -> None:
    states: dict[str, int] = {}
    for report in reports:
        states[report.state] = states.get(report.state, 0) + 1
    new = sum(report.new for report in reports)
    print(f"  {new} new articles; sources: {', '.join(f'{count} {state}' for state, count in states.items())}")
    for reason in {report.reason for report in reports if report.state == "failed"}:
        print(f"  failed: {reason}")


def _measured(name: str, work: Callable[[], _T]) -> tuple[_T, float]:
    """What `work` gives, and the CPU seconds that it took."""
    cpu, wall = _cpu(), time.perf_counter()
    done = work()
    spent = _cpu() - cpu
    print(f"{name}: {spent:.1f} s of CPU, {time.perf_counter() - wall:.1f} s, at most {_peak()} MB so far")
    return done, spent


def _peak() -> int:
    """MB, the child's included."""
    return sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) // 1024


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


@contextmanager
def _newsletter(folder: Path, sources: int, port: int) -> Iterator[Parts]:
    init(folder, new_key_ring=new_key_ring, with_story=False)
    parts = assemble_parts(load(str(folder), {}), create=True)
    hosts = [f"source{number}.example" for number in range(sources)]

    async def loopback(_host: str, _port: int) -> list[str]:
        return ["127.0.0.1"]

    gathering = Gathering(
        sources=tuple(Source(name=host, url=f"http://{host}:{port}/{number}.xml") for number, host in enumerate(hosts)),
        limits=Limits(),
        guard=Guard(frozenset((host, port) for host in hosts)),
        resolve=loopback,
    )
    with parts.store:
        yield replace(parts, gathering=gathering)


@contextmanager
def _served(folder: Path) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
