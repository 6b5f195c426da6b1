"""The content key goes to each seat at the hour, sealed to its kiosk; answering begins with it (SECURITY §3.4)."""

from collections.abc import Sequence

from sqlalchemy import select

from exam_protocol.envelope import seal
from exam_protocol.ids import EpochMs
from exam_protocol.messages import NotYet, PaperReleased, Ready, Refused
from exam_protocol.sealed_paper import device_context
from exam_protocol.sitting_state import WORDS, SittingState, move
from exam_server.models.plan import ExamSession
from exam_server.models.sitting import Attempt, Device, Sitting
from exam_server.notices import Place, Push
from exam_server.services.audit import write_audit
from exam_server.services.opening import ContentKeys, session_of
from exam_server.services.seat_map import announce_seats
from exam_server.services.sign_in import attempt_here
from exam_server.services.time_ledger import planned_end, set_end
from exam_server.services.wire_time import to_ms
from exam_server.work import Work

NOT_CONFIRMED = Refused("not_confirmed", "还没有确认身份。", "请先核对照片和姓名。")


def give_paper(work: Work, content_keys: ContentKeys, request: Ready) -> PaperReleased | NotYet | Refused:
    """Give a kiosk the key of its own paper, or tell it to wait. Safe to ask again; a restarted kiosk does."""
    here = attempt_here(work, request.device, request.attempt, request.epoch)
    if isinstance(here, Refused):
        return here
    attempt, sitting = here
    session = session_of(work)
    if sitting.state is SittingState.SIGNED_IN:
        return NOT_CONFIRMED
    if session.started_at is None or attempt.paper not in content_keys:
        return NotYet(to_ms(session.starts_at), to_ms(work.now))
    if sitting.state is SittingState.CONFIRMED:
        _begin(work, session, sitting, attempt)
        announce_seats(work, [(sitting.room, sitting.seat)])
    if sitting.state not in (SittingState.ANSWERING, SittingState.PAUSED):
        return Refused("sitting_closed", f"您的状态是“{WORDS[sitting.state]}”，不能作答。", "请举手，请监考员处理。")
    device = work.db.get_one(Device, attempt.device)
    return _released(work, session, attempt, device, content_keys)


def give_papers(work: Work, content_keys: ContentKeys) -> int:
    """Begin for everybody who has confirmed, and push the key to each kiosk. Returns how many began."""
    session = session_of(work)
    rows: Sequence[tuple[Sitting, Attempt, Device]] = [
        (sitting, attempt, device)
        for sitting, attempt, device in work.db.execute(
            select(Sitting, Attempt, Device)
            .join(Attempt, Attempt.sitting == Sitting.id)
            .join(Device, Device.id == Attempt.device)
            .where(Sitting.state == SittingState.CONFIRMED)
        )
    ]
    places: list[Place] = []
    for sitting, attempt, device in rows:
        _begin(work, session, sitting, attempt)
        work.announce(Push(device.id, _released(work, session, attempt, device, content_keys)))
        places.append((sitting.room, sitting.seat))
    announce_seats(work, places)
    return len(rows)


def _begin(work: Work, session: ExamSession, sitting: Sitting, attempt: Attempt) -> None:
    sitting.state = move(sitting.state, SittingState.ANSWERING)
    sitting.started_at = work.now
    set_end(attempt, planned_end(work, session, sitting.id), session)
    write_audit(work, "give_paper", f"sitting {sitting.id}", "开始作答")


def _released(
    work: Work, session: ExamSession, attempt: Attempt, device: Device, content_keys: ContentKeys
) -> PaperReleased:
    sealed = seal(
        content_keys[attempt.paper], device.encryption_key, device_context(device.id, attempt.id, attempt.paper)
    )
    return PaperReleased(
        attempt=attempt.id,
        paper=attempt.paper,
        sealed_content_key=sealed,
        started_at=to_ms(session.started_at or session.starts_at),
        ends_at=attempt.ends_at or EpochMs(0),
        zone_time=to_ms(work.now),
    )
