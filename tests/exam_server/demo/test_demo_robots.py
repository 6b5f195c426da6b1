"""The same seed gives the same absences and answers, whoever else sits and whatever ids the sealing drew."""

import msgspec
import pytest

from exam_protocol.documents import RosterEntry
from exam_protocol.paper import ItemType
from exam_server.demo.robots import PlannedCandidate, plan_candidates
from question_bank.items import BankItem

DURATION_S = 30.0
TRADE = "06-008"


def entry(number: int, *, extra_minutes: int = 0, order_seed: int = 1) -> RosterEntry:
    return RosterEntry(
        sitting=number,
        ticket_no=f"26020101{number:02d}",
        name="王芳",
        trade=TRADE,
        unit="示例单位",
        room="01",
        seat=number,
        id_last4="4039",
        id_keyed_hash="0" * 64,
        photo=b"",
        extra_minutes=extra_minutes,
        order_seed=order_seed,
    )


def item(number: int, kind: ItemType = ItemType.SINGLE) -> BankItem:
    right = (0, 2) if kind is ItemType.MULTIPLE else (number % 2,)
    options = ("正确", "错误") if kind is ItemType.TRUE_FALSE else ("甲", "乙", "丙", "丁")
    return BankItem(f"T-{number}", TRADE, kind, f"第 {number} 题", options, right, 3, "要点", "自编", "解析")


PAPER = [item(number, list(ItemType)[number % 3]) for number in range(30)]


def plans(entries: list[RosterEntry], seed: int = 1) -> list[PlannedCandidate]:
    return plan_candidates(entries, {TRADE: PAPER}, DURATION_S, seed)


def test_a_candidate_answers_alike_whoever_else_sits() -> None:
    everybody = [entry(number) for number in range(1, 29)]
    alone = plans([everybody[6]])
    assert plans(everybody)[6] == alone[0]


def test_another_display_order_does_not_change_what_a_candidate_answers() -> None:
    (first,), (second,) = plans([entry(3, order_seed=1)]), plans([entry(3, order_seed=99)])
    assert first.script == second.script


def test_another_seed_gives_other_answers() -> None:
    entries = [entry(number) for number in range(1, 29)]
    assert plans(entries, seed=1) != plans(entries, seed=2)


def test_some_stay_away_and_most_come() -> None:
    coming = [plan for seed in range(10) for plan in plans([entry(n) for n in range(1, 29)], seed) if plan.script]
    assert 0.9 < len(coming) / 280 < 1.0


def test_every_choice_names_options_of_its_item_and_comes_in_time() -> None:
    texts = {text for one in PAPER for text in one.options}
    (plan,) = plans([entry(3)])
    assert plan.script is not None
    assert all(set(choice.options) <= texts and 0 < choice.at < DURATION_S for choice in plan.script.choices)


@pytest.mark.parametrize("seed", range(20))
def test_who_has_extra_minutes_hands_in_and_does_not_wait_for_them(seed: int) -> None:
    (plan,) = plans([msgspec.structs.replace(entry(5), extra_minutes=15)], seed)
    assert plan.script is None or plan.script.hand_in_at is not None
