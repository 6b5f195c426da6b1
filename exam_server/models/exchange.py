"""What a zone received and gave away: packages, sealed papers, the release that opens them, its answer package."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from exam_protocol.ids import PaperId, TradeCode
from exam_protocol.paper import Purpose
from exam_server.models.base import Base, enum_by_value

_ZONE = {"roles": ("zone",)}


class HeldPackage(Base):
    """密封试卷包 of one purpose: its signed manifest and its key file, as they came. Both stay sealed."""

    __tablename__ = "zone_package"
    __table_args__ = ({"info": _ZONE},)

    purpose: Mapped[Purpose] = mapped_column(enum_by_value(Purpose), primary_key=True)
    revision: Mapped[int]
    manifest: Mapped[bytes]
    key_file: Mapped[bytes]
    sha256: Mapped[str]
    imported_at: Mapped[datetime]


class SealedPaper(Base):
    """One sealed paper, as kiosks fetch it. ``items`` counts its items once it has been opened in memory."""

    __tablename__ = "zone_sealed_paper"
    __table_args__ = ({"info": _ZONE},)

    paper: Mapped[PaperId] = mapped_column(primary_key=True)
    purpose: Mapped[Purpose] = mapped_column(enum_by_value(Purpose), ForeignKey("zone_package.purpose"), index=True)
    trade: Mapped[TradeCode]
    content: Mapped[bytes]
    sha256: Mapped[str]
    content_key_sha256: Mapped[str]
    context: Mapped[str]
    items: Mapped[int] = mapped_column(default=0)


class HeldRelease(Base):
    """密钥发放: the signed release as it came.

    The opening key in it stays sealed to this zone; after a restart it is opened again, so that no content key ever
    rests on the disk.
    """

    __tablename__ = "zone_release"
    __table_args__ = ({"info": _ZONE},)

    purpose: Mapped[Purpose] = mapped_column(
        enum_by_value(Purpose), ForeignKey("zone_package.purpose"), primary_key=True
    )
    envelope: Mapped[bytes]
    received_at: Mapped[datetime]


class HandOver(Base):
    """答卷包 that was made here, and when the centre said it has it.

    ``quarantined_noted`` is the last quarantined event that its incidents tell of: later ones need a newer package.
    """

    __tablename__ = "zone_hand_over"
    __table_args__ = ({"info": _ZONE},)

    sha256: Mapped[str] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    sittings: Mapped[int]
    events: Mapped[int]
    quarantined_noted: Mapped[int]
    taken_at: Mapped[datetime | None] = mapped_column(default=None)
