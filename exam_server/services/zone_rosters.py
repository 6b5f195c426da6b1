"""Rosters for the zones: who sits where, one package per server, sealed to it and signed (SECURITY §2)."""

import hashlib
import os
from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from exam_protocol.canonical_json import encode
from exam_protocol.catalogue import zones
from exam_protocol.documents import ROSTER_FORMAT, RosterEntry, RosterManifest, RosterRoom, ZoneRoster
from exam_protocol.envelope import KEY_BYTES, Randomness, seal
from exam_protocol.errors import KaopingError
from exam_protocol.exam_config import ExamConfig
from exam_protocol.exchange import ROSTER_PART, id_keyed_hash, roster_context
from exam_protocol.ids import EpochMs, ServerId
from exam_protocol.keys import PrivateKey, Trust, sign_document
from exam_protocol.package import pack, part_of
from exam_server.models.candidates import Candidate, PlannedRoom, PlannedSitting, Seating
from exam_server.models.packages import IssuedRoster
from exam_server.services.audit import write_audit
from exam_server.services.id_numbers import last_four
from exam_server.services.person_column import ColumnKeys
from exam_server.services.release import encryption_key_of
from exam_server.work import Work


class NotAllSeatedError(KaopingError):
    """Candidates without a seat, or nobody seated at all."""


def all_sittings(work: Work) -> Sequence[PlannedSitting]:
    """Return every planned sitting with its candidate, by ticket number. Raises ``NotAllSeatedError``."""
    sittings = work.db.scalars(
        select(PlannedSitting).options(joinedload(PlannedSitting.candidate)).order_by(PlannedSitting.ticket_no)
    ).all()
    unseated = work.db.query(Candidate).count() - len(sittings)
    if unseated or not sittings:
        raise NotAllSeatedError(
            f"还有 {unseated} 名考生没有座位。" if sittings else "还没有编排座位。", "请先运行 kaoping centre seat。"
        )
    return sittings


def make_zone_rosters(
    work: Work,
    config: ExamConfig,
    keys: ColumnKeys,
    trust: Trust,
    roster_key: PrivateKey,
    *,
    randomness: Randomness = os.urandom,
) -> dict[ServerId, bytes]:
    """Make the roster package of every server. It carries no ID number: the last four characters and a keyed hash."""
    by_server: dict[ServerId, list[PlannedSitting]] = defaultdict(list)
    for sitting in all_sittings(work):
        by_server[sitting.server].append(sitting)
    revision = work.db.scalars(select(Seating.revision)).one()
    packages = {}
    for server, sittings in by_server.items():
        rooms = work.db.scalars(
            select(PlannedRoom).where(PlannedRoom.server == server).order_by(PlannedRoom.room)
        ).all()
        roster = _zone_roster(config, keys, rooms, sittings, randomness(KEY_BYTES))
        context = roster_context(config.exam, config.session, server, revision)
        content = seal(encode(roster), encryption_key_of(trust, server, work), context)
        manifest = RosterManifest(
            config.exam, config.session, server, revision, part_of(ROSTER_PART, content), trust.root.version
        )
        package = pack(sign_document(manifest, roster_key), [content])
        _note_issue(work, manifest, package, len(sittings))
        packages[server] = package
    write_audit(work, "make_zone_rosters", config.session, f"{len(packages)} 个考点，第 {revision} 版")
    return packages


def _zone_roster(
    config: ExamConfig,
    keys: ColumnKeys,
    rooms: Sequence[PlannedRoom],
    sittings: Sequence[PlannedSitting],
    id_hash_key: bytes,
) -> ZoneRoster:
    times = config.times
    zone = zones()[sittings[0].candidate.zone_code]
    return ZoneRoster(
        ROSTER_FORMAT,
        config.exam,
        config.title,
        config.session,
        config.session_title,
        sittings[0].server,
        zone.zone_name,
        EpochMs(int(times.starts_at_utc.timestamp() * 1000)),
        times.duration_s,
        times.late_limit_s,
        times.earliest_hand_in_s,
        times.grace_s,
        times.heartbeat_s,
        id_hash_key,
        tuple(RosterRoom(room.room, room.name, room.seats, room.columns) for room in rooms),
        tuple(_roster_entry(keys, sitting, id_hash_key) for sitting in sittings),
    )


def _roster_entry(keys: ColumnKeys, sitting: PlannedSitting, id_hash_key: bytes) -> RosterEntry:
    candidate = sitting.candidate
    id_number = keys.open_id_number(candidate.id_number_sealed, candidate.id)
    return RosterEntry(
        sitting.id,
        sitting.ticket_no,
        candidate.name,
        candidate.trade_code,
        candidate.unit,
        sitting.room,
        sitting.seat,
        last_four(id_number),
        id_keyed_hash(id_hash_key, id_number),
        candidate.photo,
        candidate.extra_minutes,
        sitting.order_seed,
    )


def _note_issue(work: Work, manifest: RosterManifest, package: bytes, sittings: int) -> None:
    # Written again for the same seating, a package differs in its random keys only: the newest is the one that counts.
    work.db.merge(
        IssuedRoster(
            session=manifest.session,
            server=manifest.server,
            revision=manifest.revision,
            sha256=hashlib.sha256(package).hexdigest(),
            sittings=sittings,
            issued_at=work.now,
        )
    )
