"""Papers meet the blueprint, main and reserve share no item, the seed decides, and a lack is told in words."""

from collections import Counter

import msgspec
import pytest
from bank_factories import DRIVER, ELECTRICIAN, make_bank_item, make_pool, make_scope, stored
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exam_protocol.errors import ConfigurationError
from exam_protocol.exam_config import ExamConfig
from exam_protocol.paper import ItemType, Purpose
from question_bank.assembly import ItemsMissingError, assemble_papers
from question_bank.items import PUBLIC_SCOPE
from question_bank.papers import AssembledPaper
from question_bank.selection import SelectionImpossibleError
from question_bank.store import StoredItem, random_id


def assemble(
    pool: list[StoredItem], config: ExamConfig, seed: int = 1, trades: tuple[str, ...] = (ELECTRICIAN, DRIVER)
) -> tuple[AssembledPaper, ...]:
    return assemble_papers(pool, config, trades, seed=seed, new_id=random_id)


def numbers(assembled: AssembledPaper) -> list[str]:
    return [answer.bank_no for answer in assembled.answer_key.items]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**31 - 1))
def test_whatever_the_seed_every_paper_meets_its_blueprint(
    pool: list[StoredItem], config: ExamConfig, seed: int
) -> None:
    items = {entry.id: entry.item for entry in pool}

    for paper, key in ((a.paper, a.answer_key) for a in assemble(pool, config, seed)):
        chosen = [items[item.id] for item in paper.items()]
        singles = Counter(item.right[0] for item in chosen if item.type is ItemType.SINGLE)
        all_right = sum(item.is_all_right for item in chosen if item.type is ItemType.MULTIPLE)
        true_items = sum(item.right == (0,) for item in chosen if item.type is ItemType.TRUE_FALSE)
        counts = Counter((item.type, item.scope == PUBLIC_SCOPE) for item in chosen)
        assert counts == {
            (plan.type, is_public): count
            for plan in config.blueprint.sections
            for is_public, count in ((True, plan.public), (False, plan.trade))
        }
        assert sum(answer.milli for answer in key.items) == paper.total_milli == 100_000
        assert 2.4 <= sum(item.difficulty for item in chosen) / len(chosen) <= 3.4
        assert all_right <= 0.2 * 15
        assert max(singles.values()) <= 10
        assert 4 <= true_items <= 6


def test_main_and_reserve_of_a_session_share_no_item(pool: list[StoredItem], config: ExamConfig) -> None:
    papers = assemble(pool, config)

    live = {number for paper in papers if paper.paper.purpose is Purpose.LIVE for number in numbers(paper)}
    reserve = {number for paper in papers if paper.paper.purpose is Purpose.RESERVE for number in numbers(paper)}

    assert live.isdisjoint(reserve)


def test_all_trades_have_the_same_public_items_and_trade_items_of_their_own(
    pool: list[StoredItem], config: ExamConfig
) -> None:
    live = [a.answer_key for a in assemble(pool, config) if a.paper.purpose is Purpose.LIVE]
    public = [[item.bank_no for item in key.items if item.is_public] for key in live]
    own = [{item.bank_no for item in key.items if not item.is_public} for key in live]

    assert public[0] == public[1]
    assert own[0].isdisjoint(own[1])


def test_the_same_bank_and_seed_give_the_same_papers_whatever_the_ids(config: ExamConfig) -> None:
    first = assemble(make_pool(id_prefix="a"), config)
    again = assemble(list(reversed(make_pool(id_prefix="b"))), config)

    assert [numbers(paper) for paper in first] == [numbers(paper) for paper in again]


def test_another_seed_gives_other_papers(pool: list[StoredItem], config: ExamConfig) -> None:
    assert numbers(assemble(pool, config, 1)[0]) != numbers(assemble(pool, config, 2)[0])


def test_items_stand_by_section_public_first_in_the_order_of_their_numbers(
    pool: list[StoredItem], config: ExamConfig
) -> None:
    key = assemble(pool, config)[0].answer_key

    places = [(list(ItemType).index(item.type), not item.is_public, item.bank_no) for item in key.items]
    assert places == sorted(places)
    assert [item.number for item in key.items] == list(range(1, 56))


def test_the_paper_holds_no_key_and_the_key_knows_every_option(pool: list[StoredItem], config: ExamConfig) -> None:
    assembled = assemble(pool, config)[0]

    assert b"right" not in msgspec.json.encode(assembled.paper)
    assert [(item.id, tuple(option.id for option in item.options)) for item in assembled.paper.items()] == [
        (answer.item, answer.options) for answer in assembled.answer_key.items
    ]
    assert all(set(answer.right) <= set(answer.options) for answer in assembled.answer_key.items)


def test_missing_items_are_told_for_all_scopes_and_types_at_once(config: ExamConfig) -> None:
    few = stored([*make_scope(PUBLIC_SCOPE, true_falses=9), *make_scope(ELECTRICIAN, multiples=12)])

    with pytest.raises(ItemsMissingError) as refused:
        assemble(few, config, trades=(ELECTRICIAN,))

    assert "公共基础 / 判断题：需要 10，可用 9\n" in refused.value.what
    assert "06-008 电工 / 多选题：需要 16，可用 12\n" in refused.value.what
    assert refused.value.what.count("需要") == 2


def test_a_balance_that_cannot_be_kept_is_told_in_words(config: ExamConfig) -> None:
    easy = [msgspec.structs.replace(item, difficulty=1) for item in make_scope(ELECTRICIAN)]
    pool = stored([*make_scope(PUBLIC_SCOPE), *easy])

    with pytest.raises(SelectionImpossibleError, match=r"06-008 电工 / 正卷 / 平均难度：最少 2\.4，只能做到 1"):
        assemble(pool, config, trades=(ELECTRICIAN,))


def test_too_many_items_with_every_option_right_are_told_in_words(config: ExamConfig) -> None:
    items = [
        msgspec.structs.replace(item, right=(0, 1, 2, 3)) if item.type is ItemType.MULTIPLE else item
        for item in make_scope(ELECTRICIAN)
    ]

    with pytest.raises(SelectionImpossibleError, match="选项全对的多选题：最多 1，只能做到 8"):
        assemble(stored([*make_scope(PUBLIC_SCOPE), *items]), config, trades=(ELECTRICIAN,))


def test_items_that_give_each_other_away_never_stand_in_the_papers_of_one_session(config: ExamConfig) -> None:
    twins = [make_bank_item(f"DG-TWIN-{n}", stem="同一个题干。", options=("甲", "乙", f"丙{n}")) for n in range(30)]
    pool = stored([*make_scope(PUBLIC_SCOPE), *make_scope(ELECTRICIAN, singles=29), *twins])

    papers = assemble(pool, config, trades=(ELECTRICIAN,))

    assert sum("TWIN" in number for paper in papers for number in numbers(paper)) <= 1


@pytest.mark.parametrize("trades", [(), ("06-099",), (ELECTRICIAN, ELECTRICIAN)])
def test_trades_must_be_known_and_named_once(
    pool: list[StoredItem], config: ExamConfig, trades: tuple[str, ...]
) -> None:
    with pytest.raises(ConfigurationError):
        assemble(pool, config, trades=trades)
