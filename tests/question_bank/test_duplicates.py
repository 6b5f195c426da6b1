"""When two items are the same item, whatever was typed differently."""

import pytest
from bank_factories import make_bank_item, make_figure
from hypothesis import given
from hypothesis import strategies as st

from question_bank.duplicates import identity, plain, right_texts


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("我国的工频是（　　）。", "我国的工频是( )"),
        ("12、我国的工频是____。", "我国的工频是（）。"),
        ("ＰＬＣ 的全称是（　　）。", "plc的全称是( )."),
    ],
)
def test_punctuation_width_and_numbering_do_not_make_another_stem(one: str, other: str) -> None:
    assert plain(one) == plain(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("电流为 1.5 A", "电流为 15 A"),
        ("x > 5", "x < 5"),
        ("10² 等于", "102 等于"),
        ("-5 ℃ 时", "5 ℃ 时"),
        ("含量 5%", "含量 5‰"),
    ],
)
def test_signs_that_carry_meaning_make_another_stem(one: str, other: str) -> None:
    assert plain(one) != plain(other)


@given(st.permutations(["甲", "乙", "丙", "丁"]))
def test_the_order_of_options_does_not_make_another_item(order: list[str]) -> None:
    first = make_bank_item(options=("甲", "乙", "丙", "丁"), right=(0,))
    again = make_bank_item(options=tuple(order), right=(order.index("甲"),))

    assert identity(again) == identity(first)
    assert right_texts(again) == right_texts(first)


def test_the_same_stem_with_another_picture_is_another_item() -> None:
    assert identity(make_bank_item(figure=make_figure(10))) != identity(make_bank_item(figure=make_figure(20)))


def test_the_same_stem_with_other_options_has_the_same_stem_only() -> None:
    first, other = identity(make_bank_item()), identity(make_bank_item(options=("甲", "乙", "丙", "戊")))

    assert first.stem == other.stem
    assert first.content != other.content
