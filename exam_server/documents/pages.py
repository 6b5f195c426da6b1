"""What stands on each printed page: the interface between those who know the facts and those who draw the page.

Times are aware; the page shows them in the time of Hebei (UTC+8). Texts are printed as they are, never read as markup.
``sample`` puts 样张 behind the page; every demo and example sets it.
"""

from datetime import datetime

import msgspec

from exam_protocol.ids import Milli, SeatNo, TicketNo


class TicketPage(msgspec.Struct, frozen=True):
    """准考证 of one candidate. ``photo`` is a JPEG or PNG, or empty; ``trade`` reads 电工 06-008."""

    exam_title: str
    session_title: str
    issuer: str
    ticket_no: TicketNo
    name: str
    gender: str
    id_masked: str
    unit: str
    trade: str
    zone_name: str
    site_name: str
    address: str
    room_name: str
    seat: SeatNo
    starts_at: datetime
    ends_at: datetime
    latest_entry_at: datetime
    photo: bytes
    notes: tuple[str, ...] = ()
    """House rules of this exam; empty prints the usual six."""
    sample: bool = True


class RoomCounts(msgspec.Struct, frozen=True):
    """The sums of a room record: 应考 = 实考 + 缺考 + 转出; 实考 = 交卷 + 收卷 + 违纪停止 + 中止.

    ``extended`` and ``machine_changes`` count candidates, and belong to no sum.
    """

    expected: int
    present: int
    absent: int
    moved_out: int
    handed_in: int
    collected: int
    voided: int
    stopped: int
    extended: int
    machine_changes: int


class AbsentLine(msgspec.Struct, frozen=True):
    """One absent candidate."""

    seat: SeatNo
    name: str
    ticket_no: TicketNo
    trade: str


class EventLine(msgspec.Struct, frozen=True):
    """One line of what happened. ``who`` reads 13 郭春生, or 全场; ``minutes`` is the time given back, if any."""

    at: datetime
    who: str
    category: str
    words: str
    minutes: int | None
    actor: str


class SealedLine(msgspec.Struct, frozen=True):
    """The answer package the room's answers went into: when, its SHA-256 in hexadecimal, how many sittings of it."""

    sealed_at: datetime
    sha256: str
    sittings: int


class RoomRecord(msgspec.Struct, frozen=True):
    """考场情况记录单. ``package`` is ``None`` while the answers are not sealed; the page then says so."""

    exam_title: str
    subject: str
    record_no: str
    printed_at: datetime
    print_no: int
    zone_name: str
    room_name: str
    session_title: str
    planned_start: datetime
    planned_end: datetime
    actual_start: datetime | None
    actual_end: datetime | None
    counts: RoomCounts
    absentees: tuple[AbsentLine, ...]
    absence_note: str
    """Who confirmed the absences, for example 主考已确认."""
    events: tuple[EventLine, ...]
    package: SealedLine | None
    sample: bool = True


class SubjectLine(msgspec.Struct, frozen=True):
    """One subject on a transcript. ``milli`` is ``None`` where there is no mark; ``words`` is 合格, 不合格, 缺考, 违纪.

    ``display`` is the mark as published (78.5); the bar is drawn from ``milli``, the line from ``pass_milli``.
    """

    title: str
    subtitle: str
    milli: Milli | None
    display: str
    words: str
    is_passed: bool
    pass_milli: Milli = Milli(60_000)


class TranscriptPage(msgspec.Struct, frozen=True):
    """电子成绩单 of one candidate.

    ``verify_url`` is what the QR holds: the address of the verify page, #, and the signed text.
    """

    exam_title: str
    transcript_no: str
    revision: int
    name: str
    gender: str
    id_masked: str
    ticket_no: TicketNo
    trade: str
    zone_name: str
    unit: str
    photo: bytes
    know: SubjectLine
    do: SubjectLine
    verdict: str
    verdict_note: str
    is_passed: bool
    issuer: str
    issued_at: datetime
    verify_url: str
    notes: tuple[str, ...]
    sample: bool = True
