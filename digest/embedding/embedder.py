"""Texts → their meanings, each text computed once. Edge; needs the extra `embeddings`."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from digest.embedding.memory import Memory
from digest.embedding.model import DIMENSIONS, LONGEST, WEIGHTS, Model, Progress

if TYPE_CHECKING:
    from digest.embedding.model import Vectors

_MODEL = f"{WEIGHTS[2]} {LONGEST}".encode()


class Embedded:
    """The meanings of some texts: unit vectors, a row each."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors

    def closeness(self, one: int, others: Sequence[int]) -> Sequence[float]:
        found: list[float] = (self._vectors[list(others)] @ self._vectors[one]).tolist()
        return found


class Embedder:
    """What `newsroom.meaning.Embed` asks for. With a `memory`, texts that were embedded before cost next to nothing.

    `progress` is told how many of the new ones are done. Raises InputError where a file of the model is missing, or is
    another than the known one.
    """

    def __init__(
        self, memory: Path | None = None, model: Model | None = None, progress: Progress = lambda _done: None
    ) -> None:
        self._progress = progress
        self._memory = Memory(memory) if memory else None
        self._model = model or Model()

    def __call__(self, texts: Sequence[str]) -> Embedded:
        import numpy as np

        keys = [blake2b(text.encode("utf-8", "replace"), digest_size=16, key=_KEY).digest() for text in texts]
        known = self._memory.read() if self._memory else {}
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        # Rounded as they are remembered: a text must mean the same the first time and ever after.
        fresh = self._model(list(new.values()), self._progress).astype(np.float16)
        found = {**known, **dict(zip(new, fresh, strict=True))}
        if self._memory and new:
            asked = {key: found[key] for key in keys}
            self._memory.write({**{key: vector for key, vector in known.items() if key not in asked}, **asked})
        vectors = np.array([found[key] for key in keys], np.float32).reshape(len(keys), DIMENSIONS)
        return Embedded(vectors)


_KEY = blake2b(_MODEL, digest_size=32).digest()
"""Another model, or another reading of the texts, finds nothing that was remembered for this one."""
