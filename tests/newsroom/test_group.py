"""Items that tell the same news come together, strangers stay apart, and nothing depends on luck."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import InputError
from digest.newsroom.furniture import lead, printed_on
from digest.newsroom.group import group
from digest.newsroom.linkage import average_linkage, take_in_strays
from digest.newsroom.profile import Item, stems

MONDAY = date(2026, 11, 16)

KETAMINE = (
    Item(
        id="k1",
        title="Is ketamine the answer for chronic pain? New findings cast doubt",
        text="A sweeping review of 67 trials has cast doubt on ketamine and similar NMDA antagonists for pain.",
        day=MONDAY,
    ),
    Item(
        id="k2",
        title="Ketamine use in chronic pain unsupported by evidence",
        text="Off-label use of ketamine for chronic pain is not supported, a Cochrane review of 67 trials found.",
        day=MONDAY,
    ),
    Item(
        id="k3",
        title="Can ketamine ease chronic pain? A new review says not enough evidence",
        text="Researchers pooled 67 trials of ketamine in people with chronic pain and found no clear benefit.",
        day=date(2026, 11, 17),
    ),
)
STRANGERS = (
    Item(
        id="d1",
        title="New drug lowers the risk of heart attack, study finds",
        text="A once-monthly injection of olezarsen cut triglycerides by half in patients with heart disease.",
        day=MONDAY,
    ),
    Item(
        id="d2",
        title="New drug lowers the risk of stroke, study finds",
        text="Asundexian, a pill that blocks factor XI, prevented second strokes without more bleeding.",
        day=MONDAY,
    ),
    Item(
        id="d3",
        title="Breast cancer screening should start at 40, panel says",
        text="Women should have a mammogram every other year from the age of 40, a task force said.",
        day=MONDAY,
    ),
    Item(
        id="d4",
        title="Prostate cancer screening saves few lives, trial finds",
        text="Fifteen years after a single PSA invitation, deaths among British men had hardly changed.",
        day=MONDAY,
    ),
)


def test_one_review_told_three_times_is_one_story_named_after_its_first_item() -> None:
    assert group(KETAMINE) == {"k1": "k1", "k2": "k1", "k3": "k1"}


def test_studies_that_share_only_the_words_of_the_trade_stay_apart() -> None:
    assert group(STRANGERS) == {item.id: item.id for item in STRANGERS}


def test_stories_do_not_mix_whatever_the_order() -> None:
    mixed = (STRANGERS[0], KETAMINE[2], STRANGERS[3], KETAMINE[0], STRANGERS[1], KETAMINE[1], STRANGERS[2])

    story = group(mixed)

    assert {item.id for item in mixed if story[item.id] == "k3"} == {"k1", "k2", "k3"}
    assert len(set(story.values())) == 5


def test_the_same_words_a_season_later_are_another_story() -> None:
    later = replace(KETAMINE[1], id="later", day=date(2027, 2, 16))

    assert group([*KETAMINE, later])["later"] == "later"


def test_other_identifiers_keep_look_alikes_apart() -> None:
    one = replace(KETAMINE[1], text=KETAMINE[1].text + " doi:10.1000/pain.1")
    other = replace(KETAMINE[1], id="other", text=KETAMINE[1].text + " doi:10.1000/pain.2")

    assert group([one, other]) == {"k2": "k2", "other": "other"}


def test_equal_titles_over_empty_shells_are_not_yet_a_story() -> None:
    briefing = Item(id="a", title="Morning briefing", day=MONDAY)

    assert len(set(group([briefing, replace(briefing, id="b", day=date(2026, 11, 30))]).values())) == 2


def test_many_copies_of_an_agency_text_are_one_story() -> None:
    copies = [replace(KETAMINE[0], id=f"copy{number}", outlet=f"outlet {number}") for number in range(400)]

    assert set(group([*copies, *STRANGERS]).values()) == {"copy0", "d1", "d2", "d3", "d4"}


class Said:
    """Meanings as a table: pairs of places that are close; all others are strangers."""

    def __init__(self, *close: tuple[int, int]) -> None:
        self.close = {frozenset(pair) for pair in close}

    def closeness(self, one: int, others: Sequence[int]) -> Sequence[float]:
        return [0.9 if frozenset((one, other)) in self.close else 0.05 for other in others]


def test_one_meaning_brings_together_what_words_leave_apart() -> None:
    one = Item(id="a", title="Statin pills may guard the ageing brain", text="Fewer users fell ill.", day=MONDAY)
    other = Item(id="b", title="Dementia rarer among takers of statin", text="A register was read.", day=MONDAY)
    items = [STRANGERS[0], one, STRANGERS[1], other]

    assert group(items)["b"] == "b"
    assert group(items, Said((1, 3)))["b"] == "a"


def test_shared_words_without_a_shared_meaning_weigh_less() -> None:
    items = [KETAMINE[0], KETAMINE[2]]

    assert group(items, Said((0, 1)))["k3"] == "k1"
    assert group(items, Said())["k3"] == "k3"


def test_meanings_are_asked_for_by_the_places_of_the_items_copies_counted() -> None:
    items = [KETAMINE[0], replace(KETAMINE[0], id="copy"), STRANGERS[0], KETAMINE[2]]

    assert group(items, Said((0, 3)))["k3"] == "k1"


STYLE = "Welcome to Tea Talk, the weekly column in which a nurse answers what readers ask her over a cup of mint tea."
COLUMN = tuple(
    Item(id=f"c{number}", title=title, text=f"{STYLE} {text}", outlet="Northern Ledger", day=MONDAY)
    for number, (title, text) in enumerate(
        (
            ("Should you sleep with socks on?", "Warm feet help, a small trial of 30 sleepers suggests."),
            ("Should you drink eight glasses of water?", "Thirst is a good guide unless kidneys have stones."),
            ("Should you take zinc for a cold?", "Lozenges may shorten it by a day, some trials say."),
            ("Is an egg a day too many?", "Cholesterol rises a little, strokes do not."),
            ("Can cherries soothe gout?", "Juice lowered urate in two groups of volunteers."),
            ("Do standing desks help backs?", "Aches eased for clerks who moved every hour."),
            ("Does honey calm a cough?", "Toddlers slept better; babies must not have any."),
            ("Are night lights bad for children?", "Myopia runs in families more than in bright rooms."),
        )
    )
)


def test_what_an_outlet_says_in_all_its_pieces_makes_no_story_of_them() -> None:
    elsewhere = [replace(item, outlet=f"outlet {number}") for number, item in enumerate(COLUMN)]

    assert len(set(group(COLUMN).values())) == len(COLUMN)
    assert len(set(group(COLUMN, Said(*combinations(range(8), 2))).values())) == len(COLUMN)
    assert len(set(group(elsewhere).values())) == 1, "one column printed by three outlets is another matter"


def test_an_outlet_without_a_name_is_known_by_its_address() -> None:
    column = [
        replace(item, outlet=None, url=f"https://www.ledger.example/{number}") for number, item in enumerate(COLUMN)
    ]

    assert len(set(group(column).values())) == len(COLUMN)


def test_an_outlet_may_tell_one_story_twice() -> None:
    twice = [replace(item, outlet="Northern Ledger") for item in KETAMINE[1:]]

    assert group(twice) == {"k2": "k2", "k3": "k2"}


def test_nothing_and_one_item() -> None:
    assert group([]) == {}
    assert group([Item(id="a", title="")]) == {"a": "a"}


def test_an_id_given_twice_is_refused() -> None:
    with pytest.raises(InputError, match="k1: two items have it"):
        group([KETAMINE[0], KETAMINE[0]])


def test_groups_are_the_same_in_every_process() -> None:
    script = (
        "from digest.newsroom.group import Item, group\n"
        "names = [f'Trial {n % 7} of drug {n % 5} against illness {n % 3}' for n in range(60)]\n"
        "print(group([Item(id=str(n), title=name) for n, name in enumerate(names)]))"
    )

    printed = {
        subprocess.run(
            [sys.executable, "-c", script], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }

    assert len(printed) == 1


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=40), st.text(max_size=80)), max_size=8))
def test_any_text_is_grouped_and_every_story_is_named_after_a_member(texts: list[tuple[str, str]]) -> None:
    story = group([Item(id=str(number), title=title, text=text) for number, (title, text) in enumerate(texts)])

    assert set(story) == {str(number) for number in range(len(texts))}
    assert all(story[name] == name for name in story.values())


@pytest.mark.parametrize("seed", ["a ", "By A ", "a-", "(", "10.1000/", "Aa. ", "www.", "'", "1,"])
def test_hostile_text_costs_little(seed: str) -> None:
    text = seed * (1_000_000 // len(seed))

    begun = time.process_time()
    group([Item(id="a", title=text, text=text), Item(id="b", title="b", text=text)])

    assert time.process_time() - begun < 2


def test_average_linkage_joins_by_the_mean_over_all_pairs() -> None:
    alike = {(0, 1): 0.9, (1, 2): 0.8, (0, 2): 0.1, (3, 4): 0.4}

    assert average_linkage(5, alike, 0.45) == [0, 0, 0, 3, 4]
    assert average_linkage(5, alike, 0.5) == [0, 0, 2, 3, 4]


def test_a_stray_joins_the_large_story_in_which_some_tell_what_it_tells() -> None:
    story = dict.fromkeys(combinations(range(6), 2), 0.9)
    stray = {(0, 6): 0.6, (1, 6): 0.5, (2, 6): 0.4}
    alike = {**story, **stray}
    home = average_linkage(7, alike, 0.45)

    assert home == [0, 0, 0, 0, 0, 0, 6]
    assert take_in_strays(home, alike, 0.35) == [0] * 7
    assert take_in_strays(home, alike, 0.55) == home
    assert take_in_strays(home, {**story, (0, 6): 0.9}, 0.35) == home, "one that agrees is not enough"


def test_a_stray_finds_no_home_in_a_small_group_and_large_groups_stay_apart() -> None:
    small = {(0, 1): 0.9, (0, 2): 0.9, (1, 2): 0.9, (0, 3): 0.6, (1, 3): 0.6, (2, 3): 0.0}
    large = {pair: 0.9 for start in (0, 4) for pair in combinations(range(start, start + 4), 2)}
    large |= {(one, other): 0.4 for one in range(4) for other in range(4, 8)}

    assert take_in_strays([0, 0, 0, 3], small, 0.35) == [0, 0, 0, 3]
    assert take_in_strays([0] * 4 + [4] * 4, large, 0.35) == [0] * 4 + [4] * 4


def test_a_story_that_a_stray_joins_is_named_after_its_first_item() -> None:
    alike = dict.fromkeys(combinations(range(1, 6), 2), 0.9) | {(0, other): 0.5 for other in range(1, 4)}

    assert take_in_strays([0, 1, 1, 1, 1, 1], alike, 0.35) == [0] * 6


def test_lead_is_free_of_furniture() -> None:
    text = "En Español By Jane Roe HealthDay Reporter MONDAY, Nov. 16, 2026 (HealthDay News) -- Ketamine fails."

    assert lead("Ketamine", text) == "fails."
    assert printed_on(text, None) == date(2026, 11, 16)
    assert printed_on("", "https://example.org/2026/11/16/ketamine") == date(2026, 11, 16)
    assert printed_on("on 31 things", "https://example.org/20261399") is None


def test_stems_carry_meaning_only() -> None:
    assert stems("The patient’s 1,204 anti-inflammatory pills".replace("’", "'")) == [
        "patient",
        "1204",
        "anti",
        "inflammatory",
        "pill",
    ]
