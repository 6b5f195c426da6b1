"""What the centre hands to zones and takes from them: rosters, key releases, answer packages (centre only)."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from exam_protocol.ids import ServerId, SessionId
from exam_protocol.paper import Purpose
from exam_server.models.base import Base, enum_by_value

_CENTRE = {"info": {"roles": ("centre",)}}


class IssuedRoster(Base):
    """A roster package that was written for a server."""

    __tablename__ = "issued_roster"
    __table_args__ = (_CENTRE,)

    session: Mapped[SessionId] = mapped_column(String(16), primary_key=True)
    server: Mapped[ServerId] = mapped_column(String(9), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    sittings: Mapped[int]
    issued_at: Mapped[datetime]


class IssuedRelease(Base):
    """A signed key release; it exists only once the hour has come. ``fetched_at`` is when its server first took it."""

    __tablename__ = "issued_release"
    __table_args__ = (_CENTRE,)

    session: Mapped[SessionId] = mapped_column(String(16), primary_key=True)
    server: Mapped[ServerId] = mapped_column(String(9), primary_key=True)
    purpose: Mapped[Purpose] = mapped_column(enum_by_value(Purpose), primary_key=True)
    envelope: Mapped[bytes]
    released_at: Mapped[datetime]
    fetched_at: Mapped[datetime | None]


class ReceivedAnswers(Base):
    """An answer package as it came: the bytes, verified, unopened, and the counts its manifest signs.

    Counts that do not balance are kept as they are: scoring names them as a finding.
    """

    __tablename__ = "received_answers"
    __table_args__ = (_CENTRE,)

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    session: Mapped[SessionId] = mapped_column(String(16), index=True)
    server: Mapped[ServerId] = mapped_column(String(9))
    package: Mapped[bytes] = mapped_column(deferred=True)
    size: Mapped[int]
    expected: Mapped[int]
    present: Mapped[int]
    absent: Mapped[int]
    moved_out: Mapped[int]
    handed_in: Mapped[int]
    collected: Mapped[int]
    voided: Mapped[int]
    stopped: Mapped[int]
    events: Mapped[int]
    received_at: Mapped[datetime]
    brought_by: Mapped[str] = mapped_column(String(64))
