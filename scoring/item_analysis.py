"""题目分析: how each item of a paper worked. Sums are exact integers; only the last division is in floating point.

Definitions, printed beside the figures because others use the same names for other things (BANK-AND-SCORING §6.11):
* difficulty p = mean mark of the item ÷ its full mark, over all who sat, blank responses included;
* discrimination r = Pearson correlation of the item's mark with the rest of the score (total − this item), told from
  30 candidates on, and only where both vary.
"""

import math
from collections.abc import Mapping, Sequence

import msgspec

from exam_protocol.answer_key import AnswerKey, ItemAnswer
from exam_protocol.ids import Milli, OptionId, PaperId, TradeCode
from exam_protocol.paper import ItemType
from scoring.scores import KnowScore

FEWEST_FOR_DISCRIMINATION = 30
DEFINITIONS = (
    "难度 p = 该题平均得分 ÷ 该题满分，未答计入；"
    f"区分度 r = 该题得分与其余各题总分的相关系数，不足 {FEWEST_FOR_DISCRIMINATION} 人或得分没有差异的不计算。"
)


class OptionCount(msgspec.Struct, frozen=True):
    """How many chose an option; ``letter`` is its place in canonical order (A, B, …), not on anybody's screen."""

    letter: str
    is_right: bool
    count: int


class ItemFigures(msgspec.Struct, frozen=True):
    """What one item's responses say. ``difficulty`` is ``None`` when nobody sat."""

    paper: PaperId
    trade: TradeCode
    number: int
    bank_no: str
    type: ItemType
    is_public: bool
    full_milli: Milli
    candidates: int
    blanks: int
    difficulty: float | None
    discrimination: float | None
    options: tuple[OptionCount, ...]

    @property
    def right_letters(self) -> str:
        """The right options as letters: "ABD"."""
        return "".join(option.letter for option in self.options if option.is_right)


def analyse_items(answer_key: AnswerKey, scores: Sequence[KnowScore]) -> tuple[ItemFigures, ...]:
    """Figures of every item of one paper from the scores of all who sat it, in whatever order."""
    sat = [score for score in scores if score.paper == answer_key.paper]
    totals = [score.milli or 0 for score in sat]
    figures = []
    for place, item in enumerate(answer_key.items):
        marks = [score.marks[place] for score in sat]
        earned = [mark.milli for mark in marks]
        chosen = {option: sum(option in mark.chosen for mark in marks) for option in item.options}
        figures.append(
            ItemFigures(
                answer_key.paper,
                answer_key.trade,
                item.number,
                item.bank_no,
                item.type,
                item.is_public,
                item.milli,
                len(sat),
                sum(not mark.chosen for mark in marks),
                sum(earned) / (item.milli * len(sat)) if sat else None,
                _discrimination(earned, totals),
                _counts(item, chosen),
            )
        )
    return tuple(figures)


def _counts(item: ItemAnswer, chosen: Mapping[OptionId, int]) -> tuple[OptionCount, ...]:
    return tuple(
        OptionCount(chr(ord("A") + place), option in item.right, chosen[option])
        for place, option in enumerate(item.options)
    )


def _discrimination(earned: Sequence[int], totals: Sequence[int]) -> float | None:
    count = len(earned)
    if count < FEWEST_FOR_DISCRIMINATION:
        return None
    rest = [total - mark for total, mark in zip(totals, earned, strict=True)]
    spread = _sum_of_products(earned, earned) * _sum_of_products(rest, rest)
    return _sum_of_products(earned, rest) / math.sqrt(spread) if spread else None


def _sum_of_products(one: Sequence[int], other: Sequence[int]) -> int:
    """The sum of products about the means, times the number of pairs, so that it stays a whole number."""
    return len(one) * sum(a * b for a, b in zip(one, other, strict=True)) - sum(one) * sum(other)
