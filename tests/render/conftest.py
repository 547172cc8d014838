"""What the tests of this room share."""

from __future__ import annotations

import pytest

from digest.render.themes import Theme, load_theme


@pytest.fixture(scope="session")
def theme() -> Theme:
    return load_theme()
