"""Packages into a zone: the roster and the sealed papers, verified, put in place whole or not at all.

Order of checks: root → signature → size → hash → place in the database (SECURITY §3). Papers and key file stay sealed.
"""

import hashlib

import msgspec
from sqlalchemy import delete, select

from exam_protocol.canonical_json import decode
from exam_protocol.documents import PaperManifest, RosterManifest, ZoneRoster
from exam_protocol.envelope import MAX_DOCUMENT_BYTES, unseal
from exam_protocol.errors import KaopingError, WrongServerError
from exam_protocol.exchange import roster_context
from exam_protocol.package import contents_of, manifest_of
from exam_protocol.sealed_paper import paper_context
from exam_protocol.sitting_state import SittingState
from exam_server.models.exchange import HeldPackage, SealedPaper
from exam_server.models.plan import ExamSession, Room
from exam_server.models.sitting import Attempt, Device, LedgerEntry, Portrait, Sitting
from exam_server.services.audit import write_audit
from exam_server.services.id_hash_key import seal_id_hash_key
from exam_server.services.opening import AlreadyBegunError, ZoneKeys, session_of
from exam_server.services.wire_time import from_ms
from exam_server.work import Work

ENTITLEMENT = "entitlement"


class OlderPackageError(KaopingError):
    """A package with a lower revision than the one held."""


def import_package(work: Work, keys: ZoneKeys, package: bytes) -> str:
    """Take a roster package or a sealed-paper package for this server; returns in words what was taken."""
    manifest = manifest_of(package)
    if _is_of_kind(manifest, RosterManifest.payload_type):
        return _import_roster(work, keys, package, manifest)
    return _import_papers(work, keys, package, manifest)


def _is_of_kind(envelope: bytes, payload_type: str) -> bool:
    # The envelope's first field, in its only encoding; whether it is true is judged by the signature.
    return envelope.startswith(b'{"payloadType":"' + payload_type.encode() + b'"')


def _import_roster(work: Work, keys: ZoneKeys, package: bytes, envelope: bytes) -> str:
    manifest = keys.trust.verify(envelope, RosterManifest, scope=keys.server, now=work.now)
    (sealed,) = contents_of(package, [manifest.part])
    context = roster_context(manifest.exam, manifest.session, manifest.server, manifest.revision)
    roster = decode(unseal(sealed, keys.encryption.opening_key, context), ZoneRoster, max_bytes=MAX_DOCUMENT_BYTES)
    if (roster.exam, roster.session, roster.server) != (manifest.exam, manifest.session, manifest.server):
        raise WrongServerError("名册包内外所写的考点或场次不一致。", "请不要使用，向省考试中心重新取得。")
    held = work.db.scalar(select(ExamSession))
    if held is not None:
        if held.session != manifest.session or held.exam != manifest.exam:
            raise WrongServerError(
                f"本机已装入 {held.exam} 的 {held.session} 场次，"
                f"这是 {manifest.exam} 的 {manifest.session} 场次的名册包。",
                "请核对文件；另一个场次请用另一个文件夹。",
            )
        if manifest.revision < held.roster_revision:
            raise OlderPackageError(
                f"已有第 {held.roster_revision} 版名册，这是第 {manifest.revision} 版。", "请使用最新的名册包。"
            )
        if work.db.scalar(select(Device.id).limit(1)) is not None:
            raise AlreadyBegunError("考试机已经登记，不能再换名册。", "个别更正请作为异常情况记录，由省考试中心处理。")
        _forget_roster(work)
    _store_roster(work, keys, roster, manifest.revision)
    words = f"名册：{len(roster.rooms)} 个考场，{len(roster.entries)} 名考生（第 {manifest.revision} 版）"
    write_audit(work, "import_package", f"roster {hashlib.sha256(package).hexdigest()}", words)
    return words


def _forget_roster(work: Work) -> None:
    for table in (LedgerEntry, Portrait, Sitting, Room, ExamSession):
        work.db.execute(delete(table))
    work.db.expire_all()


def _store_roster(work: Work, keys: ZoneKeys, roster: ZoneRoster, revision: int) -> None:
    fields = msgspec.structs.asdict(roster)
    for name in ("format", "rooms", "entries", "starts_at", "id_hash_key"):
        del fields[name]
    sealed = seal_id_hash_key(keys, roster.exam, roster.session, roster.id_hash_key)
    work.db.add(
        ExamSession(**fields, starts_at=from_ms(roster.starts_at), sealed_id_hash_key=sealed, roster_revision=revision)
    )
    work.db.add_all(
        Room(room=room.room, name=room.name, seats=room.seats, columns=room.columns) for room in roster.rooms
    )
    work.db.flush()
    for entry in roster.entries:
        columns = msgspec.structs.asdict(entry)
        del columns["photo"], columns["extra_minutes"]
        work.db.add(Sitting(id=columns.pop("sitting"), **columns, state=SittingState.EXPECTED))
    work.db.flush()
    work.db.add_all(Portrait(sitting=entry.sitting, content=entry.photo) for entry in roster.entries)
    work.db.add_all(
        LedgerEntry(
            sitting=entry.sitting,
            seconds=entry.extra_minutes * 60,
            category=ENTITLEMENT,
            reason="名册所列补时",
            actor="省考试中心",
            at=work.now,
        )
        for entry in roster.entries
        if entry.extra_minutes
    )


def _import_papers(work: Work, keys: ZoneKeys, package: bytes, envelope: bytes) -> str:
    manifest = keys.trust.verify(envelope, PaperManifest, scope=keys.server, now=work.now)
    session = session_of(work)
    if (manifest.exam, manifest.session) != (session.exam, session.session):
        raise WrongServerError("试卷包属于另一次考试或另一场次。", "请核对试卷包与名册包。")
    key_file, *papers = contents_of(package, [manifest.key_file, *(paper.part for paper in manifest.papers)])
    held = work.db.get(HeldPackage, manifest.purpose)
    if held is not None:
        if manifest.revision < held.revision:
            raise OlderPackageError(
                f"已有第 {held.revision} 版试卷包，这是第 {manifest.revision} 版。", "请使用最新的试卷包。"
            )
        if work.db.scalar(select(Attempt.id).limit(1)) is not None:
            raise AlreadyBegunError("已有考生登录，不能再换试卷包。", "请联系省考试中心。")
        work.db.execute(delete(SealedPaper).where(SealedPaper.purpose == manifest.purpose))
        work.db.delete(held)
        work.db.flush()
    digest = hashlib.sha256(package).hexdigest()
    work.db.add(
        HeldPackage(
            purpose=manifest.purpose,
            revision=manifest.revision,
            manifest=envelope,
            key_file=key_file,
            sha256=digest,
            imported_at=work.now,
        )
    )
    work.db.flush()
    for paper, content in zip(manifest.papers, papers, strict=True):
        context = paper_context(
            manifest.exam, manifest.session, manifest.server, paper.paper, manifest.revision, manifest.purpose
        )
        work.db.add(
            SealedPaper(
                paper=paper.paper,
                purpose=manifest.purpose,
                trade=paper.trade,
                content=content,
                sha256=paper.part.sha256,
                content_key_sha256=paper.content_key_sha256,
                context=context,
            )
        )
    words = f"密封试卷包（{manifest.purpose}）：{len(papers)} 份试卷（第 {manifest.revision} 版），未启封"
    write_audit(work, "import_package", f"papers {digest}", words)
    return words
