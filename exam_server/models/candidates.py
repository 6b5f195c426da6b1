"""The roster at the centre, and the plan made from it: candidates, rooms, seats (centre only).

Retention: these rows are of persons; ``kaoping centre`` keeps them until the year's results have expired (当年有效).
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from exam_protocol.ids import RoomId, SeatNo, ServerId, SessionId, SittingId, TicketNo, TradeCode
from exam_server.models.base import Base, enum_by_value

_CENTRE = {"info": {"roles": ("centre",)}}


class Gender(StrEnum):
    """性别, as on the ID card."""

    MALE = "男"
    FEMALE = "女"


class Candidate(Base):
    """考生. The ID number is sealed for this very row and found by a keyed blind index; it stands nowhere else."""

    __tablename__ = "candidate"
    __table_args__ = (
        UniqueConstraint("id_number_index"),
        CheckConstraint("extra_minutes >= 0", name="extra_minutes_not_negative"),
        _CENTRE,
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id_number_sealed: Mapped[bytes]
    id_number_index: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(64))
    gender: Mapped[Gender] = mapped_column(enum_by_value(Gender))
    unit: Mapped[str] = mapped_column(String(120))
    trade_code: Mapped[TradeCode] = mapped_column(String(6))
    zone_code: Mapped[str] = mapped_column(String(3))
    photo: Mapped[bytes]
    extra_minutes: Mapped[int]
    activation_hash: Mapped[str | None] = mapped_column(String(64))
    """Keyed hash of the code for the first password at the portal; the code itself is on the unit's list alone."""
    imported_at: Mapped[datetime]


class Seating(Base):
    """The one run of seating that counts: its seed fixes seats and display orders."""

    __tablename__ = "seating"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"), _CENTRE)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seed: Mapped[str] = mapped_column(String(64))
    rooms_per_site: Mapped[int]
    revision: Mapped[int]
    """Rises each time everybody is seated anew; rosters carry it, so that an old one shows as old."""
    seated_at: Mapped[datetime]


class PlannedRoom(Base):
    """考场 as planned: its seats along rows of ``columns``."""

    __tablename__ = "planned_room"
    __table_args__ = (CheckConstraint("seats BETWEEN 1 AND 99", name="seats_are_two_digits"), _CENTRE)

    server: Mapped[ServerId] = mapped_column(String(9), primary_key=True)
    room: Mapped[RoomId] = mapped_column(String(2), primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    seats: Mapped[int]
    columns: Mapped[int]


class PlannedSitting(Base):
    """One candidate in one session at one seat; ``id`` is the sitting's id on every wire."""

    __tablename__ = "planned_sitting"
    __table_args__ = (
        UniqueConstraint("ticket_no"),
        UniqueConstraint("candidate_id", "session"),
        UniqueConstraint("server", "session", "room", "seat", name="uq_planned_sitting_seat"),
        ForeignKeyConstraint(["server", "room"], ["planned_room.server", "planned_room.room"]),
        _CENTRE,
    )

    id: Mapped[SittingId] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    candidate_id: Mapped[int] = mapped_column(ForeignKey("candidate.id"))
    session: Mapped[SessionId] = mapped_column(String(16))
    server: Mapped[ServerId] = mapped_column(String(9))
    room: Mapped[RoomId] = mapped_column(String(2))
    seat: Mapped[SeatNo]
    ticket_no: Mapped[TicketNo] = mapped_column(String(10))
    order_seed: Mapped[int] = mapped_column(BigInteger)

    candidate: Mapped[Candidate] = relationship(lazy="raise_on_sql")
