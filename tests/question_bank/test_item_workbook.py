"""What the writer writes the reader reads back, pictures and all; the same items give the same bytes."""

from pathlib import Path

import pytest
from bank_factories import make_picture

from question_bank.formats.item_workbook import ItemRecord, read_item_records, row_of, write_item_workbook
from question_bank.formats.spreadsheet import read_items

RECORDS = (
    ItemRecord(
        no="DG-001",
        scope="06-008",
        type="single",
        stem="图中元件的电阻 R = U/I，单位是（　　）。\n（结果保留两位小数）",
        options=("1.50 Ω", "=2 Ω", "@3 Ω", "+4 Ω"),
        answer="B",
        difficulty=3,
        point="欧姆定律",
        source="自编：依据电工通用知识",
        explanation="电压除以电流。",
        figure="dg-01.png",
        alt="一个电阻",
    ),
    ItemRecord("DG-002", "06-008", "multiple", "多选。", ("甲", "乙", "丙", "丁", "戊"), "ACE", 5, "点", "源", "解"),
    ItemRecord("GG-001", "公共基础", "truefalse", "判断。", (), "错", 1, "点", "源", "解"),
)
FIGURES = {"DG-001": make_picture()}


def test_every_field_comes_back_as_it_was_written(tmp_path: Path) -> None:
    write_item_workbook([row_of(record) for record in RECORDS], FIGURES, tmp_path / "a.xlsx")

    single, multiple, true_false = (read.item for read in read_items(tmp_path / "a.xlsx"))

    record = RECORDS[0]
    assert (single.stem, single.options, single.answer, single.difficulty) == (record.stem, record.options, "B", 3)
    assert (single.point, single.source, single.explanation) == (record.point, record.source, record.explanation)
    assert single.figure is not None
    assert (single.figure.content, single.figure.alt) == (FIGURES["DG-001"], "一个电阻")
    assert (multiple.options, multiple.answer) == (("甲", "乙", "丙", "丁", "戊"), "ACE")
    assert (true_false.options, true_false.answer) == (("正确", "错误"), "错")


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_pictures_of_both_kinds_are_carried_unchanged(tmp_path: Path, kind: str) -> None:
    picture = make_picture(kind=kind)
    write_item_workbook([row_of(RECORDS[0])], {"DG-001": picture}, tmp_path / "a.xlsx")

    figure = read_items(tmp_path / "a.xlsx")[0].item.figure

    assert figure is not None
    assert (figure.media_type, figure.content) == (f"image/{kind.lower()}", picture)


def test_the_same_picture_in_two_rows_is_in_both(tmp_path: Path) -> None:
    rows = [row_of(RECORDS[0]), {**row_of(RECORDS[0]), "编号": "DG-009"}]
    write_item_workbook(rows, {"DG-001": make_picture(), "DG-009": make_picture()}, tmp_path / "a.xlsx")

    assert all(read.item.figure for read in read_items(tmp_path / "a.xlsx"))


def test_the_same_items_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_item_workbook([row_of(record) for record in RECORDS], FIGURES, tmp_path / name)

    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_items_are_read_from_json_lines(tmp_path: Path) -> None:
    line = '{"no":"DG-003","scope":"06-008","type":"truefalse","stem":"。","options":[],"answer":"对",'
    line += '"difficulty":1,"point":"点","source":"源","explanation":"解","figure":null,"alt":null}\n'
    (tmp_path / "a.jsonl").write_text(line * 2, encoding="utf-8")

    assert [record.no for record in read_item_records(tmp_path / "a.jsonl")] == ["DG-003", "DG-003"]
