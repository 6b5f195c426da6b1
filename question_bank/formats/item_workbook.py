"""Writes item workbooks that ``spreadsheet.read_items`` reads back; used for the examples and in tests.

The same rows give the same bytes: no time of writing stands in the file.
"""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec
import xlsxwriter
from PIL import Image

from question_bank.formats.spreadsheet import COLUMNS, OPTION_COLUMNS
from question_bank.items import TYPE_WORDS

_WIDTHS = {"编号": 11, "范围": 10, "题型": 8, "题干": 46, "答案": 7, "难度": 6, "知识点": 16, "来源": 26, "解析": 40}
_OTHER_WIDTH, _PICTURE_COLUMN_WIDTH = 18, 36
_PICTURE_PIXELS = 240
_POINTS_PER_PIXEL = 0.75
_SCREEN_DPI = 96
_UNDATED = datetime(2000, 1, 1)  # noqa: DTZ001 - the writer takes naive times; this one says "no time"

WorkbookRow = Mapping[str, str | int]
"""Cells of one row by column name; a missing name is an empty cell."""


class ItemRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a JSON Lines file in which items are written before they become a workbook.

    ``answer`` is letters or 对/错; ``figure`` is the file name of the picture and ``alt`` its words.
    """

    no: str
    scope: str
    type: Literal["single", "multiple", "truefalse"]
    stem: str
    options: tuple[str, ...]
    answer: str
    difficulty: int
    point: str
    source: str
    explanation: str
    figure: str | None = None
    alt: str | None = None


def read_item_records(path: Path) -> tuple[ItemRecord, ...]:
    """Read a JSON Lines file of items. Raises ``msgspec.DecodeError`` on a line that is none."""
    return tuple(msgspec.json.Decoder(ItemRecord).decode_lines(path.read_bytes()))


def row_of(record: ItemRecord) -> WorkbookRow:
    """Return the cells of an item's row, but for its picture."""
    type_word = dict(zip(("single", "multiple", "truefalse"), TYPE_WORDS.values(), strict=True))[record.type]
    return {
        "编号": record.no,
        "范围": record.scope,
        "题型": type_word,
        "题干": record.stem,
        **dict(zip(OPTION_COLUMNS, record.options, strict=False)),
        "答案": record.answer,
        "难度": record.difficulty,
        "知识点": record.point,
        "来源": record.source,
        "解析": record.explanation,
        "图片说明": record.alt or "",
    }


def write_item_workbook(rows: Sequence[WorkbookRow], figures: Mapping[str, bytes], path: Path) -> None:
    """Write rows and, anchored in the 图片 cell of the row with that 编号, their pictures (PNG or JPEG).

    Cells are written as they are given, right or wrong: checking is the reader's business.
    """
    names = [column.name for column in COLUMNS]
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as workbook:
        workbook.set_properties({"created": _UNDATED, "title": "试题表"})
        sheet = workbook.add_worksheet("试题")
        header = workbook.add_format({"bold": True, "bg_color": "#E7EEF7", "border": 1})
        wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
        sheet.freeze_panes(1, 1)
        for place, name in enumerate(names):
            width = _PICTURE_COLUMN_WIDTH if name == "图片" else _WIDTHS.get(name, _OTHER_WIDTH)
            sheet.set_column(place, place, width, wrapped)
            sheet.write_string(0, place, name, header)
        for number, row in enumerate(rows, start=1):
            for place, name in enumerate(names):
                value = row.get(name, "")
                if value != "":
                    sheet.write(number, place, value, wrapped)
            picture = figures.get(str(row.get("编号", "")))
            if picture is not None:
                _insert(sheet, number, names.index("图片"), picture, str(row.get("图片说明", "")))


def _insert(sheet: "xlsxwriter.worksheet.Worksheet", row: int, column: int, picture: bytes, alt: str) -> None:
    image = Image.open(io.BytesIO(picture))
    dpi = image.info.get("dpi", (_SCREEN_DPI, _SCREEN_DPI))[0] or _SCREEN_DPI
    scale = _PICTURE_PIXELS / (image.width * _SCREEN_DPI / dpi)
    sheet.set_row(row, (image.height / image.width * _PICTURE_PIXELS + 8) * _POINTS_PER_PIXEL)
    placing = {"image_data": io.BytesIO(picture), "x_scale": scale, "y_scale": scale, "x_offset": 4, "y_offset": 4}
    # The figures are our own bytes in memory; the name only tells the writer the kind.
    sheet.insert_image(row, column, f"figure.{(image.format or 'png').lower()}", {**placing, "description": alt})
