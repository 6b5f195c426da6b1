"""The journal on a disk that loses power, fails, or is read by an auditor."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from factories import make_answer
from simulated_zone import PowerCut, SimulatedDisk

from exam_protocol.canonical_json import encode
from exam_protocol.errors import JournalCorruptError
from exam_protocol.event_chain import head_after
from exam_protocol.ids import AttemptId
from exam_protocol.messages import Answer
from kiosk_client.disk import FolderDisk
from kiosk_client.journal_file import JournalFile, NotKeptError, last_journal, read_all
from kiosk_client.seat_files import SeatFiles

SEAT_KEY = b"s" * 32
ATTEMPT = AttemptId(101)
RECORDS = [b"first record", b"second", b"third, somewhat longer than the others"]


def kept(disk: SimulatedDisk) -> tuple[bytes, ...]:
    journal = last_journal(disk, SEAT_KEY)
    return () if journal is None else journal[1]


def test_what_was_appended_is_read_back_in_order(disk: SimulatedDisk) -> None:
    journal = JournalFile(disk, ATTEMPT, SEAT_KEY)
    journal.append(RECORDS[:2])
    journal.append(RECORDS[2:])
    assert last_journal(disk, SEAT_KEY) == (ATTEMPT, tuple(RECORDS))


def test_records_are_not_readable_on_the_disk(disk: SimulatedDisk) -> None:
    JournalFile(disk, ATTEMPT, SEAT_KEY).append(RECORDS)
    assert not any(record in content for content in disk.files.values() for record in RECORDS)


def test_a_power_cut_at_any_byte_loses_no_record_that_was_kept() -> None:
    length = _length_of_all_records()
    losses = []
    for power in range(length):
        disk = SimulatedDisk()
        disk.power_bytes = power
        journal = JournalFile(disk, ATTEMPT, SEAT_KEY)
        acknowledged = _appended_until_power_cut(journal)
        if kept(SimulatedDisk(disk.files)) != tuple(RECORDS[:acknowledged]):
            losses.append(power)
    assert losses == []


def test_after_a_torn_write_the_next_process_goes_on_in_a_segment_of_its_own() -> None:
    disk = SimulatedDisk()
    disk.power_bytes = _length_of_all_records() - 1
    journal = JournalFile(disk, ATTEMPT, SEAT_KEY)
    assert _appended_until_power_cut(journal) == 2
    disk.power_bytes = None
    torn = dict(disk.files)
    JournalFile(disk, ATTEMPT, SEAT_KEY).append([b"after"])
    assert {name: disk.files[name] for name in torn} == torn
    assert kept(disk) == (*RECORDS[:2], b"after")


def test_after_one_failed_sync_the_record_goes_to_a_new_segment() -> None:
    disk = SimulatedDisk()
    journal = JournalFile(disk, ATTEMPT, SEAT_KEY)
    journal.append([RECORDS[0]])
    disk.failing_appends = 1
    journal.append([RECORDS[1]])
    journal.append([RECORDS[2]])
    assert kept(disk) == tuple(RECORDS)
    assert len(disk.names()) == 2


def test_when_the_disk_keeps_failing_the_record_is_refused_loudly() -> None:
    disk = SimulatedDisk()
    journal = JournalFile(disk, ATTEMPT, SEAT_KEY)
    disk.failing_appends = 2
    with pytest.raises(NotKeptError, match="举手"):
        journal.append([RECORDS[0]])
    assert kept(disk) == ()


def test_the_attempt_that_was_written_last_is_the_one_that_sits_here(disk: SimulatedDisk) -> None:
    JournalFile(disk, AttemptId(901), SEAT_KEY).append([b"earlier candidate"])
    JournalFile(disk, AttemptId(101), SEAT_KEY).append([b"candidate"])
    assert last_journal(disk, SEAT_KEY) == (AttemptId(101), (b"candidate",))


def test_a_damaged_record_with_good_ones_behind_it_is_corruption_and_the_file_stays(disk: SimulatedDisk) -> None:
    journal = JournalFile(disk, ATTEMPT, SEAT_KEY)
    for record in RECORDS:
        journal.append([record])
    (name,) = disk.names()
    content = bytearray(disk.files[name])
    content[-len(RECORDS[2]) - 40] ^= 1
    disk.files[name] = bytes(content)
    with pytest.raises(JournalCorruptError, match="保留文件"):
        last_journal(disk, SEAT_KEY)
    assert disk.files[name] == bytes(content)


def test_an_auditor_lists_every_event_of_every_seat_once(tmp_path: Path) -> None:
    chains = {seat: _chain(attempt, 3) for seat, attempt in (("seat-1", 101), ("seat-2", 201))}
    for seat, chain in chains.items():
        disk = FolderDisk(tmp_path / seat)
        device = SeatFiles(disk).device
        attempt = chain[0].attempt
        JournalFile(disk, attempt, device.seat_key).append([encode(entry) for entry in chain[:2]])
        JournalFile(disk, attempt, device.seat_key).append([encode(entry) for entry in chain[1:]])
        disk.close_all()
    assert read_all(tmp_path) == (*chains["seat-1"], *chains["seat-2"])
    assert read_all(tmp_path / "seat-2") == tuple(chains["seat-2"])


WRITING_PROCESS = """
import sys
from pathlib import Path
from kiosk_client.disk import FolderDisk
from kiosk_client.journal_file import JournalFile
journal = JournalFile(FolderDisk(Path(sys.argv[1])), 101, b"s" * 32)
for number in range(100_000):
    journal.append([b"record %d" % number])
    print(number, flush=True)
"""


@pytest.mark.wire
def test_a_process_killed_in_the_middle_of_writing_has_lost_nothing_it_told(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", WRITING_PROCESS, str(tmp_path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    told = [int(process.stdout.readline()) for _ in range(20)]
    os.kill(process.pid, signal.SIGKILL)
    told += [int(line) for line in process.stdout.read().split()]
    process.wait()
    process.stdout.close()
    journal = last_journal(FolderDisk(tmp_path), SEAT_KEY)
    assert journal is not None
    assert journal[1][: len(told)] == tuple(b"record %d" % number for number in told)


def _chain(attempt: int, length: int) -> list[Answer]:
    entries: list[Answer] = []
    for seq in range(1, length + 1):
        prev = head_after(encode(entries[-1])) if entries else "0" * 64
        entries.append(make_answer(seq=seq, prev=prev, attempt=attempt))
    return entries


def _appended_until_power_cut(journal: JournalFile) -> int:
    for number, record in enumerate(RECORDS):
        try:
            journal.append([record])
        except PowerCut:
            return number
    return len(RECORDS)


def _length_of_all_records() -> int:
    disk = SimulatedDisk()
    journal = JournalFile(disk, ATTEMPT, SEAT_KEY)
    for record in RECORDS:
        journal.append([record])
    return sum(len(content) for content in disk.files.values())
