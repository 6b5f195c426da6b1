"""统计工作簿: five sheets that add up, hold no person, and are the same bytes every time."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from scoring_factories import make_answer_key, make_responses, make_result

from exam_protocol.ids import Milli
from scoring.item_analysis import analyse_items
from scoring.pass_rules import Outcome
from scoring.results import Result
from scoring.scores import mark_paper
from scoring.statistics_workbook import SHEETS, write_statistics
from scoring.subjects import SubjectStatus
from scoring.tallies import by_trade, by_zone, in_bands, tally

RESULTS = [
    make_result(1),
    make_result(2, zone="辛集", know=59_960, outcome=Outcome.FAIL),
    make_result(3, zone="唐山", trade="12-011", do=SubjectStatus.ABSENT, outcome=Outcome.ABSENT),
    make_result(4, zone="石家庄", know=SubjectStatus.ABSENT, outcome=Outcome.ABSENT),
    make_result(5, know=SubjectStatus.VIOLATION_BOTH, do=SubjectStatus.VIOLATION_BOTH, outcome=Outcome.VOID),
    make_result(6, do=SubjectStatus.PENDING, outcome=Outcome.PENDING),
]


def write(path: Path, results: list[Result] = RESULTS, title: str = "示例考试") -> Path:
    key = make_answer_key()
    items = analyse_items(key, [mark_paper(key, make_responses({1: "A", 2: "BC"}))])
    made_at = datetime(2026, 9, 30, 8, tzinfo=UTC)
    write_statistics(path, title=title, note="示例配置", made_at=made_at, results=results, items=items)
    return path


def sheet_of(path: Path, name: str) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(path)[name].iter_rows(values_only=True))


def test_the_workbook_has_its_five_sheets(tmp_path: Path) -> None:
    assert tuple(openpyxl.load_workbook(write(tmp_path / "统计.xlsx")).sheetnames) == SHEETS


def test_the_same_results_give_the_same_bytes(tmp_path: Path) -> None:
    one, other = write(tmp_path / "1.xlsx"), write(tmp_path / "2.xlsx")

    assert one.read_bytes() == other.read_bytes()


def test_the_whole_counts_every_outcome_and_takes_no_absence_for_a_0(tmp_path: Path) -> None:
    figures = dict(row[:2] for row in sheet_of(write(tmp_path / "统计.xlsx"), "总体")[4:])

    assert [figures[name] for name in ("应考", "合格", "不合格", "缺考", "违纪无效", "待定")] == [6, 1, 1, 2, 1, 1]
    assert (figures["应知缺考"], figures["应会缺考"]) == (1, 1)
    assert figures["合格率"] == pytest.approx(1 / 6)
    assert figures["应知平均"] == pytest.approx((78.5 * 3 + 59.96) / 4, abs=0.001)


def test_zones_and_trades_stand_in_the_notices_order_and_add_up(tmp_path: Path) -> None:
    path = write(tmp_path / "统计.xlsx")
    zones, trades = sheet_of(path, "按考区")[2:], sheet_of(path, "按工种")[2:]

    assert [row[0] for row in zones] == ["石家庄", "唐山", "辛集", "合计"]
    assert [row[0] for row in trades] == ["06-008 电工", "12-011 中式烹调师", "合计"]
    assert [row[1] for row in zones] == [4, 1, 1, 6]
    assert zones[-1][1:] == trades[-1][1:]


@pytest.mark.parametrize(
    ("marks", "bands"),
    [
        ((0, 9_999), {0: 2}),
        ((59_960, 59_999), {5: 2}),
        ((60_000,), {6: 1}),
        ((99_999, 100_000), {9: 2}),
        ((None, 10_000), {1: 1}),
    ],
)
def test_a_mark_lies_in_one_band_of_ten_points(marks: tuple[int | None, ...], bands: dict[int, int]) -> None:
    counts = in_bands(None if mark is None else Milli(mark) for mark in marks)

    assert {band: count for band, count in enumerate(counts) if count} == bands


def test_items_are_told_with_their_options(tmp_path: Path) -> None:
    heading, *items = sheet_of(write(tmp_path / "统计.xlsx"), "题目分析")[1:]

    assert heading[-4:] == ("A", "B", "C", "D")
    assert items[1][:8] == ("06-008 电工", 2, "G002", "技术业务理论", "多选题", 30, 1, 0)
    assert items[1][8] == pytest.approx(2 / 3)
    assert items[1][9:] == (None, "BCD", 0, 1, 1, 0)


def test_a_title_or_a_zone_is_never_a_formula_nor_a_link(tmp_path: Path) -> None:
    path = write(tmp_path / "统计.xlsx", [make_result(zone="=HYPERLINK(1)")], title="=1+1")
    book = openpyxl.load_workbook(path)

    assert (book["总体"]["A1"].data_type, book["总体"]["A1"].value) == ("s", "=1+1")
    assert book["按考区"]["A3"].data_type == "s"


def test_nobody_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "统计.xlsx")
    cells = {str(cell) for name in SHEETS for row in sheet_of(path, name) for cell in row}

    assert not cells & {"张建国", "石家庄市示例水务服务中心", RESULTS[0].ticket_no}


def test_no_results_at_all_give_an_empty_workbook_and_no_division_by_0(tmp_path: Path) -> None:
    figures = dict(row[:2] for row in sheet_of(write(tmp_path / "统计.xlsx", []), "总体")[4:])

    assert figures["应考"] == 0
    assert figures["合格率"] is None


def test_an_unknown_zone_or_trade_is_counted_after_the_notices_own() -> None:
    results = [*RESULTS, make_result(7, zone="别处", trade="99-001")]

    assert by_zone(results)[-1].name == "别处"
    assert by_trade(results)[-1].name == "99-001"
    assert sum(group.expected for group in by_zone(results)) == tally("合计", results).expected
