"""模拟训练 packs: practice items of one trade with key and explanation, and the proof that no live item is inside.

No textbook is prescribed for the exam, so a pack never claims to be one (RULES: Subjects, Practice).
"""

from collections.abc import Sequence

import msgspec

from exam_protocol.catalogue import trades
from exam_protocol.errors import ConfigurationError, KaopingError
from exam_protocol.ids import TradeCode
from exam_protocol.paper import Figure, ItemType
from question_bank.duplicates import identity
from question_bank.items import PUBLIC_SCOPE, scope_words
from question_bank.store import StoredItem

PRACTICE_FORMAT = "practice-pack/1"
NOTICE = "本练习仅供熟悉题型和操作，不是指定教材或辅导资料，与正式考试试题无关。"


class PracticeLeakError(KaopingError):
    """A live item would have come into a practice pack."""


class PracticeItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One practice item. ``right`` are positions in ``options`` (from 0)."""

    type: ItemType
    is_public: bool
    stem: str
    options: tuple[str, ...]
    right: tuple[int, ...]
    explanation: str
    source: str
    figure: Figure | None


class PracticePack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a candidate of a trade practises with; canonical JSON is its file."""

    format: str
    trade: TradeCode
    title: str
    notice: str
    items: tuple[PracticeItem, ...]


def build_practice_pack(practice: Sequence[StoredItem], live: Sequence[StoredItem], trade: TradeCode) -> PracticePack:
    """Build a trade's pack from the practice pool: public items first, each part by 编号.

    Raises ``ConfigurationError`` when there is nothing to practise and ``PracticeLeakError`` when an item of the live
    pool has the same stem: the import refuses that already; here it is proved again on what is handed out.
    """
    if trade not in trades():
        raise ConfigurationError(f"没有“{trade}”这个工种代码。", "请写通知附件 2 的工种代码，如 06-008。")
    ordered = sorted(practice, key=lambda stored: stored.item.bank_no)
    chosen = [stored for scope in (PUBLIC_SCOPE, trade) for stored in ordered if stored.item.scope == scope]
    if not any(stored.item.scope == trade for stored in chosen):
        raise ConfigurationError(
            f"练习题库里没有 {scope_words(trade)} 的试题。", "请先用 kaoping bank import --practice 导入。"
        )
    live_stems = {identity(stored.item).stem: stored.item.bank_no for stored in live}
    leaks = [
        f"{stored.item.bank_no}（与正式题 {live_stems[stem]} 相同）"
        for stored in chosen
        if (stem := identity(stored.item).stem) in live_stems
    ]
    if leaks:
        raise PracticeLeakError(f"练习题与正式题重复：{'、'.join(leaks)}。", "请从练习题库中换掉这些题。")
    return PracticePack(
        PRACTICE_FORMAT,
        trade,
        f"{trades()[trade].trade_name} 模拟训练",
        NOTICE,
        tuple(_practice_item(stored) for stored in chosen),
    )


def _practice_item(stored: StoredItem) -> PracticeItem:
    item = stored.item
    return PracticeItem(
        type=item.type,
        is_public=item.scope == PUBLIC_SCOPE,
        stem=item.stem,
        options=item.options,
        right=item.right,
        explanation=item.explanation,
        source=item.source,
        figure=item.figure,
    )
