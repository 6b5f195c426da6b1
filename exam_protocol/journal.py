r"""The kiosk's journal as bytes: append-only encrypted segments, one per process run (SECURITY §4).

```
exam-journal/1\\n
<segment header, one line of canonical JSON: attempt, segment number, journal key wrapped by the seat key>\\n
<record><record>…       record = length (4 bytes, big endian) ‖ ciphertext of that length
```
A record is ChaCha20-Poly1305 under the segment's own key with its number as nonce and, as associated data, attempt ‖
segment ‖ record number ‖ hash of the record before it: a record can be neither moved, dropped nor repeated unseen. The
nonce may count because no two segments share a key: a process never appends to a segment that another one began.
Nothing here touches a disk; ``kiosk_client.journal_file`` does. Described in ``docs/journal-format.md``.
"""

import hashlib
import os

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from exam_protocol.canonical_json import decode, encode
from exam_protocol.envelope import KEY_BYTES, Randomness, decrypt, encrypt
from exam_protocol.errors import JournalCorruptError, KaopingError
from exam_protocol.ids import AttemptId

_FIRST_LINE = b"exam-journal/1\n"
_MAX_HEADER_BYTES = 4096
MAX_RECORD_BYTES = 1024 * 1024
_LENGTH_BYTES = 4
_TAG_BYTES = 16


class _Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    attempt: AttemptId
    segment: int
    wrapped_key: bytes


class SegmentWriter:
    """Turns records into the bytes to append, in order. One writer per segment and process."""

    def __init__(self, attempt: AttemptId, segment: int, seat_key: bytes, randomness: Randomness = os.urandom) -> None:
        journal_key = randomness(KEY_BYTES)
        wrapped = encrypt(journal_key, seat_key, f"exam-journal/1 {attempt} {segment}", randomness)
        self.header = _FIRST_LINE + encode(_Header(attempt, segment, wrapped)) + b"\n"
        self._cipher = ChaCha20Poly1305(journal_key)
        self._place = f"{attempt} {segment}"
        self._count = 0
        self._prev = hashlib.sha256(self.header).digest()

    def seal(self, record: bytes) -> bytes:
        """Return the bytes of the next record; they must be appended in this order and nowhere else."""
        if len(record) > MAX_RECORD_BYTES:
            raise JournalCorruptError("记录过长，不能写入作答日志。", "请举手，请监考员处理。")
        ciphertext = self._cipher.encrypt(_nonce(self._count), record, _bound(self._place, self._count, self._prev))
        self._count += 1
        self._prev = hashlib.sha256(ciphertext).digest()
        return len(ciphertext).to_bytes(_LENGTH_BYTES, "big") + ciphertext


class Segment(msgspec.Struct, frozen=True):
    """What a segment holds. ``cut_bytes`` is the length of a torn tail that was left out (a power cut's trace)."""

    attempt: AttemptId
    segment: int
    records: tuple[bytes, ...]
    cut_bytes: int


def read_segment(data: bytes, seat_key: bytes) -> Segment | None:
    """Read a segment back.

    Returns ``None`` when not even the header was written whole. A bad tail is cut; a bad record with another whole
    record behind it raises ``JournalCorruptError``: keep the file, alarm, go on from the zone's copy. A segment that
    another seat key made raises ``SealBrokenError``.
    """
    end_of_header = data.find(b"\n", len(_FIRST_LINE), len(_FIRST_LINE) + _MAX_HEADER_BYTES)
    if not data.startswith(_FIRST_LINE) or end_of_header < 0:
        if _is_torn_header(data):
            return None
        raise JournalCorruptError("作答日志的文件头损坏。", "请保留文件，举手请监考员从考点恢复。")
    try:
        header = decode(data[len(_FIRST_LINE) : end_of_header], _Header, max_bytes=_MAX_HEADER_BYTES)
    except KaopingError as broken:
        raise JournalCorruptError("作答日志的文件头损坏。", "请保留文件，举手请监考员从考点恢复。") from broken
    journal_key = decrypt(header.wrapped_key, seat_key, f"exam-journal/1 {header.attempt} {header.segment}")
    cipher, place = ChaCha20Poly1305(journal_key), f"{header.attempt} {header.segment}"
    position, prev = end_of_header + 1, hashlib.sha256(data[: end_of_header + 1]).digest()
    records: list[bytes] = []
    while position < len(data):
        ciphertext = _record_at(data, position)
        try:
            if ciphertext is None:
                raise InvalidTag  # noqa: TRY301 - a torn record and a damaged one are judged together below
            record = cipher.decrypt(_nonce(len(records)), ciphertext, _bound(place, len(records), prev))
        except InvalidTag:
            if _has_whole_record_behind(data, position, ciphertext):
                raise JournalCorruptError(
                    f"作答日志第 {len(records) + 1} 条损坏，后面还有内容。", "请保留文件，举手请监考员从考点恢复。"
                ) from None
            break
        records.append(record)
        position += _LENGTH_BYTES + len(ciphertext)
        prev = hashlib.sha256(ciphertext).digest()
    return Segment(header.attempt, header.segment, tuple(records), len(data) - position)


def _is_torn_header(data: bytes) -> bool:
    # A record's length begins with a zero byte, so a header with records behind it can never pass for a torn one.
    rest = data.removeprefix(_FIRST_LINE)
    return _FIRST_LINE.startswith(data) or (rest != data and len(data) < _MAX_HEADER_BYTES and min(rest) >= ord(" "))


def _has_whole_record_behind(data: bytes, position: int, ciphertext: bytes | None) -> bool:
    """Whether anything but a torn tail follows a bad record.

    Where the record's own length can be believed, any byte behind it is too much for a torn tail. Where it cannot, look
    for a place from which records of plausible length reach exactly to the end; noise does so once in 2^32 bytes.
    """
    if ciphertext is not None:
        return position + _LENGTH_BYTES + len(ciphertext) < len(data)
    reaches_end = {len(data)}
    for start in range(len(data) - _LENGTH_BYTES - _TAG_BYTES, position + _LENGTH_BYTES, -1):
        length = int.from_bytes(data[start : start + _LENGTH_BYTES], "big")
        if length >= _TAG_BYTES and start + _LENGTH_BYTES + length in reaches_end:
            reaches_end.add(start)
    return len(reaches_end) > 1


def _record_at(data: bytes, position: int) -> bytes | None:
    length = int.from_bytes(data[position : position + _LENGTH_BYTES], "big")
    start = position + _LENGTH_BYTES
    if start > len(data) or start + length > len(data) or not 0 < length <= MAX_RECORD_BYTES + _TAG_BYTES:
        return None
    return data[start : start + length]


def _nonce(count: int) -> bytes:
    return count.to_bytes(12, "big")


def _bound(place: str, count: int, prev: bytes) -> bytes:
    return f"{place} {count} ".encode() + prev
