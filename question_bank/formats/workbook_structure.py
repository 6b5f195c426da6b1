"""What a workbook holds beside plain values: formulas, error cells, merged cells, pictures and where they lie.

Cell readers drop all of these without a word; here they are found, so that nothing handed in is lost unseen.
"""

import posixpath
import re
from pathlib import Path
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

import msgspec

from question_bank.formats.workbook_parts import refused

_CELL = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_LETTERS = 26
MAX_COLUMNS = 500
MAX_ROWS = 200_000


class Place(msgspec.Struct, frozen=True):
    """A cell as a person counts: row 1 is the first, column 1 is A."""

    row: int
    column: int


class Picture(msgspec.Struct, frozen=True):
    """A picture and the cell its upper left corner lies in. ``part`` is its name inside the archive."""

    place: Place
    part: str
    content: bytes


class SheetStructure(msgspec.Struct, frozen=True):
    """What one sheet holds beside values. ``merged`` are the upper left cells of merged ranges."""

    formulas: tuple[Place, ...]
    cell_pictures: tuple[Place, ...]
    errors: tuple[Place, ...]
    merged: tuple[Place, ...]
    pictures: tuple[Picture, ...]


def column_letters(column: int) -> str:
    """Name of a column: 1 → A, 27 → AA."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, _LETTERS)
        letters = chr(ord("A") + rest) + letters
    return letters


def read_xml(content: bytes) -> Element:
    """Parse XML without any document type, hence without entities. Names come without their namespace.

    Raises ``ValueError`` on anything else.
    """
    builder = TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="}")

    def start(name: str, attributes: dict[str, str]) -> None:
        builder.start(_local(name), {_local(key): value for key, value in attributes.items()})

    def refuse_document_type(*_: object) -> None:
        raise ValueError("a document type is not allowed")

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda name: builder.end(_local(name))
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse_document_type
    try:
        parser.Parse(content, True)
    except expat.ExpatError as broken:
        raise ValueError(str(broken)) from broken
    return builder.close()


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def read_structure(path: Path, parts: dict[str, bytes], sheet: str) -> SheetStructure:
    """Find what the sheet of this name holds beside values. Raises ``InputRefusedError`` when it cannot be read.

    Every sheet's size is checked, because a single cell far out makes a reader reserve all the space before it.
    """
    try:
        sheets = _sheet_parts(parts)
        roots = {name: read_xml(parts[part]) for name, part in sheets.items() if part in parts}
        for name, root in roots.items():
            _check_size(path, name, root)
        return _structure(parts, sheets[sheet], roots[sheet])
    except (ValueError, KeyError) as broken:
        raise refused(path, "工作簿的内部结构损坏。", "请用 Excel 或 WPS 打开后另存为 .xlsx。") from broken


def _check_size(path: Path, name: str, root: Element) -> None:
    for tag in ("row", "c"):
        for element in root.iter(tag):
            place = _place(element.get("r", ""), is_row=tag == "row")
            if place.row > MAX_ROWS or place.column > MAX_COLUMNS:
                raise refused(
                    path, f"工作表“{name}”写到了第 {place.row} 行第 {place.column} 列。", "请删去远处的多余内容。"
                )


def _place(reference: str, *, is_row: bool = False) -> Place:
    if is_row:
        return Place(int(reference or 1), 1)
    match = _CELL.fullmatch(reference.partition(":")[0])
    if match is None:
        raise ValueError(f"a cell without a place: {reference!r}")
    column = 0
    for letter in match[1]:
        column = column * _LETTERS + ord(letter) - ord("A") + 1
    return Place(int(match[2]), column)


def _structure(parts: dict[str, bytes], part: str, root: Element) -> SheetStructure:
    formulas: list[Place] = []
    cell_pictures: list[Place] = []
    errors: list[Place] = []
    for cell in root.iter("c"):
        place, formula = _place(cell.get("r", "")), cell.find("f")
        if formula is not None:
            # WPS keeps a picture "inside" a cell as this formula; other programs show nothing there.
            (cell_pictures if "DISPIMG" in (formula.text or "") else formulas).append(place)
        elif cell.get("vm") is not None:
            cell_pictures.append(place)
        elif cell.get("t") == "e":
            errors.append(place)
    merged = tuple(_place(merge.get("ref", "")) for merge in root.iter("mergeCell"))
    pictures: list[Picture] = []
    for kind, drawing in _relations(parts, part).values():
        if kind == "drawing":
            pictures += _pictures_of(parts, drawing)
    return SheetStructure(tuple(formulas), tuple(cell_pictures), tuple(errors), merged, tuple(pictures))


def _pictures_of(parts: dict[str, bytes], drawing: str) -> list[Picture]:
    relations = _relations(parts, drawing)
    pictures = []
    for anchor in read_xml(parts[drawing]):
        corner = anchor.find("from")
        if corner is None:
            continue
        place = Place(int(corner.findtext("row", "0")) + 1, int(corner.findtext("col", "0")) + 1)
        for blip in anchor.iter("blip"):
            _, image = relations[blip.get("embed", "")]
            pictures.append(Picture(place, image, parts[image]))
    return pictures


def _sheet_parts(parts: dict[str, bytes]) -> dict[str, str]:
    relations = _relations(parts, "xl/workbook.xml")
    return {
        sheet.get("name", ""): relations[sheet.get("id", "")][1]
        for sheet in read_xml(parts["xl/workbook.xml"]).iter("sheet")
    }


def _relations(parts: dict[str, bytes], part: str) -> dict[str, tuple[str, str]]:
    """Return what a part points at, by relation id: (kind, name of the other part)."""
    folder, name = posixpath.split(part)
    content = parts.get(f"{folder}/_rels/{name}.rels")
    if content is None:
        return {}
    found = {}
    for relation in read_xml(content):
        target = posixpath.normpath(posixpath.join("/" + folder, relation.get("Target", "")))
        found[relation.get("Id", "")] = (relation.get("Type", "").rpartition("/")[2], target.lstrip("/"))
    return found


def media_parts(parts: dict[str, bytes]) -> set[str]:
    """All pictures the archive carries, whether or not a sheet shows them.

    SVG parts are left out: programs put them beside a PNG of the same picture, which is the one that is read.
    """
    return {name for name in parts if name.startswith("xl/media/") and not name.endswith(".svg")}
