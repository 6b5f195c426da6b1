"""Makes the two fonts that documents are printed with from a pinned source; run by hand, its output is committed.

    npm pack @expo-google-fonts/noto-sans-sc@0.4.3
    pip install fonttools
    python -m exam_server.documents.make_fonts expo-google-fonts-noto-sans-sc-0.4.3.tgz

Regular keeps every Chinese character of the source, because any of them may stand in a name. Bold keeps GB2312: it is
for headings, and a rarer character of a bold name is then drawn in Regular. Same source and fontTools 4.68 give the
same bytes.
"""

import hashlib
import io
import sys
import tarfile
from pathlib import Path

from fontTools.subset import Options, Subsetter  # type: ignore[import-not-found,import-untyped,unused-ignore] # only here
from fontTools.ttLib import TTFont  # type: ignore[import-not-found,import-untyped,unused-ignore] # only here

SOURCE_SHA512 = (
    "f6b0307454c51db3bfbba0acd208f68d96d6ef84c62226853509d7607dace700"
    "356f3564c1b6af88be2df18515eb8d9e1988e0f3a787e8390011099f3470e771"
)
FOLDER = Path(__file__).parent / "fonts"
_LATIN_AND_SYMBOLS = (
    (0x20, 0x24F), (0x2B0, 0x2FF), (0x370, 0x3FF), (0x400, 0x45F), (0x2000, 0x2BFF), (0x3000, 0x303F),
    (0x3200, 0x33FF), (0xFE30, 0xFE4F), (0xFF00, 0xFFEF),
)  # fmt: skip
_CHINESE = (
    (0x2E80, 0x2FDF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xE000, 0xF8FF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF),
)  # fmt: skip


def _gb2312() -> set[int]:
    found: set[int] = set()
    for first in range(0xA1, 0xF8):
        for second in range(0xA1, 0xFF):
            character = bytes((first, second)).decode("gb2312", errors="ignore")
            found.update(map(ord, character))
    return found


def _within(ranges: tuple[tuple[int, int], ...], points: set[int]) -> set[int]:
    return {point for point in points if any(low <= point <= high for low, high in ranges)}


def make_font(source: bytes, kept: set[int]) -> bytes:
    """Cut a font down to some code points, without the tables and features that horizontal print never uses."""
    options = Options()
    options.layout_features = ["kern", "mark", "mkmk", "ccmp", "locl", "tnum", "lnum"]
    options.hinting = False
    options.drop_tables += ["vhea", "vmtx", "BASE", "STAT", "VORG"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    font = TTFont(io.BytesIO(source), recalcTimestamp=False)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=kept & set(font.getBestCmap()))
    subsetter.subset(font)
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def main(package: Path) -> None:
    """Check the source, make both fonts and copy the licence."""
    content = package.read_bytes()
    if hashlib.sha512(content).hexdigest() != SOURCE_SHA512:
        raise SystemExit(f"{package}: not the pinned source")
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:

        def read(name: str) -> bytes:
            member = archive.extractfile(f"package/{name}")
            return member.read() if member else b""

        regular, bold = read("400Regular/NotoSansSC_400Regular.ttf"), read("700Bold/NotoSansSC_700Bold.ttf")
        licence = read("LICENSE_FONT")
    everything = set(TTFont(io.BytesIO(regular)).getBestCmap())
    symbols = _within(_LATIN_AND_SYMBOLS, everything)
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "NotoSansSC-Regular.ttf").write_bytes(make_font(regular, symbols | _within(_CHINESE, everything)))
    (FOLDER / "NotoSansSC-Bold.ttf").write_bytes(
        make_font(bold, _within(((0x20, 0x2BFF), (0xFF00, 0xFFEF)), symbols) | _gb2312())
    )
    (FOLDER / "OFL.txt").write_bytes(licence)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
