"""What is published works without the repository: the wheel is built, installed by itself, and runs the demo."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.journeys.stage import LONGEST_S, REPOSITORY


@pytest.mark.slow
def test_the_wheel_runs_the_demo_by_itself(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "dist"],
        cwd=REPOSITORY, check=True, capture_output=True, timeout=LONGEST_S,
    )  # fmt: skip
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in (
        "digest/templates/weekly/weekly.mjml.j2", "digest/samples/digest.toml", "digest/newsroom/outlets.toml",
        "digest/render/mjml_tables.json", "digest/py.typed",
    ):  # fmt: skip
        assert wanted in names
    assert any(name.startswith("digest/store/migrations/versions/") for name in names)
    assert any(name.startswith("digest/locale/ar/") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/")) or "__pycache__" in name]

    home = tmp_path / "venv"
    venv.create(home, with_pip=False, symlinks=True)
    python = home / "bin" / "python"
    ours = Path(sysconfig.get_path("purelib"))
    theirs = Path(_ask(python, "import sysconfig; print(sysconfig.get_path('purelib'))"))
    # pip of these tests' environment installs into the fresh one: nothing is fetched.
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-index", "--no-deps", wheel],
        cwd=tmp_path, env=_clean(), check=True, capture_output=True, timeout=LONGEST_S,
    )  # fmt: skip
    # The dependencies are those of these tests. A plain path entry does not run the .pth files there, so that our
    # editable install, which is one, stays out of sight.
    (theirs / "dependencies.pth").write_text(f"{ours}\n")
    where = _ask(python, "import digest, subscribers; print(digest.__file__, subscribers.__file__)")
    assert where.count(str(home)) == 2

    done = subprocess.run(
        [home / "bin" / "digest", "demo", "--dir", "demo"],
        cwd=tmp_path, env=_clean(), capture_output=True, text=True, timeout=LONGEST_S,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "planned 6 = sent 6" in done.stdout
    assert len(list((tmp_path / "demo" / "out").glob("0*.eml"))) == 6


def _ask(python: Path, question: str) -> str:
    done = subprocess.run([python, "-P", "-c", question], env=_clean(), check=True, capture_output=True, text=True)
    return done.stdout.strip()


def _clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("DIGEST_", "PYTHON", "PIP_"))}
