"""The one way a document becomes a PDF: a Typst template, its content as JSON, its pictures as files (ARCHITECTURE §8).

Content is data, never markup. Only our fonts are used, so that the same content gives the same pages on every machine.
"""

import functools
import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import typst

from exam_protocol.errors import KaopingError
from exam_server.documents.glyphs import FONT_FOLDER, require_drawable

_TEMPLATES = Path(__file__).parent / "templates"
_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"


class DocumentNotDrawnError(KaopingError):
    """The page could not be made, most often because a picture is damaged."""


@functools.cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONT_FOLDER)])


def render(template: str, content: Mapping[str, object], files: Mapping[str, bytes]) -> bytes:
    """Draw a template (``tickets``, ``room_record``, ``transcript``) and return the PDF.

    ``content`` must be JSON; a value of it may name one of ``files``. Raises ``MissingGlyphError`` before anything is
    drawn when a character cannot be printed, and ``DocumentNotDrawnError``.
    """
    require_drawable(set(_texts(content)))
    with tempfile.TemporaryDirectory(prefix="kaoping-document-") as name:
        root = Path(name)
        for source in (_TEMPLATES / "look.typ", _TEMPLATES / f"{template}.typ"):
            (root / source.name).write_bytes(source.read_bytes())
        (root / "content.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        for file, picture in files.items():
            if Path(file).name != file:
                raise ValueError(f"{file!r} would leave the folder")
            (root / file).write_bytes(picture)
        try:
            pdf = typst.compile(root / f"{template}.typ", root=root, font_paths=_fonts(), format="pdf")
        except typst.TypstError as broken:
            raise DocumentNotDrawnError(
                f"文件没有生成：{broken.message}。", "请检查照片是否损坏，更换后重新生成。"
            ) from broken
    return bytes(pdf)


def picture_file(stem: str, picture: bytes, files: dict[str, bytes]) -> str | None:
    """Put a JPEG or PNG among the files and return its name; ``None`` for no picture."""
    if not picture:
        return None
    if not picture.startswith((_JPEG, _PNG)):
        raise DocumentNotDrawnError("照片不是 JPEG 或 PNG 图片。", "请更换照片后重新生成。")
    name = f"{stem}.png" if picture.startswith(_PNG) else f"{stem}.jpg"
    files[name] = picture
    return name


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
