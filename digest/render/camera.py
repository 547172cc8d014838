"""Pictures of an edition, taken by the system's Chromium, which gets no network. Edge. Called by verbs/shots.py."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Literal

from digest.errors import InputError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WIDTHS = (600, 375)
Scheme = Literal["light", "dark", "inverted"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark", "inverted")

_TALLEST = 16_000  # a PNG of Chromium's can hardly be taller
_LONGEST_S = 60
_PREFERRED = {"light": 1, "dark": 0, "inverted": 1}
_NO_SCRIPTS = """<meta http-equiv="Content-Security-Policy" content="script-src 'none'">"""
# What mail programs do that turn every colour round, whatever the mail says about dark mode; roughly.
_INVERTED = "<style>html { background: #fff; filter: invert(1) hue-rotate(180deg); }</style>"


@dataclass(frozen=True, slots=True)
class _Camera:
    browser: str
    folder: Path  # of its own, for the pages and the browser's profile

    def run(self, page: Path, *options: str) -> str:
        """Open a page and leave again. Returns what the browser printed."""
        command = [
            self.browser, "--headless", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
            "--host-resolver-rules=MAP * ~NOTFOUND",  # neither the edition nor the browser calls anybody
            "--disable-background-networking",
            f"--user-data-dir={self.folder / 'profile'}",
            *(["--no-sandbox"] if os.geteuid() == 0 else []),  # Chromium has none for root
            *options, page.as_uri(),
        ]  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, timeout=_LONGEST_S, check=True)  # noqa: S603 - no shell
        except (OSError, subprocess.SubprocessError) as fault:
            raise InputError(
                f"{self.browser}: takes no picture ({type(fault).__name__}); look with `digest preview`"
            ) from None
        return done.stdout.decode("utf-8", "replace")


def take(html: str, folder: Path) -> list[Path]:
    """A picture of the whole mail for each width and scheme, in `folder`: 600-light.png and so on. Returns the files.

    Pictures that the mail loads from elsewhere are missing in them, as with images off.
    Raises InputError when there is no browser, or when it takes none.
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise InputError("--shots: no Chromium on this machine; install it, for example with: apt install chromium")
    with tempfile.TemporaryDirectory(prefix="digest-shots-") as name:
        camera = _Camera(browser, Path(name))
        heights = _heights(camera, html)
        sizes = [(width, heights[width]) for width in WIDTHS]
        return [_picture(camera, html, folder, size, scheme) for size in sizes for scheme in SCHEMES]


def _heights(camera: _Camera, html: str) -> dict[int, int]:
    """How tall the mail is at each width. No script of the mail's own runs: its frames are sandboxed."""
    frame = f'<iframe sandbox="allow-same-origin" height="9" frameborder="0" srcdoc="{escape(html)}"'
    frames = "".join(f'{frame} width="{width}"></iframe>' for width in WIDTHS)
    measure = (
        "[...document.querySelectorAll('iframe')].map(f => f.contentDocument.documentElement.scrollHeight).join(' ')"
    )
    page = camera.folder / "heights.html"
    page.write_text(
        f"<!doctype html><meta charset=utf-8>{frames}<script>onload = () => {{ document.title = {measure} }}</script>",
        encoding="utf-8",
    )
    found = re.search(r"<title>([\d ]+)</title>", camera.run(page, "--dump-dom"))
    if found is None:
        raise InputError(f"{camera.browser}: does not measure the page; look with `digest preview`")
    return {width: min(int(height), _TALLEST) for width, height in zip(WIDTHS, found[1].split(), strict=True)}


def _picture(camera: _Camera, html: str, folder: Path, size: tuple[int, int], scheme: Scheme) -> Path:
    width, height = size
    file = folder / f"{width}-{scheme}.png"
    page = camera.folder / "mail.html"
    head = _NO_SCRIPTS + (_INVERTED if scheme == "inverted" else "")
    page.write_text(re.sub(r"<head\b[^>]*>", lambda found: found[0] + head, html, count=1), encoding="utf-8")
    camera.run(
        page,
        f"--blink-settings=preferredColorScheme={_PREFERRED[scheme]}",
        f"--window-size={width},{height}",
        f"--screenshot={file.absolute()}",
    )
    if not file.is_file():
        raise InputError("cannot be written; check the folder and its space", file=str(file))
    return file
