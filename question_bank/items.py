"""An item as the bank knows it: content and key together, before its content goes into a paper and its key apart."""

from enum import StrEnum

import msgspec

from exam_protocol.catalogue import trades
from exam_protocol.ids import TradeCode
from exam_protocol.paper import Figure, ItemType

PUBLIC_SCOPE = "公共基础"
TRUE_FALSE_OPTIONS = ("正确", "错误")
TYPE_WORDS = {ItemType.SINGLE: "单选题", ItemType.MULTIPLE: "多选题", ItemType.TRUE_FALSE: "判断题"}


class Pool(StrEnum):
    """What an item may be used for. A live item never stands in a practice pack, nor the other way round."""

    LIVE = "live"
    PRACTICE = "practice"


POOL_WORDS = {Pool.LIVE: "正式题库", Pool.PRACTICE: "练习题库"}


class BankItem(msgspec.Struct, frozen=True):
    """One item. ``scope`` is 公共基础 or a trade code; ``right`` are positions in ``options`` (from 0), ascending."""

    bank_no: str
    scope: str
    type: ItemType
    stem: str
    options: tuple[str, ...]
    right: tuple[int, ...]
    difficulty: int
    point: str
    source: str
    explanation: str
    figure: Figure | None = None

    @property
    def answer(self) -> str:
        """The key as people write it: 对/错, or letters."""
        if self.type is ItemType.TRUE_FALSE:
            return "对" if self.right == (0,) else "错"
        return "".join(option_letter(place) for place in self.right)

    @property
    def is_all_right(self) -> bool:
        """Whether every option is right."""
        return len(self.right) == len(self.options)


def option_letter(place: int) -> str:
    """Letter of an option's position: 0 → A."""
    return chr(ord("A") + place)


def scope_words(scope: str) -> str:
    """Tell a scope to a person: 公共基础, or a trade with its name: 06-008 电工."""
    trade = trades().get(TradeCode(scope))
    return scope if trade is None else f"{scope} {trade.trade_name}"
