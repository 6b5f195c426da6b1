"""The folder that leaves the sealing host: whole under its name, or not there at all.

```
zone-02-1/live.package  zone-02-1/reserve.package  …     to each server
answer-keys-live.package  answer-keys-reserve.package    to the centre
opening-keys.sealed                                      to the centre
```
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from exam_protocol.errors import ConfigurationError
from exam_protocol.ids import ServerId, server_file_name
from question_bank.papers import AssembledPaper
from question_bank.sealing import SealingOrder, assembly_of, seal_answer_keys, seal_opening_keys, seal_package


def write_sealed_session(
    papers: Sequence[AssembledPaper], servers: Sequence[ServerId], order: SealingOrder, out: Path
) -> int:
    """Seal a session into a new or empty folder; returns how many paper packages it holds.

    Package by package, so that a province's worth of papers is never in memory at once. Everything is written beside
    ``out`` and renamed at the end. Raises ``ConfigurationError`` when ``out`` holds anything.
    """
    if out.exists() and any(out.iterdir()):
        raise ConfigurationError(f"文件夹 {out} 不是空的。", "请换一个新文件夹；已密封的试卷包不能覆盖。")
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        count = _write_all(papers, servers, order, partial)
        if out.exists():
            out.rmdir()
        partial.rename(out)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return count


def _write_all(papers: Sequence[AssembledPaper], servers: Sequence[ServerId], order: SealingOrder, folder: Path) -> int:
    exam, session, _ = assembly_of(papers)
    purposes = sorted({assembled.paper.purpose for assembled in papers})
    opening_keys = []
    with Progress(console=Console(file=sys.stderr), transient=True, disable=not sys.stderr.isatty()) as progress:
        for server in progress.track(servers, description="密封 sealing"):
            (folder / server_file_name(server)).mkdir()
            for purpose in purposes:
                package = seal_package(papers, server, purpose, order)
                _write(folder / server_file_name(server) / f"{purpose}.package", package.content)
                opening_keys.append(package.opening_key)
    for purpose in purposes:
        _write(folder / f"answer-keys-{purpose}.package", seal_answer_keys(papers, purpose, order))
    _write(folder / "opening-keys.sealed", seal_opening_keys(exam, session, opening_keys, order))
    return len(opening_keys)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
