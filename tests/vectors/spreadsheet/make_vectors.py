"""Writes the item workbooks beside it: each holds one mistake and is named after it.

Run it after a change here: ``python tests/vectors/spreadsheet/make_vectors.py``. What each file must be refused with
stands in ``expected.json``; a test reads every file.
"""

import csv
import io
import sys
import zipfile
from pathlib import Path

import openpyxl

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent))

from bank_factories import make_picture, make_row  # noqa: E402 - the tests' folder is no package

from question_bank.formats.item_workbook import write_item_workbook  # noqa: E402 - after the path above
from question_bank.formats.spreadsheet import COLUMNS  # noqa: E402 - after the path above

NAMES = [column.name for column in COLUMNS]
GOOD = make_row(
    编号="DG-000", 题干="三相交流电的相位差是（　　）。", 选项A="120°", 选项B="90°", 选项C="60°", 选项D="180°"
)


def write_csv(name: str, rows: list[dict[str, str | int]], names: list[str] = NAMES, encoding: str = "utf-8") -> None:
    """Write rows under a header."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows([row.get(column, "") for column in names] for row in rows)
    (HERE / name).write_bytes(text.getvalue().encode(encoding))


def write_xlsx(name: str, figures: dict[str, bytes] | None = None, **changes: str | int) -> Path:
    """Write a good row and one with changes."""
    write_item_workbook([GOOD, make_row(**changes)], figures or {}, HERE / name)
    return HERE / name


def rewrite(path: Path, part: str, old: bytes, new: bytes) -> None:
    """Change bytes inside one part of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    if old not in parts[part]:
        raise ValueError(f"{path.name}: nothing to change in {part}")
    parts[part] = parts[part].replace(old, new, 1)
    write_zip(path.name, parts)


def write_zip(name: str, parts: dict[str, bytes]) -> None:
    """Write a zip without a time of writing."""
    with zipfile.ZipFile(HERE / name, "w") as archive:
        for part, content in parts.items():
            archive.writestr(zipfile.ZipInfo(part), content, zipfile.ZIP_DEFLATED)


def make_text_mistakes() -> None:
    """Write the mistakes that plain text can hold."""
    rows = {
        "empty_stem": make_row(题干=""),
        "unknown_type": make_row(题型="填空题"),
        "answer_not_among_options": make_row(答案="E"),
        "answer_twice": make_row(题型="多选题", 答案="AAB"),
        "single_with_two_answers": make_row(答案="AB"),
        "multiple_with_one_answer": make_row(题型="多选题", 答案="A"),
        "true_false_with_a_letter": make_row(题型="判断题", 选项A="", 选项B="", 选项C="", 选项D="", 答案="C"),
        "true_false_with_options": make_row(题型="判断题", 答案="对"),
        "too_few_options": make_row(选项C="", 选项D=""),
        "gap_between_options": make_row(选项C=""),
        "duplicate_option": make_row(选项D="60Hz"),
        "unknown_trade": make_row(范围="06-099"),
        "difficulty_out_of_range": make_row(难度=6),
        "difficulty_not_whole": make_row(难度="2.5"),
        "bank_no_with_spaces": make_row(编号="DG 001"),
        "stem_too_long": make_row(题干="长" * 2001),
        "file_name_instead_of_a_picture": make_row(图片="图1.png", 图片说明="一个电路"),
    }
    for name, row in rows.items():
        write_csv(f"{name}.csv", [GOOD, row])
    write_csv("same_number_twice.csv", [GOOD, make_row(编号="DG-000")])
    write_csv("same_item_twice.csv", [make_row(), make_row(编号="DG-002", 选项A="60Hz", 选项B="50Hz", 答案="B")])
    write_csv("same_item_with_another_key.csv", [make_row(), make_row(编号="DG-002", 答案="B")])


def make_header_mistakes() -> None:
    """Write the mistakes in headers and encodings; gbk and utf8_bom are legal."""
    renamed = {**make_row(), "题干内容": make_row()["题干"]}
    write_csv("wrong_header.csv", [renamed], ["题干内容" if name == "题干" else name for name in NAMES])
    write_csv("header_missing.csv", [make_row()], [name for name in NAMES if name != "答案"])
    write_csv("header_twice.csv", [make_row()], [*NAMES, "难度"])
    write_csv("header_only.csv", [])
    write_csv("another_table.csv", [{"姓名": "王芳", "成绩": 80}], ["姓名", "成绩"])
    write_csv("gbk.csv", [make_row()], encoding="gbk")
    write_csv("utf8_bom.csv", [make_row()], encoding="utf-8-sig")
    write_csv("utf16.csv", [make_row()], encoding="utf-16")
    write_csv("cells_beyond_the_header.csv", [{**make_row(), "": "多余"}], NAMES)
    whole = (HERE / "utf8_bom.csv").read_bytes()
    (HERE / "unclosed_quote.csv").write_bytes(whole.replace(b"50 Hz", b'"50 Hz', 1))
    (HERE / "cells_beyond_the_header.csv").write_bytes(whole.rstrip(b"\r\n") + ",多余\r\n".encode())
    (HERE / "not_text.csv").write_bytes(bytes(range(256)) * 4)
    (HERE / "empty.csv").write_bytes(b"")


def make_picture_mistakes() -> None:
    """Write the ways in which a picture is lost or cannot be shown."""
    picture = make_picture()
    write_xlsx("picture_lost.xlsx", 图片说明="一个电路")
    write_xlsx("picture_without_alt.xlsx", {"DG-001": picture})
    write_xlsx("picture_cut_short.xlsx", {"DG-001": picture}, 图片说明="一个电路")
    rewrite(HERE / "picture_cut_short.xlsx", "xl/media/image1.png", picture, picture[: len(picture) // 2])
    outside = write_xlsx("picture_outside_its_column.xlsx", {"DG-001": picture}, 图片说明="一个电路")
    rewrite(outside, "xl/drawings/drawing1.xml", b"<xdr:col>15<", b"<xdr:col>17<")
    book = openpyxl.load_workbook(write_xlsx("picture_on_another_sheet.xlsx"))
    other = book.create_sheet("草稿")
    other.add_image(openpyxl.drawing.image.Image(io.BytesIO(picture)), "A1")
    book.save(HERE / "picture_on_another_sheet.xlsx")


def make_cell_mistakes() -> None:
    """Write cells that are not what a person typed."""
    for name, cell, value in (
        ("formula_cell", "K3", "=1+1"),
        ("error_cell", "L3", "#N/A"),
        ("picture_inside_a_cell", "P3", '=_xlfn.DISPIMG("ID_1",1)'),
        ("number_cut_by_excel", "M3", 123456789012345678),
        ("cell_far_out", "XFD1048576", "x"),
    ):
        book = openpyxl.load_workbook(write_xlsx(f"{name}.xlsx"))
        book.active[cell] = value
        book.save(HERE / f"{name}.xlsx")
    book = openpyxl.load_workbook(write_xlsx("merged_cells.xlsx"))
    book.active.merge_cells("L2:L3")
    book.save(HERE / "merged_cells.xlsx")


def make_broken_files() -> None:
    """Write files that are no workbook, or a hostile one."""
    whole = write_xlsx("truncated.xlsx").read_bytes()
    (HERE / "truncated.xlsx").write_bytes(whole[: len(whole) * 2 // 3])
    (HERE / "not_an_xlsx.xlsx").write_bytes("编号,题干\n1,这是一个改了扩展名的 CSV\n".encode())
    (HERE / "password.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504))
    (HERE / "old_word.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504))
    write_zip("zip_without_a_workbook.xlsx", {"readme.txt": b"no workbook"})
    write_xlsx("zip_bomb.xlsx")
    rewrite(HERE / "zip_bomb.xlsx", "xl/worksheets/sheet1.xml", b"</sheetData>", b" " * 40_000_000 + b"</sheetData>")
    write_xlsx("document_type.xlsx")
    rewrite(
        HERE / "document_type.xlsx",
        "xl/worksheets/sheet1.xml",
        b"<worksheet",
        b'<!DOCTYPE worksheet [<!ENTITY a "aaaa">]><worksheet',
    )


if __name__ == "__main__":
    make_text_mistakes()
    make_header_mistakes()
    make_picture_mistakes()
    make_cell_mistakes()
    make_broken_files()
