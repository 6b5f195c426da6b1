"""密钥发放: at the hour and not before, each server's opening key is sealed to it and signed (SECURITY §3.4)."""

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import select

from exam_protocol.canonical_json import decode
from exam_protocol.documents import KeyRelease, Role
from exam_protocol.envelope import seal, unseal
from exam_protocol.errors import (
    ConfigurationError,
    KaopingError,
    MalformedMessageError,
    NotYetValidError,
    WrongServerError,
)
from exam_protocol.exam_config import HEBEI, ExamConfig
from exam_protocol.exchange import release_context
from exam_protocol.ids import ServerId, SessionId
from exam_protocol.keys import PrivateKey, Trust, sign_document
from exam_protocol.paper import Purpose
from exam_protocol.sealed_paper import (
    MAX_OPENING_KEYS_BYTES,
    OPENING_KEYS_FORMAT,
    OpeningKeys,
    opening_keys_context,
)
from exam_server.models.packages import IssuedRelease
from exam_server.services.audit import write_audit
from exam_server.work import Work


class AlreadyReleasedError(KaopingError):
    """Roster and seats can no longer change: papers have been released."""


class NotYetReleasedError(KaopingError):
    """The server asks for a key that is not released."""


class Released(msgspec.Struct, frozen=True):
    """What a release did: servers that got their key now, and servers that had it already."""

    servers: int
    already: int


def release_keys(
    work: Work,
    config: ExamConfig,
    trust: Trust,
    release_key: PrivateKey,
    *,
    opening_keys: OpeningKeys,
    purpose: Purpose,
) -> Released:
    """Issue the signed release of each server that has an opening key for this purpose. Safe to do again.

    A live or reserve key is refused before the planned start by the centre's clock (``NotYetValidError``); keys of
    another exam or session raise ``WrongServerError``.
    """
    starts_at = config.times.starts_at_utc
    if purpose is not Purpose.REHEARSAL and work.now < starts_at:
        raise NotYetValidError(
            f"现在 {work.now.astimezone(HEBEI):%H:%M:%S}，开考时间是 {starts_at.astimezone(HEBEI):%m-%d %H:%M:%S}。",
            "到开考时间才能发放密钥。",
        )
    if (opening_keys.exam, opening_keys.session) != (config.exam, config.session):
        raise WrongServerError("启封密钥属于另一次考试或另一场次。", "请核对 opening-keys.sealed 的来源。")
    chosen = [key for key in opening_keys.keys if key.purpose is purpose]
    if not chosen:
        raise WrongServerError(f"文件里没有用途为“{purpose}”的启封密钥。", "请核对 opening-keys.sealed 的来源。")
    issued = set(
        work.db.scalars(
            select(IssuedRelease.server).where(
                IssuedRelease.session == config.session, IssuedRelease.purpose == purpose
            )
        )
    )
    for key in chosen:
        if key.server in issued:
            continue
        context = release_context(config.exam, config.session, key.server, purpose, key.revision)
        document = KeyRelease(
            config.exam,
            config.session,
            key.server,
            purpose,
            key.revision,
            starts_at,
            seal(key.secret, encryption_key_of(trust, key.server, work), context),
            trust.root.version,
        )
        work.db.add(
            IssuedRelease(
                session=config.session,
                server=key.server,
                purpose=purpose,
                envelope=sign_document(document, release_key),
                released_at=work.now,
                fetched_at=None,
            )
        )
    write_audit(work, "release_keys", f"{config.session} {purpose}", f"发放 {len(chosen) - len(issued)} 个考点")
    return Released(len(chosen) - len(issued), len(issued))


def open_opening_keys(sealed: bytes, centre_key: X25519PrivateKey, config: ExamConfig) -> OpeningKeys:
    """Open ``opening-keys.sealed`` into memory. Raises ``SealBrokenError`` when it is not for this session."""
    opened = unseal(sealed, centre_key, opening_keys_context(config.exam, config.session))
    keys = decode(opened, OpeningKeys, max_bytes=MAX_OPENING_KEYS_BYTES)
    if keys.format != OPENING_KEYS_FORMAT:
        raise MalformedMessageError(f"启封密钥文件的格式是“{keys.format}”。", "请检查两端软件版本。")
    return keys


def fetch_release(work: Work, session: SessionId, server: ServerId, purpose: Purpose) -> bytes:
    """Return a server's signed release, noting when it was first taken. Raises ``NotYetReleasedError``."""
    release = work.db.get(IssuedRelease, (session, server, purpose))
    if release is None:
        raise NotYetReleasedError("密钥尚未发放。", "请等到开考时间。")
    if release.fetched_at is None:
        release.fetched_at = work.now
    return release.envelope


def release_files(work: Work, session: SessionId, purpose: Purpose) -> dict[ServerId, bytes]:
    """Return every signed release there is, to be carried to zones that cannot fetch it."""
    releases = work.db.scalars(
        select(IssuedRelease)
        .where(IssuedRelease.session == session, IssuedRelease.purpose == purpose)
        .order_by(IssuedRelease.server)
    )
    return {release.server: release.envelope for release in releases}


def refuse_after_release(work: Work) -> None:
    """Raise ``AlreadyReleasedError`` once a live or reserve paper has been released: the plan is then history."""
    purposes = set(work.db.scalars(select(IssuedRelease.purpose)))
    if purposes & {Purpose.LIVE, Purpose.RESERVE}:
        raise AlreadyReleasedError("试卷密钥已经发放，报名和座位不能再改。", "个别更正请走考后更正流程。")


def encryption_key_of(trust: Trust, server: ServerId, work: Work) -> bytes:
    """Return the public key things are sealed to for this server; the newest one where the root names several."""
    keys = trust.keys(Role.ZONE_ENCRYPTION, server, work.now)
    if not keys:
        raise ConfigurationError(f"根文件里没有 {server} 的加密公钥。", "请为该考点生成密钥并更新根文件。")
    return keys[-1]
