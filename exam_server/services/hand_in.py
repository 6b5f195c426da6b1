"""交卷: the closing entry of a chain, and the signed receipt of what the zone holds (SECURITY §4)."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from exam_protocol.documents import Receipt
from exam_protocol.event_chain import fold, head_after, read_event
from exam_protocol.ids import AttemptId, DeviceId, EpochMs
from exam_protocol.keys import sign_document
from exam_protocol.messages import HandedIn, HandIn, Refused
from exam_protocol.receipt_code import receipt_code
from exam_protocol.sitting_state import SittingState, move
from exam_server.models.exchange import SealedPaper
from exam_server.models.plan import ExamSession
from exam_server.models.sitting import Attempt, AttemptEvent, Sitting
from exam_server.services.answering import Arrival, why_not
from exam_server.services.audit import write_audit
from exam_server.services.opening import ZoneKeys, session_of
from exam_server.services.seat_map import announce_seats
from exam_server.services.wire_time import to_ms
from exam_server.work import Work

_CLOCK_TOLERANCE = timedelta(seconds=1)
BY_CANDIDATE, BY_TIME, BY_COLLECTION = "candidate", "time_up", "collected"
_UNKNOWN_REASON = Refused("unknown_reason", "交卷的原因不对。", "请检查版本是否一致。")


def hand_in(work: Work, keys: ZoneKeys, device: DeviceId, request: HandIn, content: str) -> HandedIn | Refused:
    """Close a chain and return the receipt. Again gives the very same receipt.

    ``content`` are the bytes of ``request``. A hand-in that comes after collection is kept aside like any late event.
    """
    attempt = work.db.get(Attempt, request.attempt)
    if attempt is not None and attempt.device == device and attempt.receipt is not None:
        held = work.db.get(AttemptEvent, (attempt.id, request.seq))
        if held is not None and held.content == content:
            return _handed_in(attempt)
    if attempt is None or not _continues(attempt, device, request) or attempt.accepts_until < to_ms(work.now):
        arrival = Arrival(request.attempt, request.epoch, request.seq, request.prev, device, content)
        return why_not(work, arrival)
    if request.reason not in {BY_CANDIDATE, BY_TIME, BY_COLLECTION}:
        return _UNKNOWN_REASON
    session, sitting = session_of(work), work.db.get_one(Sitting, attempt.sitting)
    is_by_candidate = not _is_at_the_end(work, attempt, request.reason)
    if is_by_candidate:
        opens_at = (session.started_at or session.starts_at) + timedelta(seconds=session.earliest_hand_in_s)
        if work.now + _CLOCK_TOLERANCE < opens_at:
            return Refused("too_early", "还没有到可以交卷的时间。", "请继续检查答案。")
    work.db.add(AttemptEvent(attempt=attempt.id, seq=request.seq, content=content, arrived_at=to_ms(work.now)))
    attempt.acked_seq, attempt.head, attempt.is_closed = request.seq, head_after(content.encode()), True
    end_sitting(work, sitting, attempt, SittingState.HANDED_IN if is_by_candidate else SittingState.COLLECTED)
    attempt.receipt = _receipt(work, keys, session, sitting, attempt)
    write_audit(
        work, "hand_in", f"sitting {sitting.id}", f"{'交卷' if is_by_candidate else '收卷'}，收到 {request.seq} 条"
    )
    announce_seats(work, [(sitting.room, sitting.seat)])
    return _handed_in(attempt)


def _is_at_the_end(work: Work, attempt: Attempt, reason: str) -> bool:
    """Judge what a kiosk claims: time is up by our clock, or we told it to close. Else it is the candidate's wish."""
    if reason == BY_TIME:
        return attempt.ends_at is not None and to_ms(work.now + _CLOCK_TOLERANCE) >= attempt.ends_at
    return reason == BY_COLLECTION and attempt.collect_told_at is not None


def end_sitting(work: Work, sitting: Sitting, attempt: Attempt | None, state: SittingState) -> None:
    """Move a sitting to its end and stop taking its answers, in one."""
    sitting.state, sitting.ended_at = move(sitting.state, state), work.now
    if attempt is not None:
        attempt.accepts_until = EpochMs(0)


def events_of(work: Work, attempt: AttemptId) -> Sequence[str]:
    """Return the exact bytes of an attempt's chain, as text, in order."""
    return work.db.scalars(
        select(AttemptEvent.content).where(AttemptEvent.attempt == attempt).order_by(AttemptEvent.seq)
    ).all()


def _continues(attempt: Attempt, device: DeviceId, request: HandIn) -> bool:
    return (
        attempt.device == device
        and attempt.epoch == request.epoch
        and attempt.acked_seq + 1 == request.seq
        and attempt.head == request.prev
    )


def _receipt(work: Work, keys: ZoneKeys, session: ExamSession, sitting: Sitting, attempt: Attempt) -> bytes:
    work.db.flush()
    responses = fold(read_event(event.encode()) for event in events_of(work, attempt.id))
    items = work.db.scalar(select(SealedPaper.items).where(SealedPaper.paper == attempt.paper))
    document = Receipt(
        exam=session.exam,
        session=session.session,
        server=keys.server,
        sitting=sitting.id,
        attempt=attempt.id,
        ticket_no=sitting.ticket_no,
        events=attempt.acked_seq,
        head=attempt.head,
        answered=responses.answered,
        items=items or 0,
        at=to_ms(work.now),
    )
    return sign_document(document, keys.signing)


def _handed_in(attempt: Attempt) -> HandedIn:
    receipt = attempt.receipt or b""
    return HandedIn(attempt.id, attempt.acked_seq, receipt, receipt_code(receipt))
