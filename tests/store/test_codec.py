"""Editions as JSON: what is written is what comes back."""

from __future__ import annotations

import dataclasses
import json
import typing
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import StoreError
from digest.model import Edition, SealedEdition, Slot, Story
from digest.store.codec import edition_from_json, edition_to_json, sealed_from_json, sealed_to_json
from tests.store.samples import edition_of, sealed_of

INSTANTS = st.datetimes(
    timezones=st.sampled_from(
        [UTC, ZoneInfo("Europe/London"), ZoneInfo("Asia/Kolkata"), timezone(timedelta(hours=-3))]
    ),
    allow_imaginary=False,
)
SLOTS = st.builds(Slot, key=st.dates(), instant=INSTANTS)
STORIES = st.builds(
    Story,
    **{field.name: st.from_type(typing.get_type_hints(Story)[field.name]) for field in dataclasses.fields(Story)}
    | {"not_before": st.none() | INSTANTS},
)
EDITIONS = st.builds(Edition, slot=SLOTS, stories=st.lists(STORIES, max_size=2).map(tuple))


@settings(max_examples=40, deadline=None)
@given(EDITIONS)
def test_an_edition_comes_back_as_it_was(edition: Edition) -> None:
    back = edition_from_json(edition_to_json(edition))

    assert _plain(back) == _plain(edition)
    assert type(back.slot) is Slot


@settings(max_examples=20, deadline=None)
@given(st.from_type(SealedEdition))
def test_a_sealed_edition_comes_back_as_it_was(sealed: SealedEdition) -> None:
    assert sealed_from_json(sealed_to_json(sealed)) == sealed


def test_any_character_survives_in_plain_ascii() -> None:
    edition = dataclasses.replace(edition_of(), subject="NUL \0, half a pair \ud83d, “quotes”, ملخص, \u2028")

    text = edition_to_json(edition)

    assert text.isascii()
    assert edition_from_json(text) == edition


def test_an_instant_keeps_its_zone_and_the_first_pass_of_a_repeated_hour() -> None:
    overlap = datetime(2026, 10, 25, 1, 30, tzinfo=ZoneInfo("Europe/London"), fold=0)
    edition = dataclasses.replace(edition_of(), slot=Slot(overlap.date(), overlap))

    back = edition_from_json(edition_to_json(edition)).slot.instant

    assert (back, back.tzinfo, back.fold) == (overlap, ZoneInfo("Europe/London"), 0)


def test_a_zone_unknown_here_costs_the_name_not_the_time() -> None:
    text = edition_to_json(edition_of()).replace("Europe/London", "Mars/Olympus")

    assert edition_from_json(text).slot.instant == datetime(2026, 11, 23, 7, tzinfo=UTC)


def test_a_text_from_before_a_field_existed_gets_its_default() -> None:
    members = json.loads(edition_to_json(edition_of()))
    del members["stories"][0]["weight"]

    assert edition_from_json(json.dumps(members)) == edition_of()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "null",
        edition_to_json(edition_of())[:-1],
        edition_to_json(edition_of()).replace('"number":1', '"number":"1"'),
        edition_to_json(edition_of()).replace('"number":1', '"number":1,"later":2'),
        edition_to_json(edition_of()).replace('"study_type":"unknown"', '"study_type":"rumour"'),
        edition_to_json(edition_of()).replace('"stories":[', '"stories":7,"x":['),
    ],
)
def test_a_damaged_text_is_refused(text: str) -> None:
    with pytest.raises(StoreError) as refused:
        edition_from_json(text)

    assert refused.value.kind == "corrupt"


def test_a_damaged_sealed_edition_is_refused() -> None:
    with pytest.raises(StoreError):
        sealed_from_json(sealed_to_json(sealed_of(edition_of())).replace('"nonce"', '"once"'))


def _plain(edition: Edition) -> object:
    """Comparable also inside a repeated hour, where Python calls all instants of different zones unequal."""
    instants = [edition.slot.instant, *(story.not_before for story in edition.stories)]
    seen = [instant and (instant.isoformat(), str(instant.tzinfo)) for instant in instants]
    stories = tuple(dataclasses.replace(story, not_before=None) for story in edition.stories)
    return dataclasses.replace(edition, slot=Slot(edition.slot.key, datetime.min), stories=stories), seen
