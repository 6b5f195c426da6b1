"""收齐: answer packages in, over the network or from a USB stick: verified, kept as they came, opened only to score."""

import hashlib
from collections.abc import Iterable, Sequence

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import select
from sqlalchemy.orm import undefer

from exam_protocol.canonical_json import decode
from exam_protocol.documents import ANSWERS_FORMAT, AnswerManifest, Role, ZoneAnswers
from exam_protocol.envelope import decrypt, unseal
from exam_protocol.errors import (
    KaopingError,
    MalformedMessageError,
    SealBrokenError,
    SignatureInvalidError,
    TooLargeError,
    WrongServerError,
)
from exam_protocol.exam_config import ExamConfig
from exam_protocol.exchange import MAX_ANSWER_PACKAGE_BYTES, AnswersTaken, answers_context
from exam_protocol.ids import EpochMs, ServerId
from exam_protocol.keys import Trust
from exam_protocol.package import contents_of, manifest_of
from exam_server.models.packages import ReceivedAnswers
from exam_server.services.audit import write_audit
from exam_server.work import Work


class OpenedPackage(msgspec.Struct, frozen=True):
    """An answer package verified and opened: what its manifest signs, and what is inside."""

    manifest: AnswerManifest
    answers: ZoneAnswers


def receive_answers(
    work: Work, config: ExamConfig, trust: Trust, package: bytes, server: ServerId | None = None
) -> AnswersTaken:
    """Verify a package and keep it. The same bytes again give the same answer; other bytes are kept beside the first.

    ``server`` is who brings it, ``None`` when a person brings a file. Raises ``TooLargeError``, ``PackageBrokenError``,
    ``SignatureInvalidError``, ``PartDigestMismatchError`` or ``WrongServerError``; nothing is kept then.
    """
    if len(package) > MAX_ANSWER_PACKAGE_BYTES:
        raise TooLargeError(
            f"答卷包有 {len(package)} 字节，超过上限 {MAX_ANSWER_PACKAGE_BYTES} 字节。", "请联系技术员。"
        )
    manifest = verify_answers(trust, config, package, work, server)
    sha256 = hashlib.sha256(package).hexdigest()
    kept = work.db.get(ReceivedAnswers, sha256)
    if kept is None:
        kept = ReceivedAnswers(
            sha256=sha256,
            session=manifest.session,
            server=manifest.server,
            package=package,
            size=len(package),
            received_at=work.now,
            brought_by=work.actor.name,
            **msgspec.structs.asdict(manifest.counts),
        )
        work.db.add(kept)
        write_audit(work, "receive_answers", manifest.server, f"答卷包 {sha256[:16]}，{manifest.counts.expected} 人")
    at = EpochMs(int(kept.received_at.timestamp() * 1000))
    return AnswersTaken(manifest.server, manifest.session, sha256, kept.size, kept.expected, at)


def verify_answers(
    trust: Trust, config: ExamConfig, package: bytes, work: Work, server: ServerId | None = None
) -> AnswerManifest:
    """Return the manifest of a package that a server of this exam signed, whole and for this session."""
    envelope = manifest_of(package)
    # Nothing is parsed before its signature holds, so a file that does not say whose it is is tried with each server.
    for candidate in [server] if server else servers_of_root(trust):
        try:
            manifest = trust.verify(envelope, AnswerManifest, scope=candidate, now=work.now)
        except SignatureInvalidError:
            continue
        if manifest.server != candidate:
            raise WrongServerError(f"答卷包写着 {manifest.server}，却由 {candidate} 签名。", "请不要使用，向考点核对。")
        if (manifest.exam, manifest.session) != (config.exam, config.session):
            raise WrongServerError(f"答卷包属于 {manifest.exam} 的 {manifest.session} 场次。", "请核对是否拿错了文件。")
        contents_of(package, [manifest.part])
        return manifest
    raise SignatureInvalidError(
        f"答卷包没有{server or '任何考点'}的有效签名。", "请不要使用，向考点重新取得；仍不行请核对根文件是否最新。"
    )


def servers_of_root(trust: Trust) -> tuple[ServerId, ...]:
    """Return the site servers that the root document names, in order."""
    return tuple(sorted({ServerId(key.scope) for key in trust.root.keys if key.role is Role.ZONE and key.scope}))


def open_all_answers(
    work: Work, config: ExamConfig, trust: Trust, centre_key: X25519PrivateKey
) -> tuple[OpenedPackage, ...]:
    """Verify and open every package of the session, in order of server and arrival."""
    rows = work.db.scalars(
        select(ReceivedAnswers)
        .where(ReceivedAnswers.session == config.session)
        .order_by(ReceivedAnswers.server, ReceivedAnswers.received_at, ReceivedAnswers.sha256)
        .options(undefer(ReceivedAnswers.package))
    )
    return tuple(
        _open(row.package, verify_answers(trust, config, row.package, work, row.server), centre_key) for row in rows
    )


def _open(package: bytes, manifest: AnswerManifest, centre_key: X25519PrivateKey) -> OpenedPackage:
    (content,) = contents_of(package, [manifest.part])
    context = answers_context(manifest.exam, manifest.session, manifest.server)
    opened = decrypt(content, _content_key(manifest.content_keys, centre_key, context), context)
    answers = decode(opened, ZoneAnswers, max_bytes=MAX_ANSWER_PACKAGE_BYTES)
    if answers.format != ANSWERS_FORMAT:
        raise MalformedMessageError(f"答卷包的格式是“{answers.format}”。", "请检查两端软件版本。")
    if (answers.exam, answers.session, answers.server) != (manifest.exam, manifest.session, manifest.server):
        raise WrongServerError(f"{manifest.server} 的答卷包内外所写的考点或场次不一致。", "请不要使用，向考点核对。")
    return OpenedPackage(manifest, answers)


def _content_key(sealed_keys: Sequence[bytes], centre_key: X25519PrivateKey, context: str) -> bytes:
    for sealed in sealed_keys:
        try:
            return unseal(sealed, centre_key, context)
        except SealBrokenError:
            continue  # sealed to the centre's other recipient
    raise SealBrokenError("答卷包不是封给本中心密钥的。", "请核对 centre_encryption.key 是否为本次考试的密钥。")


class AnswersMissingError(KaopingError):
    """Scoring was asked for before every server's package had come."""


def refuse_missing_packages(work: Work, config: ExamConfig, expected: Iterable[str]) -> None:
    """Raise ``AnswersMissingError`` when a server with sittings has not delivered."""
    arrived = set(work.db.scalars(select(ReceivedAnswers.server).where(ReceivedAnswers.session == config.session)))
    missing = sorted(set(expected) - arrived)
    if missing:
        raise AnswersMissingError(
            f"还没有收齐答卷包，缺 {len(missing)} 个考点：{'、'.join(missing)}。",
            "请收齐后再评分，可用 import-answers 导入 U 盘里的文件。",
        )
