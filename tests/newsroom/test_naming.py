"""Names of gathered stories: kept from one grouping to the next; an editor's word is kept too."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from digest.newsroom.naming import majority, named, story_name


def fresh(articles: Collection[int]) -> str:
    return f"new-{min(articles)}"


def names(
    groups: list[list[int]], before: dict[int, str] | None = None, bound: dict[int, str] | None = None
) -> dict[int, str]:
    return named(groups, before=before or {}, bound=bound or {}, nearest=majority, fresh=fresh)


def test_new_groups_get_new_names() -> None:
    assert names([[1, 2], [3]]) == {1: "new-1", 2: "new-1", 3: "new-3"}


def test_a_group_that_grows_keeps_its_name() -> None:
    assert names([[1, 2, 9]], before={1: "croup", 2: "croup"}) == {1: "croup", 2: "croup", 9: "croup"}


def test_when_a_story_falls_apart_the_larger_part_keeps_the_name() -> None:
    found = names([[1], [2, 3]], before=dict.fromkeys([1, 2, 3], "croup"))

    assert found == {1: "new-1", 2: "croup", 3: "croup"}


def test_when_two_stories_turn_out_to_be_one_it_has_the_name_of_the_larger() -> None:
    found = names([[1, 2, 3]], before={1: "a", 2: "b", 3: "b"})

    assert set(found.values()) == {"b"}


def test_merged_articles_stay_together_though_grouping_parts_them() -> None:
    found = names([[1, 2], [3, 4]], before={1: "a", 2: "a", 3: "b", 4: "b"}, bound={1: "a", 3: "a"})

    assert set(found.values()) == {"a"}, "the others of each group come along"


def test_split_articles_stay_apart_though_grouping_joins_them() -> None:
    found = names([[1, 2, 3]], before=dict.fromkeys([1, 2, 3], "a"), bound={1: "a", 2: "a", 3: "c"})

    assert found == {1: "a", 2: "a", 3: "c"}


def test_a_newcomer_between_stories_of_an_editor_goes_to_the_nearest() -> None:
    found = named(
        [[1, 2, 3, 9]], before={}, bound={1: "a", 2: "a", 3: "c"}, nearest=lambda article, among: "c", fresh=fresh
    )

    assert found[9] == "c"


def test_no_other_group_takes_the_name_of_an_editors_story() -> None:
    found = names([[1, 2], [3]], before={3: "a", 1: "x", 2: "x"}, bound={1: "a"})

    assert found == {1: "a", 2: "a", 3: "new-3"}


@given(
    st.lists(st.integers(0, 40), unique=True, max_size=40),
    st.data(),
)
def test_every_article_has_one_name_and_no_two_groups_share_one(articles: list[int], data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(articles)), max_size=6).map(sorted))
    edges = [0, *cuts, len(articles)]
    groups = [articles[a:b] for a, b in pairwise(edges) if a < b]
    before = data.draw(st.dictionaries(st.sampled_from(articles or [0]), st.sampled_from("abcd")))

    found = names(groups, before=before)

    assert found.keys() == set(articles)
    for group in groups:
        assert len({found[article] for article in group}) == 1
    assert len({found[group[0]] for group in groups}) == len(groups)


def test_a_name_can_be_read_and_is_nobody_elses() -> None:
    first = story_name("Nasal spray halves croup returns, trial finds: 1,204 children in 14 hospitals", "k", ())
    second = story_name("Nasal spray halves croup returns, trial finds: 1,204 children in 14 hospitals", "k", {first})

    assert first.startswith("nasal-spray-halves-croup-returns")
    assert len(first) <= 60
    assert second.startswith(first)
    assert second != first
