"""From responses to results at the centre: practical marks, scoring runs, results, publications (centre only).

Rows are only ever added: a new run, a new version, a new publication; the old ones stay.
"""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from exam_protocol.ids import Milli, ServerId, SessionId, SittingId, TicketNo
from exam_server.models.base import Base

_CENTRE = {"info": {"roles": ("centre",)}}


class PracticalMark(Base):
    """应会: what one examiner wrote down for one candidate, and where in which file it stood. Never changed."""

    __tablename__ = "practical_mark"
    __table_args__ = (
        UniqueConstraint("candidate_id", "examiner"),
        CheckConstraint("status IN ('normal', 'absent', 'violation')", name="status"),
        CheckConstraint("role IN ('examiner', 'arbiter')", name="role"),
        CheckConstraint(
            "(status = 'normal') = (milli IS NOT NULL) AND (milli IS NULL OR milli BETWEEN 0 AND 100000)", name="mark"
        ),
        _CENTRE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    candidate_id: Mapped[int] = mapped_column(ForeignKey("candidate.id"))
    examiner: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(16))
    milli: Mapped[Milli | None] = mapped_column(Integer)
    file: Mapped[str] = mapped_column(String(255))
    row: Mapped[int]
    imported_at: Mapped[datetime]


class ScoringRun(Base):
    """判分: one run over all packages of a session. ``inputs`` names every file it read by SHA-256."""

    __tablename__ = "scoring_run"
    __table_args__ = (_CENTRE,)

    id: Mapped[int] = mapped_column(primary_key=True)
    session: Mapped[SessionId] = mapped_column(String(16))
    inputs: Mapped[str]
    expected: Mapped[int]
    present: Mapped[int]
    absent: Mapped[int]
    moved_out: Mapped[int]
    withheld: Mapped[int]
    answers_packaged: Mapped[int]
    answers_scored: Mapped[int]
    run_at: Mapped[datetime]
    run_by: Mapped[str] = mapped_column(String(64))


class KnowMark(Base):
    """应知 of one sitting in one run. ``score`` is ``scoring.KnowScore`` as JSON where there is a mark."""

    __tablename__ = "know_mark"
    __table_args__ = (CheckConstraint("(status = 'normal') = (milli IS NOT NULL)", name="mark"), _CENTRE)

    run: Mapped[int] = mapped_column(ForeignKey("scoring_run.id"), primary_key=True)
    sitting: Mapped[SittingId] = mapped_column(BigInteger, ForeignKey("planned_sitting.id"), primary_key=True)
    status: Mapped[str] = mapped_column(String(16))
    milli: Mapped[Milli | None] = mapped_column(Integer)
    words: Mapped[str]
    score: Mapped[bytes | None] = mapped_column(deferred=True)


class ScoringFinding(Base):
    """One thing that did not agree in a run. ``ticket_no`` is empty where it concerns a whole package."""

    __tablename__ = "scoring_finding"
    __table_args__ = (_CENTRE,)

    id: Mapped[int] = mapped_column(primary_key=True)
    run: Mapped[int] = mapped_column(ForeignKey("scoring_run.id"), index=True)
    code: Mapped[str] = mapped_column(String(40))
    server: Mapped[ServerId] = mapped_column(String(9))
    ticket_no: Mapped[TicketNo | None] = mapped_column(String(10))
    words: Mapped[str]
    is_blocking: Mapped[bool]


class ResultsVersion(Base):
    """成绩 as decided once: the canonical file and its hash. Publication names the version it publishes."""

    __tablename__ = "results_version"
    __table_args__ = (_CENTRE,)

    id: Mapped[int] = mapped_column(primary_key=True)
    run: Mapped[int] = mapped_column(ForeignKey("scoring_run.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    canonical_csv: Mapped[bytes] = mapped_column(deferred=True)
    expected: Mapped[int]
    passed: Mapped[int]
    failed: Mapped[int]
    absent: Mapped[int]
    void: Mapped[int]
    pending: Mapped[int]
    decided_at: Mapped[datetime]
    decided_by: Mapped[str] = mapped_column(String(64))


class IssuedPublication(Base):
    """签发: a publication package that was made, and what it says of each candidate in ``PublishedLine``."""

    __tablename__ = "issued_publication"
    __table_args__ = (_CENTRE,)

    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    results_version: Mapped[int] = mapped_column(ForeignKey("results_version.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    correction: Mapped[str]
    visible_from: Mapped[datetime]
    issued_at: Mapped[datetime]
    issued_by: Mapped[str] = mapped_column(String(64))


class PublishedLine(Base):
    """What one publication says of one candidate: ``revision`` rises only when their own result changed."""

    __tablename__ = "published_line"
    __table_args__ = (_CENTRE,)

    publication: Mapped[int] = mapped_column(ForeignKey("issued_publication.revision"), primary_key=True)
    ticket_no: Mapped[TicketNo] = mapped_column(String(10), primary_key=True)
    revision: Mapped[int]
    correction: Mapped[str]
    result_sha256: Mapped[str] = mapped_column(String(64))
