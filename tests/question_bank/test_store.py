"""The bank takes all of a file or nothing, holds nothing twice, and keeps live and practice items apart."""

from pathlib import Path

import pytest
from bank_factories import make_bank_item, make_figure
from sqlalchemy import text

from exam_protocol.errors import ConfigurationError, InputRefusedError
from exam_protocol.paper import ItemType
from question_bank.formats.spreadsheet import ReadItem
from question_bank.items import BankItem, Pool
from question_bank.store import Bank, ImportSummary


def read(*items: BankItem) -> list[ReadItem]:
    return [ReadItem("试题.xlsx", row, item) for row, item in enumerate(items, start=2)]


def test_items_come_back_as_they_went_in(bank: Bank) -> None:
    items = [
        make_bank_item("DG-001", figure=make_figure()),
        make_bank_item("DG-002", ItemType.MULTIPLE, right=(1, 3)),
        make_bank_item("DG-003", ItemType.TRUE_FALSE, right=(1,)),
    ]

    bank.add(read(*items), Pool.LIVE)

    assert [stored.item for stored in bank.items(Pool.LIVE)] == items


def test_importing_the_same_file_again_changes_nothing(bank: Bank) -> None:
    bank.add(read(make_bank_item()), Pool.LIVE)

    assert bank.add(read(make_bank_item(), make_bank_item("DG-002")), Pool.LIVE) == ImportSummary(1, 1)


def test_an_item_whose_number_is_taken_by_another_is_refused(bank: Bank) -> None:
    bank.add(read(make_bank_item()), Pool.LIVE)

    with pytest.raises(InputRefusedError, match="内容不同"):
        bank.add(read(make_bank_item(stem="另一道题。")), Pool.LIVE)


def test_the_same_item_with_another_key_is_refused_as_a_contradiction(bank: Bank) -> None:
    bank.add(read(make_bank_item("DG-001", stem="题。", right=(0,))), Pool.LIVE)

    with pytest.raises(InputRefusedError, match=r"DG-001（试题\.xlsx:2）是同一道题而答案不同（那里是“A”）"):
        bank.add(read(make_bank_item("DG-002", stem="题", right=(1,))), Pool.LIVE)


@pytest.mark.parametrize(("first", "second"), [(Pool.LIVE, Pool.PRACTICE), (Pool.PRACTICE, Pool.LIVE)])
def test_a_live_item_is_never_a_practice_item(bank: Bank, first: Pool, second: Pool) -> None:
    bank.add(read(make_bank_item("DG-001", stem="同一个题干（　　）。")), first)
    same_stem = make_bank_item("LX-001", stem="同一个题干( )", options=("子", "丑", "寅"), right=(1,))

    with pytest.raises(InputRefusedError, match="正式题和练习题不得重复"):
        bank.add(read(same_stem), second)
    assert bank.items(second) == ()


def test_one_refused_item_keeps_the_whole_import_out(bank: Bank) -> None:
    bank.add(read(make_bank_item()), Pool.LIVE)

    with pytest.raises(InputRefusedError):
        bank.add(read(make_bank_item("DG-002"), make_bank_item(stem="另一道题。")), Pool.LIVE)
    assert len(bank.items(Pool.LIVE)) == 1


def test_ids_of_options_do_not_tell_their_order(bank: Bank) -> None:
    bank.add(read(*(make_bank_item(f"DG-{number:03}") for number in range(20))), Pool.LIVE)

    ids = [stored.option_ids for stored in bank.items(Pool.LIVE)]

    assert any(list(of_item) != sorted(of_item) for of_item in ids)


def test_content_can_be_read_without_any_key(bank: Bank) -> None:
    bank.add(read(make_bank_item(right=(2,))), Pool.LIVE)

    with bank.engine.begin() as connection:
        before = connection.execute(text("SELECT * FROM item JOIN option ON option.item_id = item.id")).all()
        connection.execute(text("DELETE FROM right_option"))
        after = connection.execute(text("SELECT * FROM item JOIN option ON option.item_id = item.id")).all()

    assert before == after
    assert bank.items(Pool.LIVE)[0].item.right == ()


def test_a_file_that_is_no_bank_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bank.db").write_bytes("不是数据库".encode() * 100)

    with pytest.raises(ConfigurationError, match="不是题库文件"):
        Bank.open(tmp_path / "bank.db")
    with pytest.raises(ConfigurationError, match="找不到题库文件"):
        Bank.open(tmp_path / "none.db")
