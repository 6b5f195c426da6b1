"""Photos handed in beside a roster: a folder or a zip, each found by file name and really decoded before it counts."""

import io
import warnings
import zipfile
from collections import Counter
from pathlib import Path
from typing import Self

from PIL import Image

from exam_protocol.errors import InputFault, InputRefusedError, KaopingError

MAX_PHOTO_BYTES = 300 * 1024
_MAX_PHOTOS = 200_000
_MIN_SIDE, _MAX_SIDE = 60, 3000
_UTF8_NAME = 0x800


class PhotoUnusableError(KaopingError):
    """No such photo, or it cannot be shown."""


class Photos:
    """The photos of one roster, open while in a ``with``. Nothing is unpacked; no name leads outside the source."""

    def __init__(self, source: Path) -> None:
        """List what there is. Raises ``InputRefusedError`` when the source is neither a folder nor a readable zip."""
        self.source = source
        self._files: dict[str, Path] = {}
        self._entries: dict[str, zipfile.ZipInfo] = {}
        self._archive: zipfile.ZipFile | None = None
        if source.is_dir():
            paths = [path for path in source.rglob("*") if path.is_file()]
            self._files = {path.name: path for path in paths}
            self._count = Counter(path.name for path in paths)
            return
        try:
            self._archive = zipfile.ZipFile(source)
        except (OSError, zipfile.BadZipFile) as unreadable:
            raise _refused(source, "照片不是文件夹，也不是能打开的 zip。", "请检查 --photos 的路径。") from unreadable
        entries = [entry for entry in self._archive.infolist() if not entry.is_dir()]
        if len(entries) > _MAX_PHOTOS:
            self._archive.close()
            raise _refused(source, f"压缩包里有 {len(entries)} 个文件，过多。", "请按考区分开导入。")
        self._entries = {_entry_name(entry): entry for entry in entries}
        self._count = Counter(_entry_name(entry) for entry in entries)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._archive is not None:
            self._archive.close()

    def read(self, name: str) -> bytes:
        """Return the bytes of a photo that was decoded whole (JPEG or PNG), or raise ``PhotoUnusableError``."""
        content = self._content(name)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", Image.DecompressionBombWarning)
                with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as image:
                    width, height = image.size
                    is_in_range = min(width, height) >= _MIN_SIDE and max(width, height) <= _MAX_SIDE
                    if is_in_range:
                        image.load()
        except (
            OSError,
            SyntaxError,
            ValueError,
            Image.DecompressionBombError,
            Image.DecompressionBombWarning,
        ) as broken:
            raise PhotoUnusableError(f"照片“{name}”打不开，不是完整的 JPEG 或 PNG。", "请换一张照片。") from broken
        if not is_in_range:
            raise PhotoUnusableError(
                f"照片“{name}”是 {width}×{height} 像素。", f"每边应在 {_MIN_SIDE} 到 {_MAX_SIDE} 像素之间。"
            )
        return content

    def _content(self, name: str) -> bytes:
        entry, path = self._entries.get(name), self._files.get(name)
        size = entry.file_size if entry else path.stat().st_size if path else None
        if size is None:
            raise PhotoUnusableError(f"找不到照片“{name}”。", "请核对文件名（含扩展名），或补上照片。")
        if self._count[name] > 1:
            raise PhotoUnusableError(f"有 {self._count[name]} 张照片都叫“{name}”。", "请改成不同的文件名。")
        if size > MAX_PHOTO_BYTES:
            raise PhotoUnusableError(
                f"照片“{name}”有 {size // 1024} KB。", f"请压缩到 {MAX_PHOTO_BYTES // 1024} KB 以内。"
            )
        try:
            if self._archive is None or entry is None:
                return (path or self.source).read_bytes()
            with self._archive.open(entry) as file:
                # The directory of a zip may lie about sizes; one byte more than allowed proves it.
                return file.read(MAX_PHOTO_BYTES + 1)[:MAX_PHOTO_BYTES]
        except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError) as unreadable:
            raise PhotoUnusableError(
                f"照片“{name}”读不出来。", "请检查文件或压缩包是否损坏、是否加密。"
            ) from unreadable


def _entry_name(entry: zipfile.ZipInfo) -> str:
    name = entry.filename
    if not entry.flag_bits & _UTF8_NAME:
        # Zips made on Chinese Windows hold GBK names that zipfile reads as code page 437.
        try:
            name = name.encode("cp437").decode("gb18030")
        except UnicodeError:
            name = entry.filename
    return name.replace("\\", "/").rpartition("/")[2]


def _refused(source: Path, what: str, do: str) -> InputRefusedError:
    return InputRefusedError([InputFault(source.name, None, None, what, do)])
