r"""One container for everything that is carried: a readable first line, a signed manifest, then the parts it names.

```
exam-package/1\\n
<DSSE envelope of the manifest, one line>\\n
<part><part>…            in the manifest's order, nothing between, nothing after
```
A package is read in the order root → manifest signature → size → hash; nothing is parsed before its signature is
checked (ARCHITECTURE §5.5). The format is described in ``docs/package-format.md``.
"""

import hashlib
from collections.abc import Sequence

from exam_protocol.documents import Part
from exam_protocol.errors import PackageBrokenError, PartDigestMismatchError

_FIRST_LINE = b"exam-package/1\n"
MAX_MANIFEST_BYTES = 4 * 1024 * 1024


def part_of(name: str, content: bytes) -> Part:
    """Describe a part for the manifest."""
    return Part(name, len(content), hashlib.sha256(content).hexdigest())


def pack(manifest: bytes, contents: Sequence[bytes]) -> bytes:
    """Join a signed manifest (a DSSE envelope, one line) and the parts it names, in its order."""
    return b"".join((_FIRST_LINE, manifest, b"\n", *contents))


def manifest_of(package: bytes) -> bytes:
    """Return the bytes of the manifest's envelope, unverified; raise ``PackageBrokenError`` on any other first line."""
    if not package.startswith(_FIRST_LINE):
        raise PackageBrokenError("不是考务包，或版本不同。", "请检查是否拿错了文件。")
    end = package.find(b"\n", len(_FIRST_LINE), len(_FIRST_LINE) + MAX_MANIFEST_BYTES)
    if end < 0:
        raise PackageBrokenError("考务包被截断或损坏。", "请重新取得文件。")
    return package[len(_FIRST_LINE) : end]


def contents_of(package: bytes, parts: Sequence[Part]) -> tuple[bytes, ...]:
    """Cut out the parts that a *verified* manifest names and check size and hash of each.

    Raises ``PackageBrokenError`` when the package is shorter or longer than its manifest says and
    ``PartDigestMismatchError`` when a part was altered or swapped.
    """
    position = len(_FIRST_LINE) + len(manifest_of(package)) + 1
    if any(part.size < 0 for part in parts) or len(package) - position != sum(part.size for part in parts):
        raise PackageBrokenError("考务包的长度与清单不符，可能被截断。", "请重新取得文件。")
    contents = []
    for part in parts:
        content = package[position : position + part.size]
        if hashlib.sha256(content).hexdigest() != part.sha256:
            raise PartDigestMismatchError(f"考务包中的“{part.name}”与清单不符。", "请不要使用，重新取得文件。")
        contents.append(content)
        position += part.size
    return tuple(contents)
