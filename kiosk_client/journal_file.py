"""The journal on the disk: one segment per process start, each record durable before the page says 已存本机.

A segment that failed once is left for good: after a failed fdatasync nobody knows what the file holds. One new segment
is tried; when that fails too the record is refused, loudly, and nobody was shown it.
"""

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from exam_protocol.envelope import Randomness
from exam_protocol.errors import JournalCorruptError, KaopingError, SealBrokenError
from exam_protocol.ids import AttemptId
from exam_protocol.journal import SegmentWriter, read_segment
from exam_protocol.messages import Answer, ChainEntry, HandIn, SignedIn
from kiosk_client.disk import Disk, FolderDisk
from kiosk_client.restart import read_entry
from kiosk_client.seat_files import SeatFiles

_SEGMENT = re.compile(r"journal-(\d+)-(\d+)\.seg")


class NotKeptError(KaopingError):
    """The disk did not take a record: what it says has not happened."""


class JournalFile:
    """Appends the records of one attempt. A new object per process start, so that no segment is ever continued."""

    def __init__(self, disk: Disk, attempt: AttemptId, seat_key: bytes, randomness: Randomness = os.urandom) -> None:
        self.attempt = attempt
        self._disk = disk
        self._seat_key = seat_key
        self._randomness = randomness
        self._name = ""
        self._writer: SegmentWriter | None = None

    def append(self, records: Sequence[bytes]) -> None:
        """Keep records, all with one sync; they are durable when this returns. Raises ``NotKeptError``."""
        if not records:
            return
        try:
            self._append(records)
        except OSError:
            self._leave_segment()
            try:
                self._append(records)
            except OSError as failed:
                self._leave_segment()
                raise NotKeptError("未能保存，请举手。", "请不要继续作答，等待监考员处理。") from failed

    def _append(self, records: Sequence[bytes]) -> None:
        head = b""
        if self._writer is None:
            number = 1 + max((number for _, number, _ in _segments(self._disk.names())), default=0)
            self._name = f"journal-{self.attempt}-{number}.seg"
            self._writer = SegmentWriter(self.attempt, number, self._seat_key, self._randomness)
            head = self._writer.header
        self._disk.append(self._name, head + b"".join(self._writer.seal(record) for record in records))

    def _leave_segment(self) -> None:
        self._disk.close(self._name)
        self._writer = None


def last_journal(disk: Disk, seat_key: bytes) -> tuple[AttemptId, tuple[bytes, ...]] | None:
    """Read back the records of the attempt that was written last at this seat, or ``None`` when there is no record.

    Segment numbers rise over all attempts of a seat, so the last one tells who sits here. A damaged segment is passed
    over when a later one of the same attempt begins with a new sign-in, which brought the zone's copy. Otherwise
    raises ``JournalCorruptError`` or ``SealBrokenError``.
    """
    found: list[tuple[AttemptId, tuple[bytes, ...]]] = []
    damage: dict[AttemptId, KaopingError] = {}
    last: AttemptId | None = None
    for attempt, _, name in _segments(disk.names()):
        try:
            segment = read_segment(disk.read(name), seat_key)
        except (JournalCorruptError, SealBrokenError) as broken:
            last, damage[attempt] = attempt, broken
            continue
        if segment is None or not segment.records:
            continue
        last = attempt
        if attempt in damage and isinstance(read_entry(segment.records[0]), SignedIn):
            del damage[attempt]
        found.append((attempt, segment.records))
    if last is None:
        return None
    if last in damage:
        raise damage[last]
    return last, tuple(record for attempt, records in found if attempt == last for record in records)


def read_all(folder: Path) -> tuple[ChainEntry, ...]:
    """List every event in the journals of a seat's folder, or of all seats below a folder, for audits.

    An event that stands in two segments is listed once; of two with the same seq the later segment's counts.
    """
    entries: dict[tuple[AttemptId, int], ChainEntry] = {}
    for seat_folder in sorted({path.parent for path in folder.rglob("journal-*.seg")}):
        disk = FolderDisk(seat_folder)
        device = SeatFiles(disk).device
        for _, _, name in _segments(disk.names()):
            segment = read_segment(disk.read(name), device.seat_key)
            for entry in _events(segment.records if segment is not None else ()):
                entries[entry.attempt, entry.seq] = entry
    return tuple(entries[place] for place in sorted(entries))


def _events(records: Iterable[bytes]) -> Iterable[ChainEntry]:
    for record in records:
        entry = read_entry(record)
        if isinstance(entry, Answer | HandIn):
            yield entry


def _segments(names: Iterable[str]) -> list[tuple[AttemptId, int, str]]:
    found = [(match, name) for name in names if (match := _SEGMENT.fullmatch(name))]
    segments = [(AttemptId(int(match[1])), int(match[2]), name) for match, name in found]
    return sorted(segments, key=lambda segment: segment[1])
