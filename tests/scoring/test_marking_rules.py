"""How a response earns its mark, rule by rule."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scoring_factories import letters, make_item

from exam_protocol.answer_key import ItemAnswer
from exam_protocol.marking_rule import MarkingKind
from scoring.marking_rules import UnknownOptionError, mark_response

ALL_OR_NOTHING = MarkingKind.ALL_OR_NOTHING
FIXED = MarkingKind.SUBSET_FIXED
PER_OPTION = MarkingKind.SUBSET_PER_OPTION
PROPORTIONAL = MarkingKind.SUBSET_PROPORTIONAL


@pytest.mark.parametrize(
    ("kind", "partial", "right", "chosen", "milli"),
    [
        # 全部选对，任何规则都得满分
        (ALL_OR_NOTHING, 0, "ABD", "ABD", 3000),
        (FIXED, 1000, "ABD", "ABD", 3000),
        (PER_OPTION, 500, "ABD", "ABD", 3000),
        (PROPORTIONAL, 0, "ABD", "ABD", 3000),
        # 不选，任何规则都不得分
        (ALL_OR_NOTHING, 0, "ABD", "", 0),
        (FIXED, 1000, "ABD", "", 0),
        (PER_OPTION, 500, "ABD", "", 0),
        (PROPORTIONAL, 0, "ABD", "", 0),
        # 有错选，任何规则都不得分，哪怕正确选项全部选上
        (ALL_OR_NOTHING, 0, "ABD", "ABC", 0),
        (FIXED, 1000, "ABD", "AC", 0),
        (PER_OPTION, 500, "ABD", "ABCD", 0),
        (PROPORTIONAL, 0, "ABD", "C", 0),
        # 少选
        (ALL_OR_NOTHING, 0, "ABD", "AB", 0),
        (FIXED, 1000, "ABD", "A", 1000),
        (FIXED, 1000, "ABD", "BD", 1000),
        (PER_OPTION, 500, "ABD", "A", 500),
        (PER_OPTION, 500, "ABD", "AD", 1000),
        (PROPORTIONAL, 0, "ABD", "A", 1000),
        (PROPORTIONAL, 0, "ABD", "AB", 2000),
    ],
)
def test_what_a_response_earns(kind: MarkingKind, partial: int, right: str, chosen: str, milli: int) -> None:
    item = make_item(right, points=3000, kind=kind, partial=partial)

    assert mark_response(item, letters(chosen)) == milli


def test_a_proportional_share_is_cut_off_at_a_thousandth_of_a_point() -> None:
    item = make_item("ABD", points=2000, kind=PROPORTIONAL)

    assert mark_response(item, letters("A")) == 666
    assert mark_response(item, letters("AB")) == 1333


def test_right_options_chosen_can_never_earn_more_than_the_item_is_worth() -> None:
    item = make_item("ABCD", points=1000, kind=PER_OPTION, partial=600)

    assert mark_response(item, letters("ABC")) == 1000


def test_an_option_that_the_item_does_not_have_is_refused_by_name() -> None:
    with pytest.raises(UnknownOptionError, match="第 1 题（G001）"):
        mark_response(make_item("A", options=4), letters("AE"))


def test_an_item_without_right_options_gives_nothing_to_a_blank_response() -> None:
    assert mark_response(make_item(""), ()) == 0


@st.composite
def items_and_choices(draw: st.DrawFn) -> tuple[ItemAnswer, str]:
    options = draw(st.integers(2, 6))
    names = "ABCDEF"[:options]
    points = draw(st.integers(1, 100_000))
    item = make_item(
        "".join(draw(st.sets(st.sampled_from(names), min_size=1))),
        points=points,
        kind=draw(st.sampled_from(MarkingKind)),
        partial=draw(st.integers(0, points)),
        options=options,
    )
    return item, "".join(draw(st.sets(st.sampled_from(names))))


@given(items_and_choices())
def test_law_a_mark_is_within_its_limits(case: tuple[ItemAnswer, str]) -> None:
    item, chosen = case

    assert 0 <= mark_response(item, letters(chosen)) <= item.milli


@given(items_and_choices(), st.randoms(use_true_random=False))
def test_law_the_order_of_options_never_matters(case: tuple[ItemAnswer, str], chance: random.Random) -> None:
    item, chosen = case
    shuffled = list(letters(chosen)) * 2
    chance.shuffle(shuffled)

    assert mark_response(item, shuffled) == mark_response(item, letters(chosen))


@given(items_and_choices())
def test_law_one_more_right_option_never_costs_marks(case: tuple[ItemAnswer, str]) -> None:
    item, chosen = case
    picked = set(letters(chosen)) & set(item.right)
    marks = [mark_response(item, picked | set(item.right[:more])) for more in range(len(item.right) + 1)]

    assert marks == sorted(marks)
