"""Tables that people hand in: headers as they are really written, rows as the person counts them."""

import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from exam_protocol.errors import InputRefusedError
from question_bank.formats.table import Column, read_table

NAME, MARK = Column("姓名", ("考生姓名",)), Column("成绩", may_be_empty=True)
NOTE = Column("备注", is_required=False)


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_chinese_csv_is_read_in_each_encoding_in_use(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path / "成绩.csv", "姓名,成绩\r\n王芳,80\r\n", encoding)

    table = read_table(path, [NAME, MARK])

    assert [(row.number, row["姓名"], row["成绩"]) for row in table.rows] == [(2, "王芳", "80")]


def test_rows_are_numbered_as_in_the_margin_of_the_sheet(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "2026 年成绩表\n\n姓名,成绩\n\n王芳,80\n,\n李强,70\n")

    table = read_table(path, [NAME, MARK])

    assert [row.number for row in table.rows] == [5, 7]
    assert table.header_row == 3


@pytest.mark.parametrize("header", ["姓名", " 姓 名 ", "*姓名", "姓名（必填）", "考生姓名", "姓名："])
def test_a_header_is_known_in_the_ways_people_write_it(tmp_path: Path, header: str) -> None:
    path = write(tmp_path / "a.csv", f"{header},成绩\n王芳,80\n")

    assert read_table(path, [NAME, MARK]).rows[0]["姓名"] == "王芳"


def test_a_cell_may_be_empty_only_where_the_column_says_so(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "姓名,成绩\n王芳,\n,80\n")

    with pytest.raises(InputRefusedError) as refused:
        read_table(path, [NAME, MARK])

    assert [(fault.row, fault.column) for fault in refused.value.faults] == [(3, "姓名")]


def test_an_optional_column_that_is_missing_reads_as_empty(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "姓名,成绩\n王芳,80\n")

    assert read_table(path, [NAME, MARK, NOTE]).rows[0]["备注"] == ""


def test_other_columns_are_refused_unless_allowed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "姓名,成绩,备住\n王芳,80,补考\n")

    with pytest.raises(InputRefusedError, match="“备住” 列：不认识这一列"):
        read_table(path, [NAME, MARK, NOTE])
    assert read_table(path, [NAME, MARK], allow_other_columns=True).rows[0]["成绩"] == "80"


def test_text_is_stripped_composed_and_free_of_invisible_characters(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "姓名,成绩\n\u3000王\u200b芳 ,e\u0301\n")

    row = read_table(path, [NAME, MARK]).rows[0]

    assert (row["姓名"], row["成绩"]) == ("王芳", "é")


def test_numbers_dates_and_truth_values_become_plain_text(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for line in (["姓名", "成绩"], ["整数", 80.0], ["小数", 59.9], ["日期", date(2026, 9, 26)], ["逻辑", True]):
        book.active.append(line)
    book.save(tmp_path / "a.xlsx")

    rows = read_table(tmp_path / "a.xlsx", [NAME, MARK]).rows

    assert [row["成绩"] for row in rows] == ["80", "59.9", "2026-09-26", "TRUE"]


def test_a_long_number_that_excel_has_rounded_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["姓名", "成绩"])
    book.active.append(["王芳", 991301199001011234])
    book.save(tmp_path / "a.xlsx")

    with pytest.raises(InputRefusedError, match="长数字已被 Excel 截断"):
        read_table(tmp_path / "a.xlsx", [NAME, MARK])


def test_the_first_visible_sheet_is_read_unless_one_is_named(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title, book.active.sheet_state = "隐藏", "hidden"
    for title in ("甲", "乙"):
        sheet = book.create_sheet(title)
        sheet.append(["姓名", "成绩"])
        sheet.append([title, 1])
    book.save(tmp_path / "a.xlsx")

    assert read_table(tmp_path / "a.xlsx", [NAME, MARK]).rows[0]["姓名"] == "甲"
    assert read_table(tmp_path / "a.xlsx", [NAME, MARK], sheet="乙").rows[0]["姓名"] == "乙"
    with pytest.raises(InputRefusedError, match="没有名为“丙”的工作表"):
        read_table(tmp_path / "a.xlsx", [NAME, MARK], sheet="丙")


def test_a_workbook_cut_at_any_length_is_refused_and_never_a_traceback(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["姓名", "成绩"])
    book.active.append(["王芳", 80])
    book.save(tmp_path / "whole.xlsx")
    whole = (tmp_path / "whole.xlsx").read_bytes()
    cut = tmp_path / "cut.xlsx"

    for length in range(0, len(whole), 53):
        cut.write_bytes(whole[:length])
        with pytest.raises(InputRefusedError):
            read_table(cut, [NAME, MARK])


def test_a_flipped_byte_is_refused_or_changes_nothing(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["姓名", "成绩"])
    book.active.append(["王芳", 80])
    book.save(tmp_path / "whole.xlsx")
    whole = (tmp_path / "whole.xlsx").read_bytes()
    flipped = tmp_path / "flipped.xlsx"
    outcomes = set()

    for place in range(0, len(whole), 61):
        flipped.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        try:
            outcomes.add(read_table(flipped, [NAME, MARK]).rows[0]["姓名"])
        except InputRefusedError:
            outcomes.add("refused")

    assert outcomes <= {"refused", "王芳"}


def test_an_archive_that_lies_about_its_sizes_is_not_expanded(tmp_path: Path) -> None:
    path = tmp_path / "lie.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>" + b" " * 50_000_000)
    content = path.read_bytes()
    true_size, said_size = (50_000_011).to_bytes(4, "little"), (11).to_bytes(4, "little")
    path.write_bytes(content.replace(true_size, said_size))

    with pytest.raises(InputRefusedError, match="损坏"):
        read_table(path, [NAME, MARK])
