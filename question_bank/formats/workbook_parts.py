"""The parts of an .xlsx, taken out of its zip under limits, so that no later reader meets a hostile archive.

A workbook is refused before anything is expanded when it is no zip, encrypted, cut short, or would grow beyond reason
(SECURITY §6). Later readers get a fresh, uncompressed archive of exactly the bytes that were counted here: a header
that lies about sizes cannot reach them.
"""

import io
import zipfile
import zlib
from pathlib import Path

import msgspec

from exam_protocol.errors import InputFault, InputRefusedError

_ZIP_MAGIC = b"PK\x03\x04"
_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_IS_ENCRYPTED = 0x1


class Limits(msgspec.Struct, frozen=True):
    """How large a handed-in workbook may be. Sizes in bytes; a ratio counts only for parts above ``ratio_from``."""

    file_bytes: int = 64 * 1024 * 1024
    entries: int = 20_000
    total_bytes: int = 256 * 1024 * 1024
    ratio: int = 200
    ratio_from: int = 4 * 1024 * 1024


LIMITS = Limits()


def refused(path: Path, what: str, do: str) -> InputRefusedError:
    """Return the refusal of a whole file, to be raised."""
    return InputRefusedError([InputFault(path.name, None, None, what, do)])


def read_file(path: Path, limits: Limits = LIMITS) -> bytes:
    """Read a handed-in file under the size limit, or raise ``InputRefusedError``."""
    try:
        with path.open("rb") as file:
            content = file.read(limits.file_bytes + 1)
    except OSError as unreadable:
        raise refused(path, "文件打不开。", "请检查路径、权限，并关闭正在使用它的程序。") from unreadable
    if len(content) > limits.file_bytes:
        raise refused(path, f"文件超过 {limits.file_bytes // 1024 // 1024} MB。", "请拆成几个文件，或缩小图片。")
    if not content:
        raise refused(path, "文件是空的。", "请检查是否拿错了文件。")
    return content


def read_parts(path: Path, limits: Limits = LIMITS) -> dict[str, bytes]:
    """Return each part of an .xlsx by its name inside the archive, or raise ``InputRefusedError``."""
    content = read_file(path, limits)
    if content.startswith(_OLE_MAGIC):
        raise refused(path, "文件有打开密码，或是旧的 .xls 格式。", "请去掉密码，另存为 .xlsx 后重新导入。")
    if not content.startswith(_ZIP_MAGIC):
        raise refused(path, "不是 .xlsx 工作簿。", "请用 Excel 或 WPS 另存为 .xlsx，不要只改扩展名。")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_limits(path, archive, limits)
            parts = {entry.filename: archive.read(entry) for entry in archive.infolist() if not entry.is_dir()}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as broken:
        raise refused(path, "工作簿损坏或没有传完整。", "请重新取得文件，确认能用 Excel 或 WPS 打开。") from broken
    if "xl/workbook.xml" not in parts:
        raise refused(path, "压缩文件里没有工作簿。", "请用 Excel 或 WPS 另存为 .xlsx，不要只改扩展名。")
    return parts


def _check_limits(path: Path, archive: zipfile.ZipFile, limits: Limits) -> None:
    entries = archive.infolist()
    if len(entries) > limits.entries:
        raise refused(path, f"工作簿内部有 {len(entries)} 个部件，超过上限 {limits.entries}。", "请拆成几个文件。")
    if len({entry.filename for entry in entries}) != len(entries):
        raise refused(path, "工作簿内部有重名部件，可能被改动过。", "请用 Excel 或 WPS 重新另存为 .xlsx。")
    if any(entry.flag_bits & _IS_ENCRYPTED for entry in entries):
        raise refused(path, "文件有密码。", "请去掉密码后重新导入。")
    grown = sum(entry.file_size for entry in entries)
    inflated = any(
        entry.file_size > limits.ratio_from and entry.file_size > limits.ratio * max(entry.compress_size, 1)
        for entry in entries
    )
    if grown > limits.total_bytes or inflated:
        raise refused(
            path, f"工作簿展开后有 {grown // 1024 // 1024} MB，不像正常文件。", "请检查来源；删去空白行列后另存再导入。"
        )


def rebuilt(parts: dict[str, bytes]) -> io.BytesIO:
    """Return a plain archive of these parts, for readers that insist on a file."""
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    plain.seek(0)
    return plain
