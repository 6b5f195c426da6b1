"""Which options are right: travels from the bank to the centre only, sealed, apart from the paper."""

import msgspec

from exam_protocol.ids import ExamId, ItemId, Milli, OptionId, PaperId, SessionId, TradeCode
from exam_protocol.marking_rule import MarkingRule
from exam_protocol.paper import ItemType, Purpose

ANSWER_KEY_FORMAT = "answer-key/1"
MAX_ANSWER_KEY_BYTES = 4 * 1024 * 1024


class ItemAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The right set of one item. ``number`` is the item's place in the paper (1…), for reports that outlive its id.

    ``options`` are all option ids in canonical order, so that a response can be told as letters; ``is_public`` says
    whether the item belongs to 公共基础知识 or to the trade's own theory.
    """

    item: ItemId
    number: int
    type: ItemType
    is_public: bool
    options: tuple[OptionId, ...]
    right: tuple[OptionId, ...]
    milli: Milli
    rule: MarkingRule
    bank_no: str


class AnswerKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """标准答案 of one paper."""

    format: str
    paper: PaperId
    exam: ExamId
    session: SessionId
    trade: TradeCode
    purpose: Purpose
    revision: int
    total_milli: Milli
    items: tuple[ItemAnswer, ...]
