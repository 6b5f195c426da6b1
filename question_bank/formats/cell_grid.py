"""All cells of a handed-in sheet as text, with whatever cannot be taken as text named by its place.

.xlsx cells come from calamine (values only); what it drops is found by ``workbook_structure``. CSV is decoded by BOM,
then UTF-8, then GB 18030.
"""

import csv
import io
import unicodedata
from datetime import date, datetime, time
from pathlib import Path

import msgspec
import python_calamine

from question_bank.formats.workbook_parts import read_file, read_parts, rebuilt, refused
from question_bank.formats.workbook_structure import Picture, Place, media_parts, read_structure

_EXACT_DIGITS = 15
_INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060"


class Suspect(msgspec.Struct, frozen=True):
    """A cell that cannot be taken as it is: where, what is wrong, what to do."""

    place: Place
    what: str
    do: str


class CellGrid(msgspec.Struct, frozen=True):
    """All cells from A1 as text, the suspects among them, and the pictures that lie on the sheet."""

    cells: list[list[str]]
    suspects: list[Suspect]
    pictures: tuple[Picture, ...] = ()
    unplaced_media: tuple[str, ...] = ()


def read_grid(path: Path, sheet: str | None) -> CellGrid:
    """Read all cells of an .xlsx sheet (the first visible one unless named) or a .csv file.

    Raises ``InputRefusedError`` when the file as a whole cannot be read.
    """
    suffix = path.suffix.lower()
    if suffix == ".xlsx":
        return _read_workbook(path, sheet)
    if suffix == ".csv":
        return _read_csv(path)
    raise refused(path, f"不能读取“{suffix or '无扩展名'}”文件。", "请另存为 .xlsx 或 .csv 后重新导入。")


def clean(text: str) -> str:
    """Bring a text into its one form: NFC, line feeds only, no invisible characters, stripped."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("_x000D_", ""))
    return "".join(letter for letter in text if letter not in _INVISIBLE).strip()


def _read_workbook(path: Path, sheet: str | None) -> CellGrid:
    parts = read_parts(path)
    # The structure is read first: it refuses a far-out cell before the cell reader reserves space for it.
    names = _visible_sheets(path, parts)
    if sheet is not None and sheet not in names:
        raise refused(path, f"没有名为“{sheet}”的工作表。", f"现有工作表：{'、'.join(names)}。请改名后重新导入。")
    name = sheet or names[0]
    structure = read_structure(path, parts, name)
    try:
        values = (
            python_calamine.CalamineWorkbook.from_object(rebuilt(parts))
            .get_sheet_by_name(name)
            .to_python(skip_empty_area=False)
        )
    except (python_calamine.CalamineError, OSError) as broken:
        raise refused(path, "工作簿读不出来。", "请用 Excel 或 WPS 打开后另存为 .xlsx。") from broken
    suspects = [
        Suspect(place, "是公式，不是填写的内容。", "请复制后“选择性粘贴为数值”。") for place in structure.formulas
    ]
    suspects += [
        Suspect(place, "图片嵌入在单元格里，其他软件读不到。", "请改为“浮动图片”（插入图片后放在该单元格上）。")
        for place in structure.cell_pictures
    ]
    suspects += [Suspect(place, "是错误值（如 #N/A）。", "请改为正确内容。") for place in structure.errors]
    suspects += [
        Suspect(place, "是合并单元格，只有第一格有内容。", "请取消合并，逐格填写。") for place in structure.merged
    ]
    cells = [
        [_as_text(value, Place(row, column), suspects) for column, value in enumerate(line, start=1)]
        for row, line in enumerate(values, start=1)
    ]
    placed = {picture.part for picture in structure.pictures}
    return CellGrid(cells, suspects, structure.pictures, tuple(sorted(media_parts(parts) - placed)))


def _visible_sheets(path: Path, parts: dict[str, bytes]) -> list[str]:
    try:
        workbook = python_calamine.CalamineWorkbook.from_object(rebuilt(parts))
    except (python_calamine.CalamineError, OSError) as broken:
        raise refused(path, "工作簿读不出来。", "请用 Excel 或 WPS 打开后另存为 .xlsx。") from broken
    visible = python_calamine.SheetVisibleEnum.Visible
    names = [sheet.name for sheet in workbook.sheets_metadata if sheet.visible == visible]
    if not names:
        raise refused(path, "工作簿里没有可见的工作表。", "请检查是否拿错了文件。")
    return names


def _as_text(value: object, place: Place, suspects: list[Suspect]) -> str:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        if abs(value) >= 10**_EXACT_DIGITS:
            suspects.append(
                Suspect(place, "长数字已被 Excel 截断，后几位不可靠。", "请把该列设为“文本”格式后重新填写完整数字。")
            )
        return str(int(value)) if value == int(value) else repr(value)
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    suspects.append(Suspect(place, "内容不是文字、数字或日期。", "请改为文字。"))
    return ""


def _read_csv(path: Path) -> CellGrid:
    text = _decode(path, read_file(path))
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as broken:
        raise refused(path, f"CSV 的引号或分隔不完整（{broken}）。", "请用 Excel 或 WPS 重新另存为 CSV。") from broken
    return CellGrid([[clean(cell) for cell in line] for line in lines], [])


def _decode(path: Path, content: bytes) -> str:
    """Decode by BOM, then UTF-8, then GB 18030 (what Excel and WPS write on Chinese Windows)."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content:
        raise refused(path, "不是 UTF-8 或 GBK 编码的文本。", "请另存为“CSV UTF-8（逗号分隔）”。")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise refused(path, "文字编码认不出来（不是 UTF-8，也不是 GBK）。", "请另存为“CSV UTF-8（逗号分隔）”。")
