"""Sittings at a zone: the candidate planned for a seat, the kiosk in it, the attempt, its events, its time."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from exam_protocol.ids import (
    AttemptId,
    DeviceId,
    EpochMs,
    PaperId,
    RoomId,
    SeatNo,
    SittingId,
    TicketNo,
    TradeCode,
)
from exam_protocol.sitting_state import SittingState
from exam_server.models.base import Base, enum_by_value

_ZONE = {"roles": ("zone",)}


class Sitting(Base):
    """应试: one candidate in this 场次 at one seat. It holds no ID number, only its last four and a keyed hash."""

    __tablename__ = "zone_sitting"
    __table_args__ = (UniqueConstraint("room", "seat"), {"info": _ZONE})

    id: Mapped[SittingId] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    ticket_no: Mapped[TicketNo] = mapped_column(unique=True)
    name: Mapped[str]
    trade: Mapped[TradeCode]
    unit: Mapped[str]
    room: Mapped[RoomId] = mapped_column(ForeignKey("zone_room.room"))
    seat: Mapped[SeatNo]
    id_last4: Mapped[str]
    id_keyed_hash: Mapped[str]
    order_seed: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[SittingState] = mapped_column(enum_by_value(SittingState), default=SittingState.EXPECTED)
    signed_in_at: Mapped[datetime | None] = mapped_column(default=None)
    started_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)


class Portrait(Base):
    """The candidate's photo, apart from the sitting so that no other query carries it."""

    __tablename__ = "zone_portrait"
    __table_args__ = ({"info": _ZONE},)

    sitting: Mapped[SittingId] = mapped_column(ForeignKey("zone_sitting.id"), primary_key=True)
    content: Mapped[bytes]


class Device(Base):
    """考试机: the kiosk enrolled at a seat. Only the hash of its token is kept."""

    __tablename__ = "zone_device"
    __table_args__ = (UniqueConstraint("room", "seat"), {"info": _ZONE})

    id: Mapped[DeviceId] = mapped_column(primary_key=True)
    room: Mapped[RoomId] = mapped_column(ForeignKey("zone_room.room"))
    seat: Mapped[SeatNo]
    token_hash: Mapped[str]
    signing_key: Mapped[bytes]
    encryption_key: Mapped[bytes]
    software: Mapped[str]
    enrolled_at: Mapped[datetime]
    wrong_id_numbers: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(default=None)


class Attempt(Base):
    """作答: one run of answering, and how far its chain has come.

    The columns are what a commit of answers decides by: ``device``, ``epoch``, ``acked_seq``, ``head`` and
    ``accepts_until`` (ms; 0 while nothing is taken: before the start, after the end). ``ends_at`` (ms) is the planned
    end plus the ledger; ``collect_told_at`` (ms) is when the kiosk was last told to close its chain, and
    ``collect_words`` are what it was told.
    """

    __tablename__ = "zone_attempt"
    __table_args__ = ({"info": _ZONE},)

    id: Mapped[AttemptId] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sitting: Mapped[SittingId] = mapped_column(ForeignKey("zone_sitting.id"), unique=True)
    device: Mapped[DeviceId] = mapped_column(ForeignKey("zone_device.id"), index=True)
    paper: Mapped[PaperId]
    epoch: Mapped[int]
    acked_seq: Mapped[int]
    head: Mapped[str]
    is_closed: Mapped[bool] = mapped_column(default=False)
    ends_at: Mapped[EpochMs | None] = mapped_column(BigInteger, default=None)
    accepts_until: Mapped[EpochMs] = mapped_column(BigInteger, default=0)
    collect_told_at: Mapped[EpochMs | None] = mapped_column(BigInteger, default=None)
    collect_words: Mapped[str | None] = mapped_column(default=None)
    receipt: Mapped[bytes | None] = mapped_column(default=None)


class AttemptEvent(Base):
    """One entry of an attempt's chain: the exact bytes of an ``Answer`` or ``HandIn``, as text. Only ever added."""

    __tablename__ = "zone_attempt_event"
    # The key is all there is to look up by: without a rowid one tree is written instead of two.
    __table_args__ = ({"info": _ZONE, "sqlite_with_rowid": False},)

    attempt: Mapped[AttemptId] = mapped_column(
        BigInteger, ForeignKey("zone_attempt.id"), primary_key=True, autoincrement=False
    )
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[str]
    arrived_at: Mapped[EpochMs] = mapped_column(BigInteger)


class QuarantinedEvent(Base):
    """待定区: an event that came too late or does not fit; kept and shown, never counted without a signed decision."""

    __tablename__ = "zone_quarantined_event"
    __table_args__ = (UniqueConstraint("attempt", "seq", "digest"), {"info": _ZONE})

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt: Mapped[AttemptId] = mapped_column(BigInteger)
    seq: Mapped[int]
    digest: Mapped[str]
    content: Mapped[str]
    reason: Mapped[str]
    arrived_at: Mapped[EpochMs] = mapped_column(BigInteger)


class LedgerEntry(Base):
    """One approved entry of a sitting's time ledger, in seconds. Only ever added."""

    __tablename__ = "zone_ledger_entry"
    __table_args__ = ({"info": _ZONE},)

    id: Mapped[int] = mapped_column(primary_key=True)
    sitting: Mapped[SittingId] = mapped_column(ForeignKey("zone_sitting.id"), index=True)
    seconds: Mapped[int]
    category: Mapped[str]
    reason: Mapped[str]
    actor: Mapped[str]
    at: Mapped[datetime]


class Incident(Base):
    """异常情况: something written down, in words; about a sitting, a room, or the whole site. Only ever added."""

    __tablename__ = "zone_incident"
    __table_args__ = (Index("ix_zone_incident_room_at", "room", "at"), {"info": _ZONE})

    id: Mapped[int] = mapped_column(primary_key=True)
    room: Mapped[RoomId | None]
    sitting: Mapped[SittingId | None] = mapped_column(ForeignKey("zone_sitting.id"))
    category: Mapped[str]
    words: Mapped[str]
    actor: Mapped[str]
    at: Mapped[datetime]
