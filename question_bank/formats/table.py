"""Tables that people hand in: .xlsx or .csv → rows by Chinese column names, every fault named, all at once.

Reads values only; text is NFC, stripped, never ``None``. What is not plain text or number (a formula, an error cell, a
long number that Excel has already rounded) is a fault, because guessing would be silent damage.
"""

import unicodedata
from collections.abc import Sequence
from pathlib import Path

import msgspec

from exam_protocol.errors import InputFault, InputRefusedError
from question_bank.formats.cell_grid import CellGrid, read_grid
from question_bank.formats.workbook_parts import refused
from question_bank.formats.workbook_structure import Picture, column_letters

_HEADER_SEARCH_ROWS = 10


class Column(msgspec.Struct, frozen=True):
    """A column to look for. Its cells must not be empty unless it is optional or ``may_be_empty``."""

    name: str
    aliases: tuple[str, ...] = ()
    is_required: bool = True
    may_be_empty: bool = False


class Row(msgspec.Struct, frozen=True):
    """One row as the person sees it: ``number`` as in the margin of the sheet, cells by column name."""

    number: int
    cells: dict[str, str]

    def __getitem__(self, name: str) -> str:
        """Text of a cell; "" for an empty cell or an optional column that the file does not have."""
        return self.cells[name]


class Table(msgspec.Struct, frozen=True):
    """The rows below the header that are not blank.

    ``places`` tells the column number (from 1) of each known name; ``unplaced_media`` names pictures that the file
    carries but that do not lie on the sheet that was read.
    """

    file: str
    rows: tuple[Row, ...]
    header_row: int
    places: dict[str, int]
    pictures: tuple[Picture, ...] = ()
    unplaced_media: tuple[str, ...] = ()

    def pictures_in(self, column: str) -> dict[int, list[Picture]]:
        """Pictures whose upper left corner lies in this column, by row number."""
        found: dict[int, list[Picture]] = {}
        for picture in self.pictures:
            if picture.place.column == self.places.get(column):
                found.setdefault(picture.place.row, []).append(picture)
        return found

    def fault(self, row: Row | int | None, column: str | None, what: str, do: str) -> InputFault:
        """Name a fault of this file, for checks that go beyond the form of the table."""
        return InputFault(self.file, row.number if isinstance(row, Row) else row, column, what, do)


def read_table(
    path: Path, columns: Sequence[Column], *, sheet: str | None = None, allow_other_columns: bool = False
) -> Table:
    """Read a table by its header.

    ``sheet`` names the sheet of a workbook; without it the first visible one is read. The header is looked for in the
    first ten rows. Other columns than ``columns`` are refused unless allowed: a slip in an optional name would
    otherwise drop a whole column unseen. Raises ``InputRefusedError`` with all faults.
    """
    grid = read_grid(path, sheet)
    header_row, places, faults = _find_header(path, grid, columns, allow_other_columns=allow_other_columns)
    rows, row_faults = _rows_below(path, grid, columns, header_row, places)
    faults += row_faults
    names = {place: name for name, place in places.items()}
    for suspect in grid.suspects:
        place = suspect.place
        if place.row > header_row and (place.column in names or not allow_other_columns):
            faults.append(
                InputFault(
                    path.name,
                    place.row,
                    names.get(place.column, column_letters(place.column)),
                    suspect.what,
                    suspect.do,
                )
            )
    if not rows and not faults:
        faults.append(InputFault(path.name, None, None, "表头下面没有任何数据。", "请填写后重新导入。"))
    if faults:
        raise InputRefusedError(sorted(faults, key=lambda fault: fault.row or 0))
    return Table(path.name, rows, header_row, places, grid.pictures, grid.unplaced_media)


def _header_form(text: str) -> str:
    """Compare headers without spaces, marks of obligation and full-width letters: “* 题型（必填）” is 题型."""
    text = "".join(unicodedata.normalize("NFKC", text).split())
    return text.replace("(必填)", "").replace("(选填)", "").strip("*:")


def _find_header(
    path: Path, grid: CellGrid, columns: Sequence[Column], *, allow_other_columns: bool
) -> tuple[int, dict[str, int], list[InputFault]]:
    if not any(any(line) for line in grid.cells):
        raise refused(path, "表里没有任何内容。", "请检查是否拿错了文件或工作表。")
    known = {_header_form(name): column.name for column in columns for name in (column.name, *column.aliases)}
    candidates = grid.cells[:_HEADER_SEARCH_ROWS]
    hits = [len({known[_header_form(cell)] for cell in line if _header_form(cell) in known}) for line in candidates]
    at = hits.index(max(hits))
    header_row, line = at + 1, candidates[at]
    if not hits[at]:
        raise refused(
            path, "找不到表头。", f"前 {_HEADER_SEARCH_ROWS} 行里应有一行写明：{'、'.join(c.name for c in columns)}。"
        )
    places: dict[str, int] = {}
    faults: list[InputFault] = []
    for place, cell in enumerate(line, start=1):
        name = known.get(_header_form(cell))
        if name is None:
            if cell and not allow_other_columns:
                faults.append(InputFault(path.name, header_row, cell, "不认识这一列。", "请改正列名，或删去这一列。"))
        elif name in places:
            faults.append(InputFault(path.name, header_row, name, "这一列出现了两次。", "请只保留一列。"))
        else:
            places[name] = place
    faults += [
        InputFault(path.name, header_row, column.name, "缺少这一列。", "请补上这一列，列名要完全一致。")
        for column in columns
        if column.is_required and column.name not in places
    ]
    return header_row, places, faults


def _rows_below(
    path: Path, grid: CellGrid, columns: Sequence[Column], header_row: int, places: dict[str, int]
) -> tuple[tuple[Row, ...], list[InputFault]]:
    rows: list[Row] = []
    faults: list[InputFault] = []
    width = len(grid.cells[header_row - 1])
    suspects = {(suspect.place.row, suspect.place.column) for suspect in grid.suspects}
    for number, line in enumerate(grid.cells[header_row:], start=header_row + 1):
        if not any(line):
            continue
        if any(line[width:]):
            faults.append(InputFault(path.name, number, None, "比表头多出几格。", "请检查这一行的逗号和引号。"))
        cells = {column.name: _cell(line, places.get(column.name)) for column in columns}
        faults += [
            InputFault(path.name, number, column.name, "没有填写。", "请补上。")
            for column in columns
            if column.is_required
            and not column.may_be_empty
            and not cells[column.name]
            and column.name in places
            and (number, places[column.name]) not in suspects
        ]
        rows.append(Row(number, cells))
    return tuple(rows), faults


def _cell(line: list[str], place: int | None) -> str:
    return line[place - 1] if place is not None and place <= len(line) else ""
