"""Values of attributes are judged by the types that MJML gives them."""

from __future__ import annotations

import pytest

from digest.render.components import components, wrong_value


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("color", "#fff"), ("color", "#A1B2C3"), ("color", "#a1b2c3d4"), ("color", "rebeccapurple"),
        ("color", "Transparent"), ("color", "rgba(0, 0, 0, .5)"), ("color", "rgb(0 0 0 / 50%)"),
        ("unit(px,%)", "10px"), ("unit(px,%)", "33.333%"), ("unit(px,%)", "0"), ("unit(px,%)", ".5px"),
        ("unit(px,%){1,4}", "0 10px"), ("unit(px,%){1,4}", " 1px  2px\n3px 4px "), ("unit(px,%,)", "1.5"),
        ("unit(px,auto)", "auto"), ("unitWithNegative(px,em)", "-.01em"), ("enum(left,right)", "left"),
        ("boolean", "true"), ("integer", "3"), ("string", "anything"), ("color", ""),
    ],
)  # fmt: skip
def test_a_right_value_is_left_alone(kind: str, value: str) -> None:
    assert wrong_value(kind, value) is None


@pytest.mark.parametrize(
    ("kind", "value", "wanted"),
    [
        ("color", "#ff", "a colour such as #1a2b3c"), ("color", "blau", "a colour such as #1a2b3c"),
        ("unit(px,%)", "10", "a length such as 10px or 10%"), ("unit(px)", "10px 20px", "a length such as 10px"),
        ("unit(px,%)", "-1px", "a length such as 10px or 10%"), ("unit(px)", "1em", "a length such as 10px"),
        ("unit(px,%){1,4}", "1px 2px 3px 4px 5px", "1 to 4 lengths such as 10px or 10%"),
        ("unit(px,%,)", "big", "a length such as 10px or 10% or a plain number"),
        ("enum(full-width,false,)", "yes", "one of full-width, false"), ("boolean", "yes", "true or false"),
        ("integer", "1.5", "a whole number"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_told_what_it_has_to_be(kind: str, value: str, wanted: str) -> None:
    assert wrong_value(kind, value) == wanted


def test_every_child_of_the_table_is_a_component_itself() -> None:
    children = {child for component in components().values() for child in component.children}

    assert children - {"*"} <= components().keys()
    assert all(component.ignored <= component.attributes.keys() for component in components().values())
