"""考场情况记录单: filled from what the zone holds; people only sign it (EXAM-DAY §3)."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from exam_protocol.catalogue import trade_words
from exam_protocol.ids import RoomId
from exam_protocol.sitting_state import PRESENT, SittingState
from exam_server.documents.pages import AbsentLine, EventLine, RoomCounts, RoomRecord, SealedLine
from exam_server.models.exchange import HandOver
from exam_server.models.plan import ExamSession, Room
from exam_server.models.sitting import Incident, LedgerEntry, Sitting
from exam_server.services.incidents import CATEGORIES
from exam_server.services.opening import session_of
from exam_server.services.package_import import ENTITLEMENT
from exam_server.work import Work

_DEVICE = "device "


def room_record(work: Work, room: RoomId, *, sample: bool = True) -> RoomRecord:
    """Return everything the record of a room prints. Reads only."""
    session, place = session_of(work), work.db.get_one(Room, room)
    sittings = work.db.scalars(select(Sitting).where(Sitting.room == room).order_by(Sitting.seat)).all()
    ends = [sitting.ended_at for sitting in sittings if sitting.ended_at is not None]
    extended = work.db.scalar(
        select(func.count(LedgerEntry.sitting.distinct()))
        .join(Sitting, Sitting.id == LedgerEntry.sitting)
        .where(Sitting.room == room, LedgerEntry.category != ENTITLEMENT)
    )
    planned_end = session.starts_at + timedelta(seconds=session.duration_s)
    return RoomRecord(
        exam_title=session.exam_title,
        subject="应知",
        record_no=f"{session.session}-{session.server}-{room}",
        printed_at=work.now,
        print_no=1,
        zone_name=session.zone_name,
        room_name=place.name,
        session_title=session.session_title,
        planned_start=session.starts_at,
        planned_end=planned_end,
        actual_start=session.started_at,
        actual_end=_end(session, ends),
        counts=_counts([sitting.state for sitting in sittings], extended or 0),
        absentees=tuple(
            AbsentLine(sitting.seat, sitting.name, sitting.ticket_no, trade_words(sitting.trade))
            for sitting in sittings
            if sitting.state is SittingState.ABSENT
        ),
        absence_note=_absence_note(work, room),
        events=_events(work, room),
        package=_package(work),
        sample=sample,
    )


def _end(session: ExamSession, ends: list[datetime]) -> datetime | None:
    return max(ends) if session.closed_at is not None and ends else session.closed_at


def _counts(states: list[SittingState], extended: int) -> RoomCounts:
    return RoomCounts(
        expected=len(states),
        present=sum(state in PRESENT for state in states),
        absent=states.count(SittingState.ABSENT),
        moved_out=states.count(SittingState.MOVED_OUT),
        handed_in=states.count(SittingState.HANDED_IN),
        collected=states.count(SittingState.COLLECTED),
        voided=states.count(SittingState.VOIDED),
        stopped=states.count(SittingState.STOPPED),
        extended=extended,
        machine_changes=0,
    )


def _absence_note(work: Work, room: RoomId) -> str:
    by = work.db.scalars(
        select(Incident.actor).where(Incident.room == room, Incident.category == "absent").distinct()
    ).all()
    return f"{'、'.join(by)} 已确认" if by else ""


def _events(work: Work, room: RoomId) -> tuple[EventLine, ...]:
    rows = work.db.execute(
        select(Incident, Sitting.seat, Sitting.name)
        .outerjoin(Sitting, Sitting.id == Incident.sitting)
        .where(Incident.room == room, Incident.category != "absent")
        .order_by(Incident.id)
    )
    return tuple(
        EventLine(
            at=incident.at,
            who=f"{seat} {name}" if seat is not None else "全场",
            category=CATEGORIES.get(incident.category, incident.category),
            words=incident.words,
            minutes=None,
            actor="系统" if incident.actor.startswith((_DEVICE, "system", "kiosk")) else incident.actor,
        )
        for incident, seat, name in rows
    )


def _package(work: Work) -> SealedLine | None:
    made = work.db.scalar(select(HandOver).order_by(HandOver.made_at.desc()).limit(1))
    return SealedLine(made.made_at, made.sha256, made.sittings) if made else None
