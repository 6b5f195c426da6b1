"""Whatever a person hands in can be wrong: the command names file, row and column, what is wrong and what to do.

Each case spoils one thing of an office in which everything is genuine, and runs the command that people type. Refused
means: exit code 1, words in Chinese, no traceback, and not one row or byte has changed anywhere. Every file is named
after its mistake.
"""

import csv
import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pytest
from bad_input import Office, run
from centre_factories import HEADINGS, MARK_HEADINGS, make_id_number, make_mark_rows, make_roster_row
from small_exam import PEOPLE

VECTORS = Path(__file__).parents[1] / "vectors" / "spreadsheet"
WORKBOOK_FAULTS: dict[str, list[str]] = json.loads((VECTORS / "expected.json").read_text(encoding="utf-8"))
Refuses = Callable[..., None]
Rows = list[dict[str, str]]


# --- item workbooks ---


@pytest.mark.parametrize("name", [name for name, faults in WORKBOOK_FAULTS.items() if faults])
def test_a_faulty_item_workbook_is_refused(refuses: Refuses, tmp_path: Path, name: str) -> None:
    refuses("bank", "import", VECTORS / name, "--bank", tmp_path / "out", told=[name, *WORKBOOK_FAULTS[name]])


def test_an_item_that_the_bank_has_with_another_key_is_refused(
    office: Office, refuses: Refuses, tmp_path: Path
) -> None:
    genuine = VECTORS.parents[2] / "examples" / "items" / "public.xlsx"
    path = tmp_path / "another_key_than_in_the_bank.xlsx"
    book = openpyxl.load_workbook(genuine)
    sheet = book.active
    assert sheet is not None
    row = next(line for line in range(2, 200) if sheet.cell(line, 3).value == "判断题")
    answer = next(cell for cell in sheet[1] if cell.value == "答案").column
    sheet.cell(row, answer).value = "错" if sheet.cell(row, answer).value == "对" else "对"
    book.save(path)
    book.close()
    refuses("bank", "import", path, "--bank", office.folder / "bank.db", told=[path.name, f"第 {row} 行"])


# --- rosters and practical marks: the file as such ---


def roster_rows() -> Rows:
    """Two new people whose rows have no fault."""
    return [make_roster_row(number, 照片="1.jpg") for number in (11, 12)]


def mark_rows() -> Rows:
    """Faultless marks of a candidate who has none yet."""
    number = len(PEOPLE)
    return make_mark_rows(number, 姓名=list(PEOPLE)[number - 1])


TABLES = {"roster": (HEADINGS, roster_rows), "marks": (MARK_HEADINGS, mark_rows)}


def csv_text(headings: Sequence[str], rows: Rows) -> str:
    lines = [",".join(headings), *(",".join(row.get(name, "") for name in headings) for row in rows)]
    return "\r\n".join(lines) + "\r\n"


def workbook(path: Path, headings: Sequence[str], rows: Rows) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in (headings, *([row.get(name, "") for name in headings] for row in rows)):
        sheet.append(list(line))
    book.save(path)
    book.close()
    return path.read_bytes()


def a_word_document(path: Path, headings: Sequence[str], rows: Rows) -> Path:
    del headings, rows
    path = path / "a_word_document.docx"
    path.write_bytes(b"PK\x03\x04")
    return path


def text_named_xlsx(path: Path, headings: Sequence[str], rows: Rows) -> Path:
    path = path / "text_named.xlsx"
    path.write_text(csv_text(headings, rows), encoding="utf-8")
    return path


def cut_short(path: Path, headings: Sequence[str], rows: Rows) -> Path:
    path = path / "cut_short.xlsx"
    path.write_bytes(workbook(path, headings, rows)[:-300])
    return path


def empty(path: Path, headings: Sequence[str], rows: Rows) -> Path:
    del headings, rows
    path = path / "empty.csv"
    path.write_bytes(b"")
    return path


def utf16(path: Path, headings: Sequence[str], rows: Rows) -> Path:
    path = path / "utf16.csv"
    path.write_text(csv_text(headings, rows), encoding="utf-16")
    return path


def no_text_at_all(path: Path, headings: Sequence[str], rows: Rows) -> Path:
    path = path / "no_text_at_all.csv"
    path.write_bytes(csv_text(headings, rows).encode() + b"\xff\xff\xff")
    return path


def header_only(path: Path, headings: Sequence[str], rows: Rows) -> Path:
    del rows
    path = path / "header_only.csv"
    path.write_text(csv_text(headings, []), encoding="utf-8")
    return path


def another_table(path: Path, headings: Sequence[str], rows: Rows) -> Path:
    del headings, rows
    path = path / "another_table.csv"
    path.write_text("日期,天气\n9月26日,晴\n", encoding="utf-8")
    return path


def unknown_column(path: Path, headings: Sequence[str], rows: Rows) -> Path:
    path = path / "unknown_column.csv"
    path.write_text(csv_text([*headings, "备注二"], rows), encoding="utf-8")
    return path


def column_missing(path: Path, headings: Sequence[str], rows: Rows) -> Path:
    path = path / "column_missing.csv"
    path.write_text(csv_text([name for name in headings if name != "姓名"], rows), encoding="utf-8")
    return path


def column_twice(path: Path, headings: Sequence[str], rows: Rows) -> Path:
    path = path / "column_twice.csv"
    path.write_text(csv_text([*headings, "姓名"], rows), encoding="utf-8")
    return path


def a_formula(path: Path, headings: Sequence[str], rows: Rows) -> Path:
    path = path / "a_formula.xlsx"
    workbook(path, headings, [rows[0] | {"姓名": '="王"&"芳"'}, *rows[1:]])
    return path


FILE_FAULTS: list[tuple[Callable[[Path, Sequence[str], Rows], Path], list[str]]] = [
    (a_word_document, ["不能读取“.docx”文件"]),
    (text_named_xlsx, ["不是 .xlsx 工作簿"]),
    (cut_short, ["损坏"]),
    (empty, ["文件是空的"]),
    (utf16, ["不是 UTF-8 或 GBK 编码"]),
    (no_text_at_all, ["文字编码认不出来"]),
    (header_only, ["表头下面没有任何数据"]),
    (another_table, ["找不到表头"]),
    (unknown_column, ["第 1 行 “备注二” 列：不认识这一列"]),
    (column_missing, ["第 1 行 “姓名” 列：缺少这一列"]),
    (column_twice, ["第 1 行 “姓名” 列：这一列出现了两次"]),
    (a_formula, ["第 2 行 “姓名” 列：是公式"]),
]


def import_words(office: Office, kind: str, path: Path) -> list[object]:
    """The command that takes a roster or marks."""
    if kind == "marks":
        return ["centre", "import-marks", path, *office.exam.at_centre]
    return ["centre", "import-roster", path, "--photos", office.folder / "photos", *office.exam.at_centre]


@pytest.mark.parametrize(("spoil", "told"), FILE_FAULTS, ids=lambda part: getattr(part, "__name__", ""))
@pytest.mark.parametrize("kind", TABLES)
def test_a_file_that_is_no_table_is_refused(
    office: Office,
    refuses: Refuses,
    tmp_path: Path,
    *,
    kind: str,
    spoil: Callable[[Path, Sequence[str], Rows], Path],
    told: list[str],
) -> None:
    headings, rows = TABLES[kind]
    path = spoil(tmp_path, headings, rows())
    refuses(*import_words(office, kind, path), told=[path.name, *told])


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig", "utf-8"])
@pytest.mark.parametrize("kind", TABLES)
def test_gbk_and_utf_8_with_or_without_its_mark_are_taken(
    office: Office, tmp_path: Path, kind: str, encoding: str
) -> None:
    exam, folder = office.exam, tmp_path / "centre"
    words = ("--folder", folder)
    run("centre", "init", *words, "--config", exam.config, "--keys", office.keys)
    path = tmp_path / "roster.csv"
    path.write_text(csv_text(HEADINGS, roster_rows()), encoding=encoding)
    assert run("centre", "import-roster", path, "--photos", office.folder / "photos", *words).code == 0
    if kind == "marks":
        path.write_text(csv_text(MARK_HEADINGS, make_mark_rows(11)), encoding=encoding)
        assert run("centre", "import-marks", path, *words).code == 0


# --- rosters: what stands in them ---

_WRONG_CHECK = make_id_number(11)[:-1] + ("0" if make_id_number(11)[-1] != "0" else "1")
ROSTER_FAULTS = {
    "name_empty": ({"姓名": ""}, "第 3 行 “姓名” 列：没有填写"),
    "sex_unknown": ({"性别": "F"}, "第 3 行 “性别” 列：“F”不是性别"),
    "id_number_too_short": ({"身份证号": "9900001970"}, "第 3 行 “身份证号” 列：身份证号应为 18 位"),
    "id_number_wrong_check": ({"身份证号": _WRONG_CHECK}, "第 3 行 “身份证号” 列：身份证号的校验位不对"),
    "id_number_twice": ({"身份证号": make_id_number(11)}, "第 3 行 “身份证号” 列：与第 2 行重复"),
    "id_number_imported_before": ({"身份证号": make_id_number(1)}, "第 3 行 “身份证号” 列：此前已经导入过"),
    "trade_unknown": ({"工种代码": "99-999"}, "第 3 行 “工种代码” 列：没有工种“99-999”"),
    "zone_unknown": ({"考区": "天津"}, "第 3 行 “考区” 列：没有考区“天津”"),
    "unit_empty": ({"单位": ""}, "第 3 行 “单位” 列：没有填写"),
    "photo_missing": ({"照片": "nobody.jpg"}, "第 3 行 “照片” 列：找不到照片“nobody.jpg”"),
    "photo_broken": ({"照片": "broken.jpg"}, "第 3 行 “照片” 列：照片“broken.jpg”打不开"),
    "photo_too_large": ({"照片": "large.jpg"}, "第 3 行 “照片” 列：照片“large.jpg”有"),
    "extra_time_no_number": ({"补时分钟": "半小时"}, "第 3 行 “补时分钟” 列：“半小时”不是补时"),
}


@pytest.mark.parametrize("mistake", ROSTER_FAULTS)
def test_a_faulty_row_of_a_roster_is_refused(office: Office, refuses: Refuses, tmp_path: Path, mistake: str) -> None:
    cells, told = ROSTER_FAULTS[mistake]
    photos = tmp_path / "photos"
    photos.mkdir()
    genuine = (office.folder / "photos" / "1.jpg").read_bytes()
    for name, content in {
        "1.jpg": genuine,
        "broken.jpg": genuine[:-200],
        "large.jpg": genuine + bytes(400_000),
    }.items():
        (photos / name).write_bytes(content)
    first, second = roster_rows()
    path = tmp_path / f"{mistake}.csv"
    path.write_text(csv_text(HEADINGS, [first, second | cells]), encoding="utf-8")
    words = ("centre", "import-roster", path, "--photos", photos, *office.exam.at_centre)
    refuses(*words, told=[f"{path.name} {told}"])


@pytest.mark.parametrize("mistake", ["photos_are_no_zip.txt", "photos_cut_short.zip"])
def test_photos_that_are_no_archive_are_refused(office: Office, refuses: Refuses, tmp_path: Path, mistake: str) -> None:
    photos, path = tmp_path / mistake, tmp_path / "roster.csv"
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        archive.write(office.folder / "photos" / "1.jpg", "1.jpg")
    photos.write_bytes((tmp_path / "photos.zip").read_bytes()[:-30] if mistake.endswith("zip") else b"photos")
    path.write_text(csv_text(HEADINGS, roster_rows()), encoding="utf-8")
    words = ("centre", "import-roster", path, "--photos", photos, *office.exam.at_centre)
    refuses(*words, told=[f"{mistake}：照片不是文件夹，也不是能打开的 zip"])


# --- practical marks: what stands in them ---

MARK_FAULTS = {
    "id_number_unknown": ({"身份证号": make_id_number(77)}, "第 2 行 “身份证号” 列：报名表里没有这名考生"),
    "no_number_at_all": ({"身份证号": ""}, "第 2 行 “准考证号” 列：准考证号和身份证号都没有填写"),
    "name_of_another": ({"姓名": "张三"}, "第 2 行 “姓名” 列：“张三”与报名表里该号码的姓名不符"),
    "examiner_empty": ({"考评员": ""}, "第 2 行 “考评员” 列：没有填写"),
    "examiner_twice": ({"考评员": "考评员2"}, "“考评员” 列：考评员“考评员2”对这名考生的成绩与第"),
    "mark_over_100": ({"成绩": "100.5"}, "第 2 行 “成绩” 列：“100.5”不在 0 至 100 分之间"),
    "mark_negative": ({"成绩": "-1"}, "第 2 行 “成绩” 列：“-1”不在 0 至 100 分之间"),
    "mark_no_number": ({"成绩": "优秀"}, "第 2 行 “成绩” 列：“优秀”不是成绩"),
    "mark_empty": ({"成绩": ""}, "第 2 行 “成绩” 列：没有填写"),
    "absent_with_a_mark": ({"状态": "缺考"}, "第 2 行 “成绩” 列：状态是缺考，不应有成绩"),
    "status_unknown": ({"状态": "请假"}, "第 2 行 “状态” 列：“请假”不是状态"),
}


@pytest.mark.parametrize("mistake", MARK_FAULTS)
def test_a_faulty_row_of_practical_marks_is_refused(
    office: Office, refuses: Refuses, tmp_path: Path, mistake: str
) -> None:
    cells, told = MARK_FAULTS[mistake]
    first, *others = mark_rows()
    path = tmp_path / f"{mistake}.csv"
    path.write_text(csv_text(MARK_HEADINGS, [first | cells, *others]), encoding="utf-8")
    refuses("centre", "import-marks", path, *office.exam.at_centre, told=[path.name, told])


def ticket_rows(office: Office, **cells: str) -> Rows:
    with (office.folder / "codes").glob("*.csv").__next__().open(encoding="utf-8-sig", newline="") as file:
        tickets = {row["姓名"]: row["准考证号"] for row in csv.DictReader(file)}
    return [row | {"准考证号": tickets[row["姓名"]]} | cells for row in mark_rows()]


@pytest.mark.parametrize(
    ("mistake", "cells", "told"),
    [
        ("ticket_unknown", {"准考证号": "2699999999"}, "“准考证号” 列：报名表里没有这名考生"),
        ("ticket_of_another", {"身份证号": make_id_number(9)}, "“准考证号” 列：与身份证号不是同一名考生"),
    ],
)
def test_a_ticket_number_that_does_not_fit_is_refused(
    office: Office, refuses: Refuses, tmp_path: Path, *, mistake: str, cells: dict[str, str], told: str
) -> None:
    path = tmp_path / f"{mistake}.csv"
    path.write_text(csv_text(("准考证号", *MARK_HEADINGS), ticket_rows(office, **cells)), encoding="utf-8")
    refuses("centre", "import-marks", path, *office.exam.at_centre, told=[f"{path.name} 第 2 行 {told}"])


@pytest.mark.parametrize(
    ("mistake", "number", "rows", "told"),
    [
        ("one_examiner_too_few", len(PEOPLE), 2, "这名考生有 2 位考评员，配置规定 3 位"),
        ("marks_imported_before", 1, 3, "此前已经导入过"),
    ],
)
def test_marks_that_are_not_three_new_ones_are_refused(
    office: Office, refuses: Refuses, tmp_path: Path, *, mistake: str, number: int, rows: int, told: str
) -> None:
    path = tmp_path / f"{mistake}.csv"
    given = make_mark_rows(number, 姓名=list(PEOPLE)[number - 1])[:rows]
    path.write_text(csv_text(MARK_HEADINGS, given), encoding="utf-8")
    refuses("centre", "import-marks", path, *office.exam.at_centre, told=[f"{path.name} 第 2 行 “考评员” 列：", told])
