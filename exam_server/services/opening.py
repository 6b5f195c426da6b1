"""启封: open the rooms for enrolment, and at the hour the key file with the centre's signed release (SECURITY §3).

No content key is ever written: the release is kept as it came, and after a restart it is opened again.
"""

import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta

import msgspec
from sqlalchemy import select

from exam_protocol.documents import KeyRelease, PaperManifest
from exam_protocol.envelope import unseal
from exam_protocol.errors import KaopingError, NotYetValidError, WrongServerError
from exam_protocol.exchange import release_context
from exam_protocol.ids import PaperId, ServerId
from exam_protocol.keys import PrivateKey, Trust
from exam_protocol.paper import Purpose
from exam_protocol.sealed_paper import open_key_file, open_paper
from exam_server.models.exchange import HeldPackage, HeldRelease, SealedPaper
from exam_server.models.plan import ExamSession, Room
from exam_server.models.sitting import Attempt, Sitting
from exam_server.services.accounts import require_role
from exam_server.services.audit import write_audit
from exam_server.services.seat_map import announce_session
from exam_server.work import Work

ENROLMENT_WINDOW = timedelta(minutes=10)
ContentKeys = Mapping[PaperId, bytes]
_SESSION = select(ExamSession)


class AlreadyBegunError(KaopingError):
    """Too late for this package: somebody has signed in, or the papers are open."""


class NoRosterError(KaopingError):
    """The roster package must come first."""


class NoPaperError(KaopingError):
    """There is no sealed paper for a trade, or for this purpose."""


class ZoneKeys(msgspec.Struct, frozen=True):
    """What a zone judges and opens with: the verified root, and its own two private keys."""

    server: ServerId
    trust: Trust
    signing: PrivateKey
    encryption: PrivateKey


def session_of(work: Work) -> ExamSession:
    """Return this server's 场次, or raise ``NoRosterError``."""
    session: ExamSession | None = work.db.scalar(_SESSION)
    if session is None:
        raise NoRosterError("还没有导入名册包。", "请先用 kaoping zone import 导入本考点的名册包。")
    return session


def open_rooms(
    work: Work,
    purpose: Purpose = Purpose.LIVE,
    window: timedelta = ENROLMENT_WINDOW,
    below: Callable[[int], int] = secrets.randbelow,
) -> dict[str, str]:
    """Open the enrolment window of every room; returns each room's six-digit code.

    Raises ``NoPaperError`` when a trade of the roster has no sealed paper of this purpose: better the evening before.
    """
    require_role(work, "chief", "invigilator")
    session = session_of(work)
    if session.closed_at is not None:
        raise AlreadyBegunError("本场已经收场。", "如需再考，请联系省考试中心。")
    trades = set(work.db.scalars(select(Sitting.trade).distinct()))
    missing = trades - set(work.db.scalars(select(SealedPaper.trade).where(SealedPaper.purpose == purpose)))
    if missing:
        raise NoPaperError(f"工种 {'、'.join(sorted(missing))} 没有密封试卷。", "请导入本考点本场次的试卷包。")
    if session.purpose is not purpose and work.db.scalar(select(Attempt.id).limit(1)) is not None:
        raise AlreadyBegunError("已有考生登录，不能再换用途。", "请联系省考试中心。")
    session.purpose, session.wrong_room_codes = purpose, 0
    session.rooms_opened_at = session.rooms_opened_at or work.now
    codes: dict[str, str] = {}
    for room in work.db.scalars(select(Room).order_by(Room.room)):
        code = f"{below(1_000_000):06d}"
        while code in codes.values():
            code = f"{below(1_000_000):06d}"
        room.enrolment_code, room.enrolment_until = code, work.now + window
        codes[room.room] = code
    write_audit(work, "open_rooms", session.session, f"开放 {len(codes)} 个考场的考试机登记（{purpose}）")
    announce_session(work, session)
    return codes


def release_papers(work: Work, keys: ZoneKeys, envelope: bytes) -> ContentKeys:
    """Open the papers with the centre's signed release; returns the content keys, for memory only.

    Everybody who has confirmed begins now. Raises the named errors of verification, ``WrongServerError`` or
    ``NotYetValidError``. Safe to do again.
    """
    release = keys.trust.verify(envelope, KeyRelease, scope=keys.server, now=work.now)
    session = session_of(work)
    if (release.exam, release.session) != (session.exam, session.session):
        raise WrongServerError("密钥发放文件不是给本场次的。", "请核对文件。")
    if release.purpose is not session.purpose:
        raise WrongServerError(
            f"密钥发放文件的用途是“{release.purpose}”，本场使用“{session.purpose}”卷。", "请核对文件。"
        )
    if work.now < release.starts_at:
        raise NotYetValidError("还没有到开考时间。", "请到开考时间再启封。")
    content_keys = _open_key_file(work, keys, release)
    if session.started_at is None:
        session.started_at = work.now
        work.db.merge(HeldRelease(purpose=release.purpose, envelope=envelope, received_at=work.now))
        for paper in work.db.scalars(select(SealedPaper).where(SealedPaper.purpose == release.purpose)):
            # Opened in memory, to prove that it opens and to count its items; no byte of it is written.
            paper.items = len(open_paper(paper.content, content_keys[paper.paper], paper.context).items())
        write_audit(work, "release_papers", session.session, f"试卷启封（{release.purpose}），开考")
        announce_session(work, session)
    return content_keys


def reopen_papers(work: Work, keys: ZoneKeys) -> ContentKeys:
    """Open the key file again after a restart; empty while nothing was released."""
    held = work.db.scalar(select(HeldRelease))
    if held is None:
        return {}
    return _open_key_file(work, keys, keys.trust.verify(held.envelope, KeyRelease, scope=keys.server, now=work.now))


def _open_key_file(work: Work, keys: ZoneKeys, release: KeyRelease) -> ContentKeys:
    held = work.db.get(HeldPackage, release.purpose)
    if held is None:
        raise NoPaperError("没有这个用途的密封试卷包。", "请先导入试卷包。")
    manifest = keys.trust.verify(held.manifest, PaperManifest, scope=keys.server, now=work.now)
    if manifest.revision != release.revision:
        raise WrongServerError(
            f"密钥发放文件对应第 {release.revision} 版试卷，本机是第 {manifest.revision} 版。", "请取得对应的文件。"
        )
    if not manifest.not_before <= work.now <= manifest.not_after:
        raise NotYetValidError("现在不在试卷允许启封的时间内。", "请核对考点服务器的时钟。")
    context = release_context(release.exam, release.session, release.server, release.purpose, release.revision)
    secret = unseal(release.sealed_opening_key, keys.encryption.opening_key, context)
    return open_key_file(held.key_file, secret, manifest)
