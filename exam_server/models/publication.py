"""What the portal holds: publications as they were signed, the results in them, and the candidates' own passwords.

A candidate is only ever a keyed hash of an ID number; there is no ID number in this database.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from exam_protocol.ids import ExamId
from exam_server.models.base import Base

_ROLES = {"roles": ("portal",)}


class ImportedPublication(Base):
    """One publication package as imported. The one with the highest revision is shown; earlier ones stay."""

    __tablename__ = "publication"
    __table_args__ = (UniqueConstraint("exam", "revision"), {"info": _ROLES})

    id: Mapped[int] = mapped_column(primary_key=True)
    exam: Mapped[ExamId]
    revision: Mapped[int]
    part_sha256: Mapped[str]
    visible_from: Mapped[datetime]
    imported_at: Mapped[datetime]
    exam_title: Mapped[str]
    year: Mapped[int]
    issuer: Mapped[str]
    issued_at: Mapped[datetime]
    recheck_until: Mapped[datetime | None]
    pass_milli_know: Mapped[int]
    pass_milli_do: Mapped[int]
    is_sample: Mapped[bool]


class ImportedResult(Base):
    """One candidate's result. ``content`` is the encoded ``PublishedResult`` of the signed publication."""

    __tablename__ = "published_result"
    __table_args__ = (UniqueConstraint("publication_id", "lookup_hash"), {"info": _ROLES})

    id: Mapped[int] = mapped_column(primary_key=True)
    publication_id: Mapped[int] = mapped_column(ForeignKey("publication.id"))
    lookup_hash: Mapped[str] = mapped_column(index=True)
    activation_hash: Mapped[str]
    ticket_no: Mapped[str]
    revision: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    publication: Mapped[ImportedPublication] = relationship(lazy="joined")


class CandidatePassword(Base):
    """The password a candidate has chosen (argon2id)."""

    __tablename__ = "candidate_password"
    __table_args__ = ({"info": _ROLES},)

    lookup_hash: Mapped[str] = mapped_column(primary_key=True)
    password_hash: Mapped[str]
    set_at: Mapped[datetime]


class UsedActivation(Base):
    """An activation code that has been used, whoever comes with it again."""

    __tablename__ = "used_activation"
    __table_args__ = ({"info": _ROLES},)

    activation_hash: Mapped[str] = mapped_column(primary_key=True)
    used_at: Mapped[datetime]


class WrongTries(Base):
    """Wrong passwords and codes for one typed ID number, known here or not: both are locked alike."""

    __tablename__ = "wrong_tries"
    __table_args__ = ({"info": _ROLES},)

    lookup_hash: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]


class CandidateSignIn(Base):
    """One sign-in of a candidate. Only the hash of its cookie is kept."""

    __tablename__ = "candidate_sign_in"
    __table_args__ = ({"info": _ROLES},)

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    lookup_hash: Mapped[str] = mapped_column(index=True)
    expires_at: Mapped[datetime]
