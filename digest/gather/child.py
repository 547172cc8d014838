"""The child that reads what sources send: confined, so that hostile bytes cost it its life and us nothing. Edge.

Run as `python -P -m digest.gather.child` by parsing.py; reads jobs from standard input and writes answers to standard
output, each with its length before it. It can open no file and no socket, has little memory, and each job little time.
"""

from __future__ import annotations

import encodings
import importlib
import json
import pkgutil
import resource
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, BinaryIO

from digest.gather.candidate import Feed, SourceError, to_json
from digest.gather.feeds import read_feed
from digest.gather.parsing import LENGTH
from digest.gather.recordreading import READERS

MEMORY_BYTES = 190_000_000


def main() -> None:
    """Serve jobs until standard input ends."""
    jobs, answers = sys.stdin.buffer, sys.stdout.buffer
    _load_everything()
    _confine()
    while (head := jobs.read(LENGTH.size)) and len(head) == LENGTH.size:
        job = json.loads(jobs.read(LENGTH.unpack(head)[0]))
        bodies = [jobs.read(size) for size in job["sizes"]]
        # The timer counts processor time and ends the process by itself, also inside of C code.
        signal.setitimer(signal.ITIMER_PROF, job["cpu_s"])
        answer = json.dumps(_answer(job, bodies)).encode()
        signal.setitimer(signal.ITIMER_PROF, 0)
        _send(answers, answer)


def _answer(job: dict[str, Any], bodies: Sequence[bytes]) -> dict[str, Any]:
    try:
        feed = _read(job, bodies)
    except SourceError as fault:
        return {"reason": str(fault)}
    except MemoryError:
        return {"reason": f"needs more than {MEMORY_BYTES // 1_000_000} MB of memory to be read", "worn": True}
    except RecursionError:
        return {"reason": "nested too deeply"}
    except Exception as fault:  # a library's mistake over somebody's bytes is that source's fault, and only its
        return {"reason": f"cannot be read: {type(fault).__name__}"}
    return {"title": feed.title, "notice": feed.notice, "items": [to_json(item) for item in feed.items]}


def _read(job: dict[str, Any], bodies: Sequence[bytes]) -> Feed:
    if job["form"] == "feed":
        return read_feed(bodies[0], job["url"], job["content_type"])
    reader: Callable[[Sequence[bytes]], Feed] = READERS[job["form"]]
    return reader(bodies)


def _send(answers: BinaryIO, answer: bytes) -> None:
    answers.write(LENGTH.pack(len(answer)) + answer)
    answers.flush()


def _load_everything() -> None:
    """Whatever may be wanted later: afterwards no file can be opened."""
    for module in pkgutil.iter_modules(encodings.__path__):
        with suppress(ImportError):
            importlib.import_module(f"encodings.{module.name}")
    samples = (
        b'<?xml version="1.0" encoding="windows-1251"?><rss version="2.0"><channel><title>t</title>'
        b"<item><title>a</title><link>https://example.org/</link><pubDate>Mon, 23 Nov 2026 07:00:00 GMT</pubDate>"
        b"</item></channel></rss>",
        b"<rss><channel><item><title>a & b <i>c</title><description>&lt;p&gt;x&lt;/p&gt;</description></channel>",
        b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"content_html": "<p>x"}]}',
    )
    for sample in samples:
        _answer({"form": "feed", "url": "https://example.org/", "content_type": "text/xml"}, [sample])
    _answer({"form": "pubmed"}, [b"{}", b"<PubmedArticleSet/>"])


def _confine() -> None:
    # The default action of the timer's signal ends the process, whatever it is in the middle of.
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    limits = (
        ("RLIMIT_DATA", MEMORY_BYTES),
        ("RLIMIT_AS", 2_000_000_000),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_CORE", 0),
        ("RLIMIT_NPROC", 0),
        ("RLIMIT_NOFILE", 3),
    )
    for name, value in limits:
        if hasattr(resource, name):
            with suppress(ValueError, OSError):  # not every system has each; the others still hold
                resource.setrlimit(getattr(resource, name), (value, value))


if __name__ == "__main__":
    main()
