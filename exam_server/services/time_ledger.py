"""时间账: a candidate's end = the planned end + the sum of approved entries; the start never moves."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select

from exam_protocol.errors import KaopingError
from exam_protocol.ids import EpochMs, RoomId, SittingId
from exam_protocol.messages import TimeChanged
from exam_protocol.sitting_state import CLOSED, WORDS, SittingState
from exam_server.models.plan import ExamSession
from exam_server.models.sitting import Attempt, LedgerEntry, Sitting
from exam_server.notices import Push
from exam_server.services.accounts import require_role
from exam_server.services.audit import write_audit
from exam_server.services.incidents import add_incident
from exam_server.services.opening import session_of
from exam_server.services.seat_map import announce_seats
from exam_server.services.wire_time import to_ms
from exam_server.work import Work

MAX_EXTENSION = timedelta(hours=3)


class ExtensionRefusedError(KaopingError):
    """Nobody is named, no reason is given, the time is out of bounds, or a sitting has ended."""


def planned_end(work: Work, session: ExamSession, sitting: SittingId) -> EpochMs:
    """Return the end of a sitting that has begun, in ms: start + duration + everything in its ledger."""
    added = work.db.scalar(
        select(func.coalesce(func.sum(LedgerEntry.seconds), 0)).where(LedgerEntry.sitting == sitting)
    )
    start = session.started_at or session.starts_at
    return to_ms(start + timedelta(seconds=session.duration_s + (added or 0)))


def set_end(attempt: Attempt, ends_at: EpochMs, session: ExamSession) -> None:
    """Write an end into the columns that commits of answers decide by; packets in flight have the grace."""
    attempt.ends_at = ends_at
    attempt.accepts_until = EpochMs(ends_at + session.grace_s * 1000)


def extend_time(work: Work, sittings: Sequence[SittingId], seconds: int, category: str, reason: str) -> int:
    """Add time to the named sittings; their kiosks show it at once. Returns how many got it.

    All or none: raises ``ExtensionRefusedError`` when one of them has ended, ``NotAllowedError`` without the right.
    """
    require_role(work, "invigilator", "chief")
    if not sittings or not reason.strip():
        raise ExtensionRefusedError("没有选定考生，或没有写原因。", "请选定考生并写明延时原因。")
    if not 0 < seconds <= MAX_EXTENSION.total_seconds():
        raise ExtensionRefusedError("延时应在 1 秒到 3 小时之间。", "请改正延时时间。")
    session = session_of(work)
    chosen = work.db.scalars(select(Sitting).where(Sitting.id.in_(sittings))).all()
    ended = [sitting for sitting in chosen if sitting.state in CLOSED]
    if ended or len(chosen) != len(set(sittings)):
        seats = "、".join(f"{sitting.seat} 座{WORDS[sitting.state]}" for sitting in ended) or "有考生不在本考点"
        raise ExtensionRefusedError(f"{seats}，不能延时。", "请重新选择考生。")
    for sitting in chosen:
        _extend(work, session, sitting, seconds=seconds, category=category, reason=reason)
    announce_seats(work, [(sitting.room, sitting.seat) for sitting in chosen])
    return len(chosen)


def sittings_of_room(work: Work, room: RoomId) -> list[SittingId]:
    """Return everybody of a room whose sitting has not ended: whom 全场 means."""
    return list(work.db.scalars(select(Sitting.id).where(Sitting.room == room, Sitting.state.not_in(CLOSED))))


def _extend(work: Work, session: ExamSession, sitting: Sitting, *, seconds: int, category: str, reason: str) -> None:
    work.db.add(
        LedgerEntry(
            sitting=sitting.id, seconds=seconds, category=category, reason=reason, actor=work.actor.name, at=work.now
        )
    )
    work.db.flush()
    minutes, rest = divmod(seconds, 60)
    words = f"补时 {minutes} 分 {rest} 秒：{reason}" if rest else f"补时 {minutes} 分：{reason}"
    add_incident(work, "extension", words, room=sitting.room, sitting=sitting.id)
    write_audit(work, "extend_time", f"sitting {sitting.id}", words)
    attempt = work.db.scalar(select(Attempt).where(Attempt.sitting == sitting.id))
    if attempt is None or sitting.state is not SittingState.ANSWERING:
        return  # counts when the sitting begins
    set_end(attempt, planned_end(work, session, sitting.id), session)
    attempt.collect_told_at = attempt.collect_words = None
    work.announce(
        Push(attempt.device, TimeChanged(attempt.id, attempt.ends_at or EpochMs(0), to_ms(work.now), seconds))
    )
