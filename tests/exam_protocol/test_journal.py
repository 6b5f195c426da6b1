"""The kiosk's journal: a cut is a cut, a change is noticed, nothing altered is ever given back."""

import os

import pytest
from damage import accepted, flipped
from hypothesis import given
from hypothesis import strategies as st

from exam_protocol.errors import JournalCorruptError, SealBrokenError
from exam_protocol.ids import AttemptId
from exam_protocol.journal import MAX_RECORD_BYTES, Segment, SegmentWriter, read_segment

SEAT_KEY = b"s" * 32
RECORDS = [b"first record", b"the second, a longer one", b"", b"fourth"]


def make_segment(records: list[bytes], attempt: int = 101, segment: int = 1) -> tuple[bytes, list[int]]:
    """Write a segment; returns its bytes and where its header and each record end."""
    writer = SegmentWriter(AttemptId(attempt), segment, SEAT_KEY)
    data, ends = writer.header, [len(writer.header)]
    for record in records:
        data += writer.seal(record)
        ends.append(len(data))
    return data, ends


DATA, ENDS = make_segment(RECORDS)
HEADER_END = ENDS[0]


@given(st.lists(st.binary(max_size=100), max_size=10))
def test_what_was_written_is_read_back(records: list[bytes]) -> None:
    read = read_segment(make_segment(records)[0], SEAT_KEY)

    assert read is not None
    assert list(read.records) == records
    assert (read.attempt, read.segment, read.cut_bytes) == (101, 1, 0)


def test_a_segment_torn_inside_its_header_holds_nothing() -> None:
    assert {read_segment(DATA[:length], SEAT_KEY) for length in range(HEADER_END)} == {None}


@pytest.mark.parametrize("whole", range(len(RECORDS)))
def test_a_segment_torn_at_any_byte_gives_all_whole_records(whole: int) -> None:
    torn = [read_segment(DATA[:length], SEAT_KEY) for length in range(ENDS[whole], ENDS[whole + 1])]

    assert torn == [
        Segment(AttemptId(101), 1, tuple(RECORDS[:whole]), cut_bytes)
        for cut_bytes in range(ENDS[whole + 1] - ENDS[whole])
    ]


def test_a_flipped_bit_with_good_records_behind_it_is_corruption() -> None:
    last_begins = ENDS[-2]
    damaged = (flipped(DATA, bit) for bit in range(last_begins * 8))

    assert accepted(damaged, lambda data: read_segment(data, SEAT_KEY)) == []


def test_a_flipped_bit_in_the_last_record_gives_all_others_and_tells_the_cut() -> None:
    last_begins = ENDS[-2]
    damaged = [flipped(DATA, bit) for bit in range(last_begins * 8, len(DATA) * 8)]

    read = {_read_or_none(data) for data in damaged}

    # Where the length itself shrank, bytes are left over behind the bad record: that is no torn tail, and refused.
    assert read == {Segment(AttemptId(101), 1, tuple(RECORDS[:-1]), len(DATA) - last_begins), None}


def test_a_record_whose_length_was_lost_is_corruption_when_others_follow() -> None:
    zeroed = DATA[: ENDS[0]] + bytes(4) + DATA[ENDS[0] + 4 :]
    with pytest.raises(JournalCorruptError):
        read_segment(zeroed, SEAT_KEY)


def test_a_tail_of_zeros_as_a_power_cut_leaves_it_is_cut() -> None:
    read = read_segment(DATA + bytes(100), SEAT_KEY)

    assert read is not None
    assert list(read.records) == RECORDS
    assert read.cut_bytes == 100


@given(st.binary(min_size=1, max_size=300))
def test_a_noisy_tail_never_gives_a_record(noise: bytes) -> None:
    try:
        read = read_segment(DATA + noise, SEAT_KEY)
    except JournalCorruptError:
        return
    assert read is not None
    assert list(read.records) == RECORDS


def test_a_dropped_record_is_noticed() -> None:
    with pytest.raises(JournalCorruptError):
        read_segment(DATA[: ENDS[0]] + DATA[ENDS[1] :], SEAT_KEY)


def test_a_repeated_record_is_noticed() -> None:
    with pytest.raises(JournalCorruptError):
        read_segment(DATA[: ENDS[1]] + DATA[ENDS[0] :], SEAT_KEY)


def test_a_record_moved_from_another_segment_is_noticed() -> None:
    other, ends = make_segment(RECORDS, segment=2)
    with pytest.raises(JournalCorruptError):
        read_segment(DATA[: ENDS[1]] + other[ends[1] :], SEAT_KEY)


def test_a_segment_of_another_seat_does_not_open() -> None:
    with pytest.raises(SealBrokenError):
        read_segment(DATA, b"t" * 32)


@pytest.mark.parametrize("other", [b"exam-journal/2\n", b"PK\x03\x04", b"exam-journal/1\n" + b"x" * 5000])
def test_what_is_no_journal_is_refused(other: bytes) -> None:
    with pytest.raises(JournalCorruptError):
        read_segment(other, SEAT_KEY)


def test_no_two_segments_share_a_key() -> None:
    first, _ = make_segment([b"same"], segment=1)
    second, _ = make_segment([b"same"], segment=1)

    assert first[-20:] != second[-20:]


def test_a_journal_shows_nothing_of_what_it_holds() -> None:
    data, _ = make_segment([b"the candidate chose option 3"])

    assert b"option" not in data


def test_a_record_over_the_limit_is_refused() -> None:
    writer = SegmentWriter(AttemptId(101), 1, SEAT_KEY, os.urandom)
    with pytest.raises(JournalCorruptError):
        writer.seal(bytes(MAX_RECORD_BYTES + 1))


def _read_or_none(data: bytes) -> Segment | None:
    try:
        return read_segment(data, SEAT_KEY)
    except JournalCorruptError:
        return None
