"""The files with ratings of outlets: the shipped samples, a workspace's `outlets/*.csv` and its outlets.toml. Edge."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from digest.errors import InputError
from digest.newsroom.outlets import parse_outlets
from digest.newsroom.ratingfile import LARGEST, parse_rated
from digest.newsroom.ratinglayers import Layer

FOLDER = "outlets"
_MOST = 50


def read_layers(workspace: Path) -> list[Layer]:
    """All files, those that count more later. Raises InputError for one that cannot be read or used."""
    shipped = resources.files("digest.newsroom").joinpath("outlets.toml").read_text(encoding="utf-8")
    layers = [Layer("shipped", "the shipped samples", parse_outlets(shipped, "outlets.toml"))]
    folder, own = workspace / FOLDER, workspace / "outlets.toml"
    for path in sorted(folder.glob("*.csv"))[:_MOST] if folder.is_dir() else ():
        name = f"{FOLDER}/{path.name}"
        layers.append(Layer("imported", name, parse_rated(_text(path), name)))
    if own.is_file():
        layers.append(Layer("own", own.name, parse_outlets(_text(own), own.name)))
    return layers


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(4 * LARGEST + 1).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        raise InputError(f"cannot be read: {fault}", file=str(path)) from None
