"""Every signed document: its payload type, who signs it, and what it says (SECURITY §2, §3, §5).

A document travels in a DSSE envelope (``envelope.py``); ``keys.Trust`` says whose signature counts.
"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import msgspec

from exam_protocol.ids import (
    AttemptId,
    EpochMs,
    ExamId,
    PaperId,
    RoomId,
    SeatNo,
    ServerId,
    SessionId,
    SittingId,
    TicketNo,
    TradeCode,
)
from exam_protocol.paper import Purpose
from exam_protocol.sitting_state import SittingState


class Role(StrEnum):
    """What a key may do. One key, one purpose."""

    ROOT = "root"
    PAPER = "paper"
    RELEASE = "release"
    ROSTER = "roster"
    ZONE = "zone"
    RESULTS = "results"
    PUBLICATION = "publication"
    TRANSCRIPT = "transcript"
    ZONE_ENCRYPTION = "zone_encryption"
    CENTRE_ENCRYPTION = "centre_encryption"


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of what is signed. ``payload_type`` names the kind, ``signed_by`` the role whose keys count."""

    payload_type: ClassVar[str]
    signed_by: ClassVar[Role]


class TrustedKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One public key: its role, its scope (a server id, or "" for all) and its last day."""

    role: Role
    scope: str
    public_key: bytes
    not_after: datetime


class RoleThreshold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many distinct keys of a role must sign."""

    role: Role
    threshold: int


class Root(Document, frozen=True):
    """Which key may do what; signed by the root keys it names. ``version`` only rises."""

    payload_type: ClassVar[str] = "application/vnd.kaoping.root.v1+json"
    signed_by: ClassVar[Role] = Role.ROOT
    exam: ExamId
    version: int
    not_after: datetime
    thresholds: tuple[RoleThreshold, ...]
    keys: tuple[TrustedKey, ...]


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One part of a package: opaque name, size in bytes, SHA-256 in hexadecimal."""

    name: str
    size: int
    sha256: str


class PaperPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sealed paper of a package and the hash of the content key that opens it."""

    part: Part
    paper: PaperId
    trade: TradeCode
    content_key_sha256: str


class PaperManifest(Document, frozen=True):
    """Centre → zone: the sealed papers of one session, server and purpose (SECURITY §3.3)."""

    payload_type: ClassVar[str] = "application/vnd.kaoping.paper-manifest.v1+json"
    signed_by: ClassVar[Role] = Role.PAPER
    exam: ExamId
    session: SessionId
    server: ServerId
    purpose: Purpose
    revision: int
    opening_key: bytes
    not_before: datetime
    not_after: datetime
    key_file: Part
    papers: tuple[PaperPart, ...]
    lowest_root_version: int


class AnswerKeyManifest(Document, frozen=True):
    """Bank → centre: the sealed answer keys of one session and purpose."""

    payload_type: ClassVar[str] = "application/vnd.kaoping.answer-key-manifest.v1+json"
    signed_by: ClassVar[Role] = Role.PAPER
    exam: ExamId
    session: SessionId
    purpose: Purpose
    revision: int
    part: Part
    lowest_root_version: int


class RosterManifest(Document, frozen=True):
    """Centre → zone: who sits where, sealed to the zone's encryption key."""

    payload_type: ClassVar[str] = "application/vnd.kaoping.roster-manifest.v1+json"
    signed_by: ClassVar[Role] = Role.ROSTER
    exam: ExamId
    session: SessionId
    server: ServerId
    revision: int
    part: Part
    lowest_root_version: int


class KeyRelease(Document, frozen=True):
    """Centre → zone at the hour: the opening key of one (session, server, purpose), sealed to the zone."""

    payload_type: ClassVar[str] = "application/vnd.kaoping.key-release.v1+json"
    signed_by: ClassVar[Role] = Role.RELEASE
    exam: ExamId
    session: SessionId
    server: ServerId
    purpose: Purpose
    revision: int
    starts_at: datetime
    sealed_opening_key: bytes
    lowest_root_version: int


class Receipt(Document, frozen=True):
    """Zone → candidate: what the zone holds of a closed chain (SECURITY §4)."""

    payload_type: ClassVar[str] = "application/vnd.kaoping.receipt.v1+json"
    signed_by: ClassVar[Role] = Role.ZONE
    exam: ExamId
    session: SessionId
    server: ServerId
    sitting: SittingId
    attempt: AttemptId
    ticket_no: TicketNo
    events: int
    head: str
    answered: int
    items: int
    at: EpochMs


class Counts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What must balance: 应考 = 实考 + 缺考 + 转出; 实考 = 交卷 + 收卷 + 违纪终止 + 中止 (EXAM-DAY §3)."""

    expected: int
    present: int
    absent: int
    moved_out: int
    handed_in: int
    collected: int
    voided: int
    stopped: int
    events: int


class AnswerManifest(Document, frozen=True):
    """Zone → centre: the sealed answers of a session, with counts that must balance (SECURITY §5)."""

    payload_type: ClassVar[str] = "application/vnd.kaoping.answer-manifest.v1+json"
    signed_by: ClassVar[Role] = Role.ZONE
    exam: ExamId
    session: SessionId
    server: ServerId
    counts: Counts
    content_keys: tuple[bytes, ...]
    """The content key, sealed to each of the centre's recipients."""
    part: Part
    lowest_root_version: int


class PublicationManifest(Document, frozen=True):
    """Centre → portal: the published results, after 签发; a correction is a higher revision."""

    payload_type: ClassVar[str] = "application/vnd.kaoping.publication-manifest.v1+json"
    signed_by: ClassVar[Role] = Role.PUBLICATION
    exam: ExamId
    revision: int
    visible_from: datetime
    part: Part


class RosterRoom(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """考场: its shape as rows × columns; seats are numbered from 1 along the rows."""

    room: RoomId
    name: str
    seats: int
    columns: int


class RosterEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One planned sitting. It carries no ID number: the last four characters and a keyed hash (SECURITY §2)."""

    sitting: SittingId
    ticket_no: TicketNo
    name: str
    trade: TradeCode
    unit: str
    room: RoomId
    seat: SeatNo
    id_last4: str
    id_keyed_hash: str
    photo: bytes
    extra_minutes: int
    order_seed: int


class ZoneRoster(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content of a roster package. ``id_hash_key`` lets the zone check a typed full ID number (HMAC-SHA256)."""

    format: str
    exam: ExamId
    exam_title: str
    session: SessionId
    session_title: str
    server: ServerId
    zone_name: str
    starts_at: EpochMs
    duration_s: int
    late_limit_s: int
    earliest_hand_in_s: int
    grace_s: int
    heartbeat_s: int
    id_hash_key: bytes
    rooms: tuple[RosterRoom, ...]
    entries: tuple[RosterEntry, ...]


class OpenedKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content of a key file: each paper's content key."""

    papers: tuple[PaperId, ...]
    content_keys: tuple[bytes, ...]


class TimeEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One approved entry of the time ledger, in seconds; ``reason`` and ``actor`` as the console wrote them."""

    seconds: int
    category: str
    reason: str
    actor: str
    at: EpochMs


class SittingRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the zone holds of one sitting. ``events`` are the exact bytes of the chain, as text."""

    sitting: SittingId
    ticket_no: TicketNo
    trade: TradeCode
    room: RoomId
    seat: SeatNo
    state: SittingState
    paper: PaperId | None
    attempt: AttemptId | None
    epoch: int
    events: tuple[str, ...]
    receipt: bytes | None
    started_at: EpochMs | None
    ended_at: EpochMs | None
    time_entries: tuple[TimeEntry, ...]


class IncidentRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something written down at the zone: category, words, actor, when, and whom it concerns."""

    room: RoomId | None
    sitting: SittingId | None
    category: str
    words: str
    actor: str
    at: EpochMs


class ZoneAnswers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content of an answer package 答卷包."""

    format: str
    exam: ExamId
    session: SessionId
    server: ServerId
    sittings: tuple[SittingRecord, ...]
    incidents: tuple[IncidentRecord, ...]


ROSTER_FORMAT = "zone-roster/1"
ANSWERS_FORMAT = "zone-answers/1"
