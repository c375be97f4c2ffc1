"""Conditions: what they mean, and that nothing else gets in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.ivr.expr import ExprError, parse

VARIABLES = {"n": 3, "name": "Wang", "vip": True, "nothing": None, "digits": "0042"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("n > 2 and vip", True),
        ("n > 2 and not vip", False),
        ("1 < n <= 3", True),
        ("name in ['Li', 'Wang']", True),
        ("'an' in name", True),
        ("n not in [1, 2]", True),
        ("number(digits) == 42", True),
        ("starts_with(digits, '00') or false", True),
        ("length(name) + n * 2 - 1", 9),
        ("name + '!'", "Wang!"),
        ("unknown == null", True),
        ("unknown > 3", False),
        ("name > 3", False),
        ("name + n", None),
        ("n * 1000000000000000", None),
    ],
)
def test_what_a_condition_comes_to(text: str, value: object) -> None:
    assert parse(text).value(VARIABLES) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "n = 3",
        "open('x')",
        "name.upper()",
        "().__class__",
        "[x for x in name]",
        "lambda: 1",
        "f'{name}'",
        "n ** 9",
        "n if vip else 2",
        "name[0]",
        "(n := 3)",
        "length()",
        "1j",
        "b'x' == name",
        "'a' < 3",
        "n; n",
        "(" * 200 + "n" + ")" * 200,
        "not " * 2000 + "n",
        "n + " * 80 + "n",
    ],
)
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(ExprError):
        parse(text)


_WORDS = st.lists(
    st.sampled_from(
        [
            "n",
            "name",
            "vip",
            "(",
            ")",
            "+",
            "-",
            "*",
            "<",
            "==",
            "and",
            "not",
            "in",
            "[1]",
            "'x'",
            "1e999",
            "number",
            ",",
        ]
    ),
    max_size=14,
).map(" ".join)
_VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)


@given(_WORDS | st.text(max_size=20), st.dictionaries(st.sampled_from(["n", "name", "vip"]), _VALUES))
def test_any_text_is_an_expression_that_never_raises_or_an_error(text: str, variables: dict[str, object]) -> None:
    try:
        made = parse(text)
    except ExprError:
        return
    value = made.value(variables)  # type: ignore[arg-type]
    assert value is None or isinstance(value, str | int | float)
