"""Plausible objects for tests: valid without arguments, keywords for what a test is about."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from exam_protocol.documents import Role, RoleThreshold, Root
from exam_protocol.ids import (
    AttemptId,
    ExamId,
    ItemId,
    Milli,
    OptionId,
    PaperId,
    SessionId,
    TradeCode,
)
from exam_protocol.keys import PrivateKey, Trust, new_private_key, sign_document, trusted
from exam_protocol.marking_rule import MarkingKind, MarkingRule
from exam_protocol.messages import Answer
from exam_protocol.paper import PAPER_FORMAT, Item, ItemType, Option, Paper, Purpose, Section

NOW = datetime(2026, 9, 26, 1, 0, tzinfo=UTC)
"""The morning of the exam: 09:00 in Hebei."""


def make_item(number: int = 1, kind: ItemType = ItemType.SINGLE, options: int = 4) -> Item:
    """Make an item whose ids tell its number, so that a failing test can be read."""
    texts = (
        ("正确", "错误")
        if kind is ItemType.TRUE_FALSE
        else tuple(f"选项{letter}" for letter in "甲乙丙丁戊己"[:options])
    )
    choices = tuple(Option(OptionId(f"o{number}-{place}"), text) for place, text in enumerate(texts, 1))
    return Item(ItemId(f"i{number}"), kind, f"第 {number} 题的题干。", choices)


def make_section(kind: ItemType, items: Sequence[Item], points: str = "1") -> Section:
    """Make a section whose marking is all or nothing."""
    rule = MarkingRule(MarkingKind.ALL_OR_NOTHING, f"每题 {points} 分。")
    return Section(f"{kind} 大题", kind, Milli(int(points) * 1000), rule, tuple(items))


def make_paper(singles: int = 3, multiples: int = 2, true_falses: int = 2, trade: str = "06-008") -> Paper:
    """Make a paper of three sections."""
    counts = {ItemType.SINGLE: singles, ItemType.MULTIPLE: multiples, ItemType.TRUE_FALSE: true_falses}
    sections, number = [], 0
    for kind, count in counts.items():
        sections.append(make_section(kind, [make_item(number + place, kind) for place in range(1, count + 1)]))
        number += count
    return Paper(
        format=PAPER_FORMAT,
        id=PaperId(f"paper-{trade}"),
        exam=ExamId("2026-technician"),
        session=SessionId("S1"),
        trade=TradeCode(trade),
        purpose=Purpose.LIVE,
        revision=1,
        title="电工 应知",
        total_milli=Milli(number * 1000),
        sections=tuple(sections),
    )


def make_answer(
    seq: int = 1, prev: str = "0" * 64, item: str = "i1", options: Sequence[str] = ("o1-1",), attempt: int = 101
) -> Answer:
    """Make one answer of a chain."""
    return Answer(
        attempt=AttemptId(attempt),
        epoch=1,
        seq=seq,
        item=ItemId(item),
        options=tuple(OptionId(option) for option in options),
        is_marked=False,
        t_mono=1000 * seq,
        t_wall=1_790_000_000_000 + 1000 * seq,  # type: ignore[arg-type]  # a plain number of milliseconds
        prev=prev,
    )


def make_trust(
    *keys: PrivateKey, root_keys: Sequence[PrivateKey] = (), version: int = 1, threshold: int = 1, now: datetime = NOW
) -> Trust:
    """Make a verified root that trusts these keys for a year; each role needs ``threshold`` signatures."""
    root_keys = root_keys or (new_private_key(Role.ROOT),)
    not_after = now + timedelta(days=365)
    roles = dict.fromkeys([Role.ROOT, *(key.role for key in keys)])
    root = Root(
        exam=ExamId("2026-technician"),
        version=version,
        not_after=not_after,
        thresholds=tuple(RoleThreshold(role, 1 if role is Role.ROOT else threshold) for role in roles),
        keys=tuple(trusted(key, not_after) for key in (*root_keys, *keys)),
    )
    return Trust.from_root(sign_document(root, *root_keys), fingerprint=None, now=now)
