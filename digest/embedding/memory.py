"""Vectors that were computed before, kept in a file of the workspace. Edge; a convenience: without it all takes longer.

The file may be deleted at any time. One that cannot be read is as good as none, and is written anew.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

from digest.embedding.model import DIMENSIONS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float16]

MOST = 20_000
"""Vectors that are kept, those asked for last; some 16 MB."""

_KEY_BYTES = 16


class Memory:
    """Keys to vectors, in the order in which they were last asked for."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self) -> dict[bytes, Vector]:
        import numpy as np

        try:
            with self._file.open("rb") as source, np.load(source, allow_pickle=False) as kept:
                keys, vectors = kept["keys"], kept["vectors"]
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            return {}
        if keys.dtype != np.uint8 or keys.shape != (len(vectors), _KEY_BYTES):
            return {}
        if vectors.dtype != np.float16 or vectors.shape[1:] != (DIMENSIONS,) or not np.isfinite(vectors).all():
            return {}
        return {key.tobytes(): vector for key, vector in zip(keys, vectors, strict=True)}

    def write(self, vectors: Mapping[bytes, Vector]) -> None:
        """Keeps the last `MOST` of `vectors`. A disk that is full or read-only is no reason to stop."""
        import numpy as np

        kept = list(vectors.items())[-MOST:]
        keys = np.frombuffer(b"".join(key for key, _ in kept), np.uint8).reshape(-1, _KEY_BYTES)
        # A name of its own: two processes may write at the same time, and the last whole file wins.
        half = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        try:
            with half.open("wb") as out:
                np.savez(out, keys=keys, vectors=np.array([vector for _, vector in kept], np.float16))
            half.replace(self._file)
        except OSError:
            with suppress(OSError):
                half.unlink()
