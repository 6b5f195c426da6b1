"""Which characters our printing font can draw, read from the font itself (OpenType cmap, formats 4 and 12).

A name printed with a box in it is a wrong name: what cannot be drawn is refused before the page is made.
"""

import functools
import struct
from pathlib import Path

from exam_protocol.errors import KaopingError

FONT_FOLDER = Path(__file__).parent / "fonts"
REGULAR = FONT_FOLDER / "NotoSansSC-Regular.ttf"
BOLD = FONT_FOLDER / "NotoSansSC-Bold.ttf"
_NOT_DRAWN = frozenset("\n")
_SEGMENT_FORMAT, _GROUP_FORMAT = 4, 12
_STOP = 0xFFFF


class MissingGlyphError(KaopingError):
    """A text holds characters that the printing font does not have."""


@functools.cache
def drawable(font: Path = REGULAR) -> frozenset[str]:
    """All characters of a font."""
    content = font.read_bytes()
    (tables,) = struct.unpack_from(">H", content, 4)
    for number in range(tables):
        tag, _, offset, _ = struct.unpack_from(">4sIII", content, 12 + 16 * number)
        if tag == b"cmap":
            return frozenset(_characters(content, offset))
    raise ValueError(f"{font} has no cmap table")


def _characters(content: bytes, cmap: int) -> set[str]:
    found: set[str] = set()
    (count,) = struct.unpack_from(">H", content, cmap + 2)
    for number in range(count):
        (offset,) = struct.unpack_from(">I", content, cmap + 4 + 8 * number + 4)
        (kind,) = struct.unpack_from(">H", content, cmap + offset)
        if kind == _SEGMENT_FORMAT:
            found |= _segments(content, cmap + offset)
        elif kind == _GROUP_FORMAT:
            found |= _groups(content, cmap + offset)
    return found


def _segments(content: bytes, table: int) -> set[str]:
    (double,) = struct.unpack_from(">H", content, table + 6)
    ends = struct.unpack_from(f">{double // 2}H", content, table + 14)
    starts = struct.unpack_from(f">{double // 2}H", content, table + 16 + double)
    # Fonts made by fontTools map no code point of a segment to the empty glyph; the last segment is only a stop mark.
    spans = zip(starts, ends, strict=True)
    return {chr(point) for low, high in spans if low < _STOP for point in range(low, high + 1)}


def _groups(content: bytes, table: int) -> set[str]:
    (count,) = struct.unpack_from(">I", content, table + 12)
    found: set[str] = set()
    for number in range(count):
        low, high, _ = struct.unpack_from(">III", content, table + 16 + 12 * number)
        found.update(map(chr, range(low, high + 1)))
    return found


def require_drawable(texts: set[str]) -> None:
    """Raise ``MissingGlyphError`` naming every character that cannot be printed and a text it stands in."""
    missing = set().union(*texts) - drawable() - _NOT_DRAWN
    if missing:
        where = next(text for text in sorted(texts) if missing & set(text))
        named = "、".join(f"“{character}”（U+{ord(character):04X}）" for character in sorted(missing))
        raise MissingGlyphError(
            f"打印字库里没有 {named}，例如“{where}”。", "请先不要打印这一份，把这个字报省考试中心补入字库。"
        )
