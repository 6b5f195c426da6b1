"""Where a zone stands, in counts only: for the status command, the centre's board, and whoever waits for it."""

import msgspec
from sqlalchemy import func, select

from exam_protocol.sitting_state import CLOSED, SittingState
from exam_server.models.exchange import HandOver
from exam_server.models.plan import ExamSession
from exam_server.models.sitting import AttemptEvent, Device, QuarantinedEvent, Sitting
from exam_server.services.wire_time import to_ms
from exam_server.work import Work


class ZoneStatus(msgspec.Struct, frozen=True):
    """Counts of a zone; times in ms since 1970."""

    server: str
    session: str | None
    expected: int
    """应考: sittings in the roster."""
    devices: int
    states: dict[str, int]
    """Sittings by state."""
    signed_in: int
    """Sittings whose candidate has signed in, whatever came after."""
    events: int
    """Chain entries committed."""
    quarantined: int
    closed: int
    """Sittings that have ended, absent ones too."""
    opened_at: int | None
    started_at: int | None
    closed_at: int | None
    package_made: bool
    package_taken: bool
    online: int = 0
    """Kiosks connected now, as the running server sees it."""


def zone_status(work: Work, server: str, online: int = 0) -> ZoneStatus:
    """Count. Reads only."""
    session = work.db.scalar(select(ExamSession))
    states = {
        SittingState(state): count
        for state, count in work.db.execute(select(Sitting.state, func.count()).group_by(Sitting.state))
    }
    packages = [taken_at for (taken_at,) in work.db.execute(select(HandOver.taken_at))]
    return ZoneStatus(
        server=server,
        session=session.session if session else None,
        expected=sum(states.values()),
        devices=work.db.scalar(select(func.count()).select_from(Device)) or 0,
        states={state.value: count for state, count in sorted(states.items())},
        signed_in=work.db.scalar(select(func.count()).where(Sitting.signed_in_at.is_not(None))) or 0,
        events=work.db.scalar(select(func.count()).select_from(AttemptEvent)) or 0,
        quarantined=work.db.scalar(select(func.count()).select_from(QuarantinedEvent)) or 0,
        closed=sum(count for state, count in states.items() if state in CLOSED),
        opened_at=to_ms(session.rooms_opened_at) if session and session.rooms_opened_at else None,
        started_at=to_ms(session.started_at) if session and session.started_at else None,
        closed_at=to_ms(session.closed_at) if session and session.closed_at else None,
        package_made=bool(packages),
        package_taken=any(taken_at is not None for taken_at in packages),
        online=online,
    )
