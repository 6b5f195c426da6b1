"""What the roster package brought to a zone: the 场次, its rooms, and the zone's own marks on them."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from exam_protocol.ids import ExamId, RoomId, ServerId, SessionId
from exam_protocol.paper import Purpose
from exam_server.models.base import Base, enum_by_value

_ZONE = {"roles": ("zone",)}


class ExamSession(Base):
    """场次: the one this server's folder is for. Durations are in seconds.

    ``sealed_id_hash_key`` is sealed to the zone: in clear, with the hashes of the sittings, it would give every ID
    number. ``quarantined_noted`` is the last quarantined event that an incident tells of.
    """

    __tablename__ = "zone_session"
    __table_args__ = ({"info": _ZONE},)

    session: Mapped[SessionId] = mapped_column(primary_key=True)
    exam: Mapped[ExamId]
    exam_title: Mapped[str]
    session_title: Mapped[str]
    server: Mapped[ServerId]
    zone_name: Mapped[str]
    starts_at: Mapped[datetime]
    duration_s: Mapped[int]
    late_limit_s: Mapped[int]
    earliest_hand_in_s: Mapped[int]
    grace_s: Mapped[int]
    heartbeat_s: Mapped[int]
    sealed_id_hash_key: Mapped[bytes]
    roster_revision: Mapped[int]
    purpose: Mapped[Purpose] = mapped_column(enum_by_value(Purpose), default=Purpose.LIVE)
    wrong_room_codes: Mapped[int] = mapped_column(default=0)
    rooms_opened_at: Mapped[datetime | None] = mapped_column(default=None)
    started_at: Mapped[datetime | None] = mapped_column(default=None)
    """Set once, when the papers were opened; an extension never moves it."""
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    quarantined_noted: Mapped[int] = mapped_column(default=0)


class Room(Base):
    """考场. ``enrolment_code`` is shown to the room while its enrolment window is open."""

    __tablename__ = "zone_room"
    __table_args__ = ({"info": _ZONE},)

    room: Mapped[RoomId] = mapped_column(primary_key=True)
    name: Mapped[str]
    seats: Mapped[int]
    columns: Mapped[int]
    enrolment_code: Mapped[str | None] = mapped_column(default=None)
    enrolment_until: Mapped[datetime | None] = mapped_column(default=None)
