"""What one scope must give to a paper: counts by type and the balances, as rules over the items of its pool.

The public set is the same for all trades of a session, so each scope (公共基础, each trade) is a choice of its own, and
a whole paper keeps every balance because both its halves do.
"""

import math
from collections.abc import Callable, Sequence

import msgspec

from exam_protocol.exam_config import PaperBlueprint
from exam_protocol.paper import ItemType
from question_bank.items import PUBLIC_SCOPE, TYPE_WORDS, BankItem, option_letter

DIFFICULTY_UNIT = 1000
_TRUE_SHARE_LOW, _TRUE_SHARE_HIGH = 0.4, 0.6


class Rule(msgspec.Struct, frozen=True):
    """``low`` ≤ Σ weight of the chosen items ≤ ``high``. ``weights`` has one number for each item of the pool.

    ``unit`` divides the numbers when the rule is told in words.
    """

    words: str
    weights: tuple[int, ...]
    low: int
    high: int
    unit: int = 1


def counts(blueprint: PaperBlueprint, scope: str) -> dict[ItemType, int]:
    """How many items of each type one paper takes from this scope."""
    needed: dict[ItemType, int] = {}
    for plan in blueprint.sections:
        needed[plan.type] = needed.get(plan.type, 0) + (plan.public if scope == PUBLIC_SCOPE else plan.trade)
    return needed


def rules(blueprint: PaperBlueprint, scope: str, items: Sequence[BankItem]) -> tuple[Rule, ...]:
    """The rules for one set of items chosen from ``items``: counts first, then the balances.

    * mean difficulty within the configured range;
    * at most the configured share of multiple-choice items with every option right;
    * right answers of single-choice items spread over the positions, and 正确/错误 balanced;
    * knowledge points spread: none more than one above its even share.
    """
    needed = counts(blueprint, scope)
    total = sum(needed.values())

    def weigh(weight: Callable[[BankItem], int]) -> tuple[int, ...]:
        return tuple(weight(item) for item in items)

    found = [
        Rule(f"{TYPE_WORDS[kind]}题数", weigh(lambda item, kind=kind: item.type is kind), count, count)  # type: ignore[misc]  # bound now, not later
        for kind, count in needed.items()
    ]
    found.append(
        Rule(
            "平均难度",
            weigh(lambda item: item.difficulty * DIFFICULTY_UNIT),
            math.ceil(blueprint.mean_difficulty_low * DIFFICULTY_UNIT) * total,
            math.floor(blueprint.mean_difficulty_high * DIFFICULTY_UNIT) * total,
            DIFFICULTY_UNIT * max(total, 1),
        )
    )
    found.append(
        Rule(
            "选项全对的多选题",
            weigh(lambda item: item.type is ItemType.MULTIPLE and item.is_all_right),
            0,
            math.floor(blueprint.all_right_share_max * needed.get(ItemType.MULTIPLE, 0)),
        )
    )
    found += _position_rules(needed.get(ItemType.SINGLE, 0), items)
    true_false = needed.get(ItemType.TRUE_FALSE, 0)
    found.append(
        Rule(
            "答案为“正确”的判断题",
            weigh(lambda item: item.type is ItemType.TRUE_FALSE and item.right == (0,)),
            math.floor(_TRUE_SHARE_LOW * true_false),
            math.ceil(_TRUE_SHARE_HIGH * true_false),
        )
    )
    points = sorted({item.point for item in items})
    most = math.ceil(total / max(len(points), 1)) + 1
    found += [
        Rule(f"知识点“{point}”", weigh(lambda item, point=point: item.point == point), 0, most)  # type: ignore[misc]  # bound now, not later
        for point in points
    ]
    return tuple(found)


def _position_rules(singles: int, items: Sequence[BankItem]) -> list[Rule]:
    positions = max((len(item.options) for item in items if item.type is ItemType.SINGLE), default=0)
    most = math.ceil(singles / max(positions, 1)) + 1
    return [
        Rule(
            f"正确答案在 {option_letter(place)} 的单选题",
            tuple(item.type is ItemType.SINGLE and item.right == (place,) for item in items),
            0,
            most,
        )
        for place in range(positions)
    ]
