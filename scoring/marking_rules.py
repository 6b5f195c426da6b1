"""How one response earns its mark. Only sets of option ids count: neither order nor letters matter."""

from collections.abc import Collection

from exam_protocol.answer_key import ItemAnswer
from exam_protocol.errors import KaopingError
from exam_protocol.ids import Milli, OptionId
from exam_protocol.marking_rule import MarkingKind

NOTHING = Milli(0)


class UnknownOptionError(KaopingError):
    """A response names an option that its item does not have."""


def mark_response(item: ItemAnswer, chosen: Collection[OptionId]) -> Milli:
    """Mark one response; returns thousandths of a point, from 0 to the item's own marks.

    Exactly the right set earns everything; nothing chosen, or any wrong option among the chosen, earns nothing; what
    is in between (少选: a non-empty pure subset of the right set) earns what the item's rule says. Divisions are cut
    off at a thousandth. Raises ``UnknownOptionError``.
    """
    picked, right = frozenset(chosen), frozenset(item.right)
    if not picked <= frozenset(item.options):
        raise UnknownOptionError(
            f"第 {item.number} 题（{item.bank_no}）的作答里有试卷上没有的选项。",
            "请核对答卷包与标准答案是否属于同一份试卷；相符时按异常答卷交两人核查。",
        )
    if not picked or not picked <= right:
        return NOTHING
    if picked == right:
        return item.milli
    return _partial(item, len(picked), len(right))


def _partial(item: ItemAnswer, picked: int, right: int) -> Milli:
    match item.rule.kind:
        case MarkingKind.ALL_OR_NOTHING:
            return NOTHING
        case MarkingKind.SUBSET_FIXED:
            return min(item.rule.partial, item.milli)
        case MarkingKind.SUBSET_PER_OPTION:
            return min(Milli(item.rule.partial * picked), item.milli)
        case MarkingKind.SUBSET_PROPORTIONAL:
            return Milli(item.milli * picked // right)
