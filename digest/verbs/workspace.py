"""Making a workspace: settings, keys, a sample story. Hall; randomness and the clock are handed in."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from digest.deliver.dkim import dns_record, generate_key
from digest.errors import UsageError
from digest.gather.storyedit import set_front_matter

LEAD = "ketamine-chronic-pain.txt"
FIRST_STORY = "evening-screens.md"


@dataclass(frozen=True, slots=True)
class Made:
    """The files made, and the DNS records to publish as (name, TXT value)."""

    files: tuple[Path, ...]
    records: tuple[tuple[str, str], ...]


def sample(name: str) -> str:
    """A file of the shipped samples."""
    return resources.files("digest").joinpath("samples", name).read_text(encoding="utf-8")


def sample_stories() -> list[str]:
    """Names of the shipped sample stories, the lead first."""
    names = sorted(item.name for item in resources.files("digest").joinpath("samples", "stories").iterdir())
    return sorted(names, key=lambda name: name != LEAD)


def init(folder: Path, *, new_key_ring: Callable[[], str], with_story: bool = True) -> Made:
    """Write a workspace that works at once. Nothing that exists is touched.

    Raises UsageError when `folder` holds settings already.
    """
    if (folder / "digest.toml").exists():
        raise UsageError(
            f"{folder}: has a digest.toml already; choose another directory; "
            "a database that is missing is made by `digest db create`"
        )
    keys = folder / "keys"
    try:
        (folder / "stories").mkdir(parents=True, exist_ok=True)
        keys.mkdir(mode=0o700, exist_ok=True)
    except OSError as fault:
        raise UsageError(f"{folder}: cannot be made: {fault.strerror}; choose another directory") from None
    rsa, ed25519 = generate_key("rsa"), generate_key("ed25519")
    files = [
        write_new(keys / "secret.key", new_key_ring(), 0o600),
        write_new(keys / "dkim-rsa.pem", rsa, 0o600),
        write_new(keys / "dkim-ed25519.pem", ed25519, 0o600),
        write_new(folder / "samples" / "subscribers.csv", sample("subscribers.csv"), 0o644),
        write_new(folder / "digest.toml", sample("digest.toml"), 0o644),
    ]
    if with_story:
        # Any real story goes before the sample.
        story = set_front_matter(sample(f"stories/{FIRST_STORY}"), "weight", -3, FIRST_STORY)
        files.insert(0, write_new(folder / "stories" / "a-sample-story.md", story, 0o644))
    records = (
        ("digest-rsa._domainkey.example.org", dns_record(rsa)),
        ("digest-ed25519._domainkey.example.org", dns_record(ed25519)),
    )
    return Made(tuple(files), records)


def write_new(path: Path, text: str, mode: int) -> Path:
    """Write a file that is not there yet, with its mode from the first instant. Raises UsageError."""
    # O_EXCL with the final mode: a key is at no instant readable by others, and an older key is never overwritten.
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise UsageError(f"{path}: exists already; move it away or choose another directory") from None
    except OSError as fault:
        raise UsageError(f"{path}: cannot be written: {fault.strerror}") from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
    except OSError as fault:
        path.unlink(missing_ok=True)  # half a key is worse than none
        raise UsageError(f"{path}: cannot be written: {fault.strerror}; nothing more was made") from None
    return path
