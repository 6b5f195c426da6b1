"""The folder of one seat as its software sees it: whatever returns without an error is on the platter.

The sitting's core never touches files itself; tests put a simulated disk here that loses power at any byte.
"""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

Run = Callable[..., Any]
"""Calls a function with arguments and waits for it, maybe in a thread (``disk_threads``)."""


class Disk(Protocol):
    """What the seat needs of a folder. Every method raises ``OSError`` when the disk does not take it."""

    def names(self) -> tuple[str, ...]:
        """Names of all files."""
        ...

    def read(self, name: str) -> bytes:
        """Return the whole file."""
        ...

    def replace(self, name: str, content: bytes) -> None:
        """Put a whole file in place, durably and at one stroke."""
        ...

    def append(self, name: str, content: bytes) -> None:
        """Append durably; the file is made when there is none."""
        ...

    def close(self, name: str) -> None:
        """Append no more to this file."""
        ...


def directly(function: Run, *arguments: object) -> object:
    """Call in this very thread."""
    return function(*arguments)


class FolderDisk:
    """A real folder, private to the account that runs the seat. ``run`` says where the waiting for the disk is done."""

    def __init__(self, folder: Path, run: Run = directly) -> None:
        self.folder = folder
        self._run = run
        self._open: dict[str, int] = {}
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def names(self) -> tuple[str, ...]:
        """Names of all files, sorted."""
        with os.scandir(self.folder) as entries:
            return tuple(sorted(entry.name for entry in entries if entry.is_file()))

    def read(self, name: str) -> bytes:
        """Return the whole file."""
        return (self.folder / name).read_bytes()

    def replace(self, name: str, content: bytes) -> None:
        """Write beside, sync, rename, sync the folder."""
        self._run(self._replace, name, content)

    def append(self, name: str, content: bytes) -> None:
        """Append and sync; returns when the bytes are on the platter."""
        file = self._open.get(name)
        if file is None:
            file = os.open(self.folder / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            self._open[name] = file
            self._run(self._write_and_sync, file, content)
            self._run(_sync_folder, self.folder)
        else:
            self._run(self._write_and_sync, file, content)

    def close(self, name: str) -> None:
        """Close the file if it is open for appending."""
        file = self._open.pop(name, None)
        if file is not None:
            with contextlib.suppress(OSError):
                os.close(file)

    def close_all(self) -> None:
        """Close every file."""
        for name in tuple(self._open):
            self.close(name)

    @staticmethod
    def _write_and_sync(file: int, content: bytes) -> None:
        _write(file, content)
        _sync(file)

    def _replace(self, name: str, content: bytes) -> None:
        beside = self.folder / f"{name}.new"
        file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            _write(file, content)
            _sync(file)
        finally:
            os.close(file)
        beside.replace(self.folder / name)
        _sync_folder(self.folder)


_sync = getattr(os, "fdatasync", os.fsync)
"""Windows has no fdatasync; there ``os.fsync`` is FlushFileBuffers."""


def _write(file: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(file, left) :]


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
