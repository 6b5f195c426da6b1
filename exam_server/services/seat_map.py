"""The seat map: every seat as a whole card, for a fresh snapshot and for each announcement after a commit."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, bindparam, func, select

from exam_protocol.catalogue import trade_words
from exam_protocol.ids import EpochMs, RoomId, SeatNo
from exam_protocol.sitting_state import SittingState
from exam_server.models.plan import ExamSession, Room
from exam_server.models.sitting import Attempt, Device, Incident, LedgerEntry, Sitting
from exam_server.notices import Place, SeatCard, SessionCard
from exam_server.services.wire_time import to_ms
from exam_server.work import Work

_ADDED = (
    select(func.coalesce(func.sum(LedgerEntry.seconds), 0)).where(LedgerEntry.sitting == Sitting.id).scalar_subquery()
)
_INCIDENTS = select(func.count()).where(Incident.sitting == Sitting.id).scalar_subquery()
_TAKEN_SEATS = (
    select(
        Sitting.room,
        Sitting.seat,
        Device.id.label("device"),
        Sitting.id.label("sitting"),
        Attempt.id.label("attempt"),
        Sitting.ticket_no,
        Sitting.name,
        Sitting.trade,
        Sitting.unit,
        Sitting.state,
        Sitting.started_at,
        Attempt.ends_at,
        Sitting.ended_at,
        _ADDED.label("added_s"),
        Attempt.receipt.is_not(None).label("has_receipt"),
        _INCIDENTS.label("incidents"),
    )
    .outerjoin(Device, (Device.room == Sitting.room) & (Device.seat == Sitting.seat))
    .outerjoin(Attempt, Attempt.sitting == Sitting.id)
)
_TAKEN_SEAT = _TAKEN_SEATS.where(Sitting.room == bindparam("at_room"), Sitting.seat == bindparam("at_seat"))


def seat_cards(work: Work) -> list[SeatCard]:
    """Return the card of every seat of the server, spare ones too, by room and seat: a fresh snapshot."""
    cards = {card.place: card for card in map(_card, work.db.execute(_TAKEN_SEATS))}
    devices: dict[Place, str] = {
        (room, seat): device for room, seat, device in work.db.execute(select(Device.room, Device.seat, Device.id))
    }
    for room in work.db.scalars(select(Room)):
        for number in range(1, room.seats + 1):
            place = (room.room, SeatNo(number))
            if place not in cards:
                cards[place] = SeatCard(*place, device=devices.get(place))  # type: ignore[arg-type]  # a NewType of str
    return [cards[place] for place in sorted(cards)]


def announce_seats(work: Work, places: Iterable[Place]) -> None:
    """Announce the cards of these seats as they will be after the commit."""
    work.db.flush()
    for room, seat in places:
        row = work.db.execute(_TAKEN_SEAT, {"at_room": room, "at_seat": seat}).one_or_none()
        work.announce(_spare(work, room, seat) if row is None else _card(row))


def _spare(work: Work, room: RoomId, seat: SeatNo) -> SeatCard:
    return SeatCard(
        room, seat, device=work.db.scalar(select(Device.id).where(Device.room == room, Device.seat == seat))
    )


def _card(row: Row[*tuple[Any, ...]]) -> SeatCard:
    read = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for a row by labels
    started_at, ended_at = read["started_at"], read["ended_at"]
    return SeatCard(
        room=read["room"],
        seat=read["seat"],
        device=read["device"],
        sitting=read["sitting"],
        attempt=read["attempt"],
        ticket_no=read["ticket_no"],
        name=read["name"],
        trade=trade_words(read["trade"]),
        unit=read["unit"],
        state=SittingState(read["state"]),
        started_at=to_ms(started_at) if started_at else None,
        ends_at=EpochMs(read["ends_at"]) if read["ends_at"] else None,
        ended_at=to_ms(ended_at) if ended_at else None,
        added_s=read["added_s"],
        has_receipt=bool(read["has_receipt"]),
        incidents=read["incidents"],
    )


def session_card(session: ExamSession) -> SessionCard:
    """Return the 场次 as consoles see it."""
    return SessionCard(
        session=session.session,
        session_title=session.session_title,
        exam_title=session.exam_title,
        zone_name=session.zone_name,
        server=session.server,
        starts_at=to_ms(session.starts_at),
        duration_s=session.duration_s,
        late_limit_s=session.late_limit_s,
        opened_at=to_ms(session.rooms_opened_at) if session.rooms_opened_at else None,
        started_at=to_ms(session.started_at) if session.started_at else None,
        closed_at=to_ms(session.closed_at) if session.closed_at else None,
    )


def announce_session(work: Work, session: ExamSession) -> None:
    """Announce the 场次 as it will be after the commit."""
    work.announce(session_card(session))


def read_snapshot(work: Work) -> tuple[SessionCard | None, list[SeatCard]]:
    """Return everything a console shows, fresh from the database."""
    session = work.db.scalar(select(ExamSession))
    return (session_card(session), seat_cards(work)) if session else (None, [])
