"""Pictures of a mail: as tall as it is, at both widths, in each scheme, and without its scripts."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from digest.errors import InputError
from digest.render import camera

MAIL = (
    "<!doctype html><html><head><style>body { margin: 0; height: 1234px; background: #fff } "
    "@media (max-width: 400px) { body { height: 2345px } } "
    "@media (prefers-color-scheme: dark) { body { background: #123 } }</style></head><body>MORE</body></html>"
)


def size(file: Path) -> tuple[int, int]:
    """Width and height as a PNG's first chunk tells them."""
    width, height = struct.unpack(">II", file.read_bytes()[16:24])
    return width, height


@pytest.mark.browser
@pytest.mark.slow
def test_pictures_show_all_of_the_mail_in_each_scheme(browser: Browser, tmp_path: Path) -> None:
    files = camera.take(MAIL, tmp_path)

    assert [file.name for file in files] == [
        "600-light.png", "600-dark.png", "600-inverted.png", "375-light.png", "375-dark.png", "375-inverted.png",
    ]  # fmt: skip
    assert [size(file) for file in files] == [(600, 1234)] * 3 + [(375, 2345)] * 3
    assert len({file.read_bytes() for file in files}) == 6


@pytest.mark.browser
@pytest.mark.slow
def test_a_script_in_a_mail_changes_no_picture(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "hostile").mkdir()
    script = "<script>document.body.style.background = 'red'; parent.document.title = '7'</script>"

    plain = camera.take(MAIL.replace("MORE", ""), tmp_path / "plain")
    hostile = camera.take(MAIL.replace("MORE", script), tmp_path / "hostile")

    assert [file.read_bytes() for file in hostile] == [file.read_bytes() for file in plain]


def test_without_a_browser_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(InputError, match="no Chromium on this machine; install it"):
        camera.take(MAIL, tmp_path)

    assert list(tmp_path.iterdir()) == []
