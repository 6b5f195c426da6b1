"""How keys are written in real workbooks, and what each item type needs."""

import pytest

from exam_protocol.paper import ItemType
from question_bank.item_types import read_choices, read_type

FOUR = ("甲", "乙", "丙", "丁", "", "")
NONE = ("",) * 6


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("单选题", ItemType.SINGLE),
        ("多项选择题", ItemType.MULTIPLE),
        ("是非题", ItemType.TRUE_FALSE),
        ("填空题", None),
        ("", None),
    ],
)
def test_item_types_are_known_by_their_chinese_names(name: str, kind: ItemType | None) -> None:
    assert read_type(name) is kind


@pytest.mark.parametrize("answer", ["AC", "CA", "A,C", "A、C", "Ａ Ｃ", "ac", "A；C"])
def test_the_key_of_a_multiple_choice_item_is_read_however_it_is_separated(answer: str) -> None:
    choices, faults = read_choices(ItemType.MULTIPLE, FOUR, answer)

    assert not faults
    assert choices is not None
    assert choices.right == (0, 2)


@pytest.mark.parametrize(
    ("answer", "right"),
    [("对", (0,)), ("正确", (0,)), ("√", (0,)), ("T", (0,)), ("TRUE", (0,)), ("错", (1,)), ("×", (1,)), ("F", (1,))],
)
def test_true_and_false_are_read_in_the_ways_people_write_them(answer: str, right: tuple[int, ...]) -> None:
    choices, faults = read_choices(ItemType.TRUE_FALSE, NONE, answer)

    assert not faults
    assert choices is not None
    assert (choices.options, choices.right) == (("正确", "错误"), right)


@pytest.mark.parametrize(
    ("kind", "options", "answer", "column"),
    [
        (ItemType.SINGLE, FOUR, "E", "答案"),
        (ItemType.SINGLE, FOUR, "AB", "答案"),
        (ItemType.SINGLE, FOUR, "", "答案"),
        (ItemType.SINGLE, FOUR, "对", "答案"),
        (ItemType.MULTIPLE, FOUR, "A", "答案"),
        (ItemType.MULTIPLE, FOUR, "AA", "答案"),
        (ItemType.SINGLE, ("甲", "乙", "", "", "", ""), "A", "选项A"),
        (ItemType.SINGLE, ("甲", "", "丙", "丁", "", ""), "A", "选项B"),
        (ItemType.SINGLE, ("甲", "乙", "丙", "甲", "", ""), "A", "选项D"),
        (ItemType.TRUE_FALSE, FOUR, "对", "选项A"),
        (ItemType.TRUE_FALSE, NONE, "A", "答案"),
    ],
)
def test_an_unanswerable_item_is_refused_at_its_column(
    kind: ItemType, options: tuple[str, ...], answer: str, column: str
) -> None:
    choices, faults = read_choices(kind, options, answer)

    assert choices is None
    assert [fault.column for fault in faults] == [column]


def test_options_that_differ_only_by_letter_case_are_two_options() -> None:
    choices, _ = read_choices(ItemType.SINGLE, ("mA", "MA", "A", "kA", "", ""), "A")

    assert choices is not None
