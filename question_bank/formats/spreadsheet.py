"""Item workbooks 试题表: one item a row, its picture anchored in the 图片 cell. Nothing is taken from a faulty file.

Columns: 编号 范围 题型 题干 选项A … 选项F 答案 难度 知识点 来源 解析 图片 图片说明.
"""

import re
from pathlib import Path

import msgspec

from exam_protocol.catalogue import trades
from exam_protocol.errors import InputFault, InputRefusedError
from exam_protocol.ids import TradeCode
from exam_protocol.paper import Figure
from question_bank.figures import FigureRefusedError, read_figure
from question_bank.formats.table import Column, Row, Table, read_table
from question_bank.formats.workbook_structure import Picture, column_letters
from question_bank.item_types import MAX_OPTIONS, read_choices, read_type
from question_bank.items import PUBLIC_SCOPE, TYPE_WORDS, BankItem, option_letter

OPTION_COLUMNS = tuple(f"选项{option_letter(place)}" for place in range(MAX_OPTIONS))
COLUMNS = (
    Column("编号", ("题号",)),
    Column("范围", ("工种代码",)),
    Column("题型", ("试题类型",)),
    Column("题干", ("题目内容", "题目")),
    *(Column(name, is_required=place < 2, may_be_empty=True) for place, name in enumerate(OPTION_COLUMNS)),  # noqa: PLR2004 - A and B must be there
    Column("答案", ("题目答案", "正确答案", "标准答案")),
    Column("难度"),
    Column("知识点"),
    Column("来源"),
    Column("解析"),
    Column("图片", is_required=False),
    Column("图片说明", is_required=False),
)
_BANK_NO = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
_EASIEST, _HARDEST = 1, 5
_LONGEST = {"题干": 2000, "知识点": 60, "来源": 300, "解析": 1000, "图片说明": 500}
_LONGEST_OPTION = 500


class ReadItem(msgspec.Struct, frozen=True):
    """An item and where it was read, so that faults found later still name file and row."""

    file: str
    row: int
    item: BankItem


def read_items(path: Path) -> tuple[ReadItem, ...]:
    """Read an item workbook (or a .csv without pictures). Raises ``InputRefusedError`` with all faults of the file."""
    table = read_table(path, COLUMNS)
    pictures = table.pictures_in("图片")
    faults = _lost_pictures(table, pictures)
    read: list[ReadItem] = []
    for row in table.rows:
        item, row_faults = _read_row(table, row, pictures.get(row.number, []))
        faults += row_faults
        if item is not None:
            read.append(ReadItem(table.file, row.number, item))
    if faults:
        raise InputRefusedError(sorted(faults, key=lambda fault: fault.row or 0))
    return tuple(read)


def _lost_pictures(table: Table, pictures: dict[int, list[Picture]]) -> list[InputFault]:
    """Find pictures that belong to no item: they would vanish without a word."""
    faults = [
        table.fault(None, "图片", f"文件里的图片 {name} 不在这张表上。", "请把它放到所属试题的“图片”单元格上，或删除。")
        for name in table.unplaced_media
    ]
    numbers = {row.number for row in table.rows}
    for picture in table.pictures:
        row = picture.place.row
        if row in numbers and row in pictures and picture in pictures[row]:
            continue
        cell = f"{column_letters(picture.place.column)}{row}"
        faults.append(
            table.fault(
                row, "图片", f"图片的左上角在 {cell}，不在任何试题的“图片”格里。", "请移到所属试题的“图片”单元格上。"
            )
        )
    return faults


def _read_row(table: Table, row: Row, pictures: list[Picture]) -> tuple[BankItem | None, list[InputFault]]:
    faults = [
        table.fault(row, column, f"超过 {longest} 个字。", "请删短。")
        for column, longest in (*_LONGEST.items(), *((name, _LONGEST_OPTION) for name in OPTION_COLUMNS))
        if len(row[column]) > longest
    ]
    if not _BANK_NO.fullmatch(row["编号"]):
        faults.append(
            table.fault(row, "编号", f"编号“{row['编号']}”不合规。", "请用字母、数字、短横，最长 32 个字符。")
        )
    scope = row["范围"]
    if scope != PUBLIC_SCOPE and TradeCode(scope) not in trades():
        faults.append(
            table.fault(
                row, "范围", f"没有“{scope}”这个工种代码。", f"请写“{PUBLIC_SCOPE}”或通知附件 2 的工种代码，如 06-008。"
            )
        )
    difficulty = row["难度"]
    if difficulty not in {str(level) for level in range(_EASIEST, _HARDEST + 1)}:
        faults.append(table.fault(row, "难度", f"难度“{difficulty}”超出范围。", "请写 1（最易）到 5（最难）的整数。"))
    kind = read_type(row["题型"])
    choices = None
    if kind is None:
        faults.append(
            table.fault(row, "题型", f"不认识题型“{row['题型']}”。", f"请写：{'、'.join(TYPE_WORDS.values())}。")
        )
    else:
        choices, type_faults = read_choices(kind, tuple(row[name] for name in OPTION_COLUMNS), row["答案"])
        faults += [table.fault(row, fault.column, fault.what, fault.do) for fault in type_faults]
    figure, figure_faults = _read_figure(table, row, pictures)
    faults += figure_faults
    if faults or kind is None or choices is None:
        return None, faults
    item = BankItem(
        bank_no=row["编号"],
        scope=scope,
        type=kind,
        stem=row["题干"],
        options=choices.options,
        right=choices.right,
        difficulty=int(difficulty),
        point=row["知识点"],
        source=row["来源"],
        explanation=row["解析"],
        figure=figure,
    )
    return item, []


def _read_figure(table: Table, row: Row, pictures: list[Picture]) -> tuple[Figure | None, list[InputFault]]:
    alt = row["图片说明"]
    faults = []
    if row["图片"]:
        faults.append(
            table.fault(row, "图片", f"写的是文字“{row['图片']}”，不是图片。", "请用 .xlsx，把图片插入并放在这一格上。")
        )
    elif alt and not pictures:
        faults.append(table.fault(row, "图片", "有图片说明而没有图片，图片可能丢失。", "请重新插入图片，或删去说明。"))
    elif pictures and not alt:
        faults.append(
            table.fault(row, "图片说明", "有图片而没有说明。", "请用文字写明图上画了什么，供看不清图的考生使用。")
        )
    if len(pictures) > 1:
        faults.append(table.fault(row, "图片", f"一格里有 {len(pictures)} 张图片。", "请合成一张。"))
    if faults or not pictures:
        return None, faults
    try:
        return read_figure(pictures[0].content, alt), []
    except FigureRefusedError as refused:
        return None, [table.fault(row, "图片", refused.what, refused.do)]
