"""A paper as it travels: items without any answer key, in canonical order."""

from enum import StrEnum

import msgspec

from exam_protocol.ids import ExamId, ItemId, Milli, OptionId, PaperId, SessionId, TradeCode
from exam_protocol.marking_rule import MarkingRule

MAX_PAPER_BYTES = 16 * 1024 * 1024


class ItemType(StrEnum):
    """题型 of the notice: 单选、多选及判断 (附件1 三)."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUE_FALSE = "true_false"


class Purpose(StrEnum):
    """What a paper is for; each purpose has its own opening key."""

    LIVE = "live"
    RESERVE = "reserve"
    REHEARSAL = "rehearsal"


class Figure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A picture inside a paper: PNG or JPEG bytes, and in words what it shows."""

    media_type: str
    content: bytes
    alt: str


class Option(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One choice. Its id is random: it tells neither the position nor whether it is right."""

    id: OptionId
    text: str


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One question. True/false items have the two options 正确 and 错误, in this order, never shuffled."""

    id: ItemId
    type: ItemType
    stem: str
    options: tuple[Option, ...]
    figure: Figure | None = None


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """大题: items of one type that earn the same marks by the same rule."""

    title: str
    type: ItemType
    milli_each: Milli
    rule: MarkingRule
    items: tuple[Item, ...]


class Paper(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a candidate is given. ``revision`` rises when a paper is sealed anew."""

    format: str
    id: PaperId
    exam: ExamId
    session: SessionId
    trade: TradeCode
    purpose: Purpose
    revision: int
    title: str
    total_milli: Milli
    sections: tuple[Section, ...]

    def items(self) -> tuple[Item, ...]:
        """All items in canonical order."""
        return tuple(item for section in self.sections for item in section.items)


PAPER_FORMAT = "paper/1"
