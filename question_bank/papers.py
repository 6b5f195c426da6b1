"""Building a paper and, apart from it, its answer key from the items that were chosen.

Within a section public items come first, then the trade's own, each in the order of 编号: the canonical order.
"""

from collections.abc import Sequence

import msgspec

from exam_protocol.answer_key import ANSWER_KEY_FORMAT, AnswerKey, ItemAnswer
from exam_protocol.catalogue import trades as all_trades
from exam_protocol.exam_config import ExamConfig, SectionPlan, milli
from exam_protocol.ids import PaperId, TradeCode
from exam_protocol.paper import PAPER_FORMAT, Item, ItemType, Option, Paper, Purpose, Section
from question_bank.store import StoredItem

PURPOSES = (Purpose.LIVE, Purpose.RESERVE)
PURPOSE_WORDS = {Purpose.LIVE: "正卷", Purpose.RESERVE: "备用卷", Purpose.REHEARSAL: "演练卷"}


class AssembledPaper(msgspec.Struct, frozen=True):
    """A paper and, apart from it, its answer key."""

    paper: Paper
    answer_key: AnswerKey


class PaperHead(msgspec.Struct, frozen=True):
    """What stands at the head of a paper and of its answer key alike."""

    config: ExamConfig
    trade: TradeCode
    purpose: Purpose
    paper: PaperId
    revision: int


def build_paper(head: PaperHead, *, public: Sequence[StoredItem], own: Sequence[StoredItem]) -> AssembledPaper:
    """Build a paper and its key from the chosen items, each part given in the order of 编号."""
    config = head.config
    left = {
        (part, kind): [stored for stored in items if stored.item.type is kind]
        for part, items in (("public", public), ("trade", own))
        for kind in ItemType
    }
    sections: list[Section] = []
    answers: list[ItemAnswer] = []
    for plan in config.blueprint.sections:
        # Two sections may ask for the same type: each takes its number from what the ones before left over.
        taken: list[tuple[StoredItem, bool]] = []
        for part, count in (("public", plan.public), ("trade", plan.trade)):
            taken += [(stored, part == "public") for stored in left[part, plan.type][:count]]
            del left[part, plan.type][:count]
        items = tuple(_item(stored) for stored, _ in taken)
        sections.append(Section(plan.title, plan.type, plan.milli_each, plan.marking_rule, items))
        for stored, is_public in taken:
            answers.append(_answer(stored, len(answers) + 1, plan, is_public=is_public))
    total = milli(config.blueprint.total_points)
    paper = Paper(
        format=PAPER_FORMAT,
        id=head.paper,
        exam=config.exam,
        session=config.session,
        trade=head.trade,
        purpose=head.purpose,
        revision=head.revision,
        title=f"{config.title} 应知试卷（{all_trades()[head.trade].trade_name}）",
        total_milli=total,
        sections=tuple(sections),
    )
    answer_key = AnswerKey(
        format=ANSWER_KEY_FORMAT,
        paper=head.paper,
        exam=config.exam,
        session=config.session,
        trade=head.trade,
        purpose=head.purpose,
        revision=head.revision,
        total_milli=total,
        items=tuple(answers),
    )
    return AssembledPaper(paper, answer_key)


def _item(stored: StoredItem) -> Item:
    item = stored.item
    options = tuple(Option(option, text) for option, text in zip(stored.option_ids, item.options, strict=True))
    return Item(stored.id, item.type, item.stem, options, item.figure)


def _answer(stored: StoredItem, number: int, plan: SectionPlan, *, is_public: bool) -> ItemAnswer:
    return ItemAnswer(
        item=stored.id,
        number=number,
        type=stored.item.type,
        is_public=is_public,
        options=stored.option_ids,
        right=tuple(stored.option_ids[place] for place in stored.item.right),
        milli=plan.milli_each,
        rule=plan.marking_rule,
        bank_no=stored.item.bank_no,
    )
