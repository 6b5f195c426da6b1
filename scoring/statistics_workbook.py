"""统计工作簿: the exam in five sheets for people. The same results and the same date give the same bytes.

No name, ticket number or unit is in it. Texts are never formulas, marks show three decimals so that nothing is rounded
up to the line.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from exam_protocol.paper import ItemType
from scoring.item_analysis import DEFINITIONS, ItemFigures
from scoring.results import Result, trade_text
from scoring.tallies import BANDS, Tally, by_trade, by_zone, in_bands, tally

SHEETS = ("总体", "按考区", "按工种", "分数段", "题目分析")
ITEM_TYPE_WORDS = {ItemType.SINGLE: "单选题", ItemType.MULTIPLE: "多选题", ItemType.TRUE_FALSE: "判断题"}
_TALLY_HEADINGS = (
    "应考",
    "应知缺考",
    "应会缺考",
    "合格",
    "不合格",
    "缺考",
    "违纪无效",
    "待定",
    "合格率",
    "应知平均",
    "应会平均",
)
_TALLY_WORDS = "合格率 = 合格人数 ÷ 应考人数；平均分只计有成绩的考生，缺考不按 0 分计，截取到千分之一分。"
_MARK, _SHARE, _FIGURE = "0.000", "0.0%", "0.000"


class _Sheet:
    """One sheet, written row by row from the top."""

    def __init__(self, book: Any, name: str, widths: Sequence[int]) -> None:  # noqa: ANN401 - xlsxwriter has no types
        self._book, self._sheet, self._row = book, book.add_worksheet(name), 0
        self._bold = book.add_format({"bold": True, "bottom": 1})
        self._formats = {form: book.add_format({"num_format": form}) for form in (_MARK, _SHARE)}
        for column, width in enumerate(widths):
            self._sheet.set_column(column, column, width)

    @property
    def row(self) -> int:
        """The row that is written next, counted from 0."""
        return self._row

    def line(self, *cells: str | int | tuple[float | None, str] | None) -> None:
        """Write a row: texts, whole numbers, or (number, its format); ``None`` leaves a cell empty."""
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                self._sheet.write_string(self._row, column, cell)
            elif isinstance(cell, tuple):
                number, form = cell
                if number is not None:
                    self._sheet.write_number(self._row, column, number, self._formats[form])
            elif cell is not None:
                self._sheet.write_number(self._row, column, cell)
        self._row += 1

    def heading(self, *texts: str) -> None:
        """Write the row of column names; the rows above and this one stay in sight."""
        for column, text in enumerate(texts):
            self._sheet.write_string(self._row, column, text, self._bold)
        self._row += 1
        self._sheet.freeze_panes(self._row, 1)

    def column_chart(self, title: str, first: int, last: int, columns: Sequence[int], at: str) -> None:
        """Draw columns over rows ``first`` to ``last``, one series per column, named by the row above."""
        chart = self._book.add_chart({"type": "column"})
        name = self._sheet.get_name()
        for column in columns:
            chart.add_series(
                {
                    "name": [name, first - 1, column],
                    "categories": [name, first, 0, last, 0],
                    "values": [name, first, column, last, column],
                }
            )
        chart.set_title({"name": title})
        chart.set_y_axis({"name": "人数"})
        self._sheet.insert_chart(at, chart)


def write_statistics(
    path: Path, *, title: str, note: str, made_at: datetime, results: Sequence[Result], items: Iterable[ItemFigures]
) -> None:
    """Write the workbook. ``made_at`` is aware and is the file's only date; ``note`` is the configuration's."""
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "in_memory": True,  # the only mode in which XlsxWriter gives the files inside the workbook a fixed date
    }
    with xlsxwriter.Workbook(path, options) as book:
        book.set_properties({"title": title, "created": made_at.astimezone(UTC).replace(tzinfo=None)})
        _write_whole(_Sheet(book, SHEETS[0], (24, 14)), title, note, results)
        _write_tallies(_Sheet(book, SHEETS[1], (14, *(10,) * 11)), "考区", by_zone(results), results)
        _write_tallies(_Sheet(book, SHEETS[2], (26, *(10,) * 11)), "工种", by_trade(results), results)
        _write_bands(_Sheet(book, SHEETS[3], (16, 10, 10)), results)
        _write_items(_Sheet(book, SHEETS[4], (26, 6, 16, 16, 8, 8, 8, 8, 8, 8, 10)), list(items))


def _figures(row: Tally) -> tuple[int | tuple[float | None, str], ...]:
    return (
        row.expected,
        row.know_absent,
        row.do_absent,
        row.passed,
        row.failed,
        row.absent,
        row.void,
        row.pending,
        (row.passed / row.expected if row.expected else None, _SHARE),
        (None if row.know_mean is None else row.know_mean / 1000, _MARK),
        (None if row.do_mean is None else row.do_mean / 1000, _MARK),
    )


def _write_whole(sheet: _Sheet, title: str, note: str, results: Sequence[Result]) -> None:
    sheet.line(title)
    sheet.line(note)
    sheet.line(_TALLY_WORDS)
    sheet.heading("项目", "全省")
    for heading, figure in zip(_TALLY_HEADINGS, _figures(tally("全省", results)), strict=True):
        sheet.line(heading, figure)


def _write_tallies(sheet: _Sheet, kind: str, rows: Iterable[Tally], results: Sequence[Result]) -> None:
    sheet.line(_TALLY_WORDS)
    sheet.heading(kind, *_TALLY_HEADINGS)
    for row in (*rows, tally("合计", results)):
        sheet.line(row.name, *_figures(row))


def _write_bands(sheet: _Sheet, results: Sequence[Result]) -> None:
    know = in_bands(result.know_milli for result in results)
    do = in_bands(result.do_milli for result in results)
    sheet.line("各段含下限，不含上限；最后一段含 100 分。合格线 60 分。没有成绩的考生不在其中。")
    sheet.heading("分数段", "应知", "应会")
    first = sheet.row
    for band in range(BANDS):
        sheet.line(f"{band * 10}–{band * 10 + 10}", know[band], do[band])
    sheet.line("合计", sum(know), sum(do))
    sheet.column_chart("分数段人数（合格线 60 分）", first, first + BANDS - 1, (1, 2), "E2")


def _write_items(sheet: _Sheet, items: Sequence[ItemFigures]) -> None:
    most = max((len(item.options) for item in items), default=0)
    letters = [chr(ord("A") + place) for place in range(most)]
    sheet.line(DEFINITIONS + "选项按标准顺序，不是考生屏幕上的顺序。")
    fixed = ("工种", "题号", "题库编号", "部分", "题型", "满分", "人数", "未答", "难度 p", "区分度 r", "正确选项")
    sheet.heading(*fixed, *letters)
    for item in items:
        sheet.line(
            trade_text(item.trade),
            item.number,
            item.bank_no,
            "公共基础知识" if item.is_public else "技术业务理论",
            ITEM_TYPE_WORDS[item.type],
            (item.full_milli / 1000, _MARK),
            item.candidates,
            item.blanks,
            (item.difficulty, _FIGURE),
            (item.discrimination, _FIGURE),
            item.right_letters,
            *(option.count for option in item.options),
        )
