"""Sealing 密封: each paper for each server under its own content key, the answer keys apart, to the centre only.

For every (server, purpose) there is one package: a signed manifest, the key file (content keys sealed to that package's
own opening key) and the papers. The private halves of the opening keys leave this module only sealed to the centre
(SECURITY §3). Every package is opened again before it is given out: a paper that cannot be opened at the hour is worse
than none.
"""

import hashlib
import os
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from exam_protocol.answer_key import ANSWER_KEYS_FORMAT, AnswerKeys, answer_keys_context
from exam_protocol.canonical_json import encode
from exam_protocol.documents import AnswerKeyManifest, OpenedKeys, PaperManifest, PaperPart, Role
from exam_protocol.envelope import KEY_BYTES, Randomness, seal
from exam_protocol.errors import ConfigurationError, SealBrokenError
from exam_protocol.exam_config import ExamConfig
from exam_protocol.ids import ExamId, ServerId, SessionId
from exam_protocol.keys import PrivateKey, Trust, sign_document
from exam_protocol.package import contents_of, pack, part_of
from exam_protocol.paper import Purpose
from exam_protocol.sealed_paper import (
    OPENING_KEYS_FORMAT,
    OpeningKey,
    OpeningKeys,
    key_file_context,
    open_key_file,
    open_paper,
    opening_keys_context,
    paper_context,
    seal_paper,
)
from question_bank.papers import AssembledPaper

KEY_FILE_PART = "key-file"
ANSWER_KEYS_PART = "answer-keys"
_EARLY = timedelta(seconds=60)
_LATE = timedelta(hours=24)


class SealingOrder(msgspec.Struct, frozen=True):
    """What every package of one sealing shares. ``centre_key`` is the centre's X25519 public key."""

    not_before: datetime
    not_after: datetime
    paper_key: PrivateKey
    centre_key: bytes
    root_version: int


class SealedPackage(msgspec.Struct, frozen=True):
    """The package of one server and purpose, and what opens it, to be sealed to the centre and then forgotten."""

    server: ServerId
    purpose: Purpose
    content: bytes
    opening_key: OpeningKey


class SealedSession(msgspec.Struct, frozen=True):
    """All that leaves the sealing host for one session; ``opening_keys`` only the centre can open."""

    packages: tuple[SealedPackage, ...]
    answer_keys: dict[Purpose, bytes]
    opening_keys: bytes


def validity(starts_at: datetime, duration_s: int) -> tuple[datetime, datetime]:
    """From when until when packages of a session may be opened.

    One minute before the start, because a zone's clock may be behind the centre's, which alone decides the release;
    a day after the end, because a zone may have to be restored.
    """
    return starts_at - _EARLY, starts_at + timedelta(seconds=duration_s) + _LATE


def sealing_order(
    trust: Trust, paper_key: PrivateKey, config: ExamConfig, servers: Sequence[ServerId], now: datetime
) -> SealingOrder:
    """Check that what is about to be sealed will be accepted where it goes, before anything is sealed.

    Raises ``ConfigurationError`` when the keys are another exam's, a server is not named by the root document, the
    paper key does not count, or the centre has no encryption key.
    """
    if trust.root.exam != config.exam:
        raise ConfigurationError(
            f"密钥是考试“{trust.root.exam}”的，配置是考试“{config.exam}”的。", "请换用本次考试的密钥文件夹。"
        )
    strangers = [server for server in servers if not trust.keys(Role.ZONE, server, now)]
    if strangers:
        raise ConfigurationError(
            f"根文件里没有这些考点服务器：{'、'.join(strangers)}。", "请核对编号，或取得新的根文件。"
        )
    if paper_key.public_key not in trust.keys(Role.PAPER, "", now):
        raise ConfigurationError("密封试卷的密钥（paper.key）不在根文件里，或已过期。", "请换用根文件登记的密钥。")
    centre_keys = trust.keys(Role.CENTRE_ENCRYPTION, "", now)
    if not centre_keys:
        raise ConfigurationError("根文件里没有省中心的加密公钥，或已过期。", "请取得新的根文件。")
    not_before, not_after = validity(config.times.starts_at_utc, config.times.duration_s)
    return SealingOrder(not_before, not_after, paper_key, centre_keys[0], trust.root.version)


def seal_papers(
    papers: Sequence[AssembledPaper],
    servers: Sequence[ServerId],
    order: SealingOrder,
    randomness: Randomness = os.urandom,
) -> SealedSession:
    """Seal a session's papers for all servers. Raises ``ConfigurationError`` when they are not of one assembly."""
    exam, session, _ = assembly_of(papers)
    purposes = sorted({assembled.paper.purpose for assembled in papers})
    packages = tuple(
        seal_package(papers, server, purpose, order, randomness) for server in servers for purpose in purposes
    )
    return SealedSession(
        packages,
        {purpose: seal_answer_keys(papers, purpose, order) for purpose in purposes},
        seal_opening_keys(exam, session, [package.opening_key for package in packages], order),
    )


def assembly_of(papers: Sequence[AssembledPaper]) -> tuple[ExamId, SessionId, int]:
    """Exam, session and revision of papers that belong together, or raise ``ConfigurationError``."""
    heads = {(a.paper.exam, a.paper.session, a.paper.revision) for a in papers}
    if len(heads) != 1:
        raise ConfigurationError("试卷不是同一次组卷的结果，不能一起密封。", "请重新组卷后再密封。")
    return heads.pop()


def seal_package(
    papers: Sequence[AssembledPaper],
    server: ServerId,
    purpose: Purpose,
    order: SealingOrder,
    randomness: Randomness = os.urandom,
) -> SealedPackage:
    """Seal the papers of one purpose for one server and prove that the result opens."""
    exam, session, revision = assembly_of(papers)
    chosen = [assembled.paper for assembled in papers if assembled.paper.purpose is purpose]
    content_keys = [randomness(KEY_BYTES) for _ in chosen]
    sealed = [
        seal_paper(paper, key, paper_context(exam, session, server, paper.id, revision, purpose), randomness)
        for paper, key in zip(chosen, content_keys, strict=True)
    ]
    opening_key = OpeningKey(server, purpose, revision, randomness(KEY_BYTES))
    public_half = X25519PrivateKey.from_private_bytes(opening_key.secret).public_key().public_bytes_raw()
    key_file = seal(
        encode(OpenedKeys(tuple(paper.id for paper in chosen), tuple(content_keys))),
        public_half,
        key_file_context(exam, session, server, revision, purpose),
    )
    manifest = PaperManifest(
        exam=exam,
        session=session,
        server=server,
        purpose=purpose,
        revision=revision,
        opening_key=public_half,
        not_before=order.not_before,
        not_after=order.not_after,
        key_file=part_of(KEY_FILE_PART, key_file),
        papers=tuple(
            PaperPart(part_of(paper.id, content), paper.id, paper.trade, hashlib.sha256(key).hexdigest())
            for paper, content, key in zip(chosen, sealed, content_keys, strict=True)
        ),
        lowest_root_version=order.root_version,
    )
    content = pack(sign_document(manifest, order.paper_key), [key_file, *sealed])
    _prove_it_opens(content, manifest, opening_key, papers)
    return SealedPackage(server, purpose, content, opening_key)


def _prove_it_opens(
    content: bytes, manifest: PaperManifest, opening_key: OpeningKey, papers: Sequence[AssembledPaper]
) -> None:
    parts = [manifest.key_file, *(entry.part for entry in manifest.papers)]
    key_file, *sealed = contents_of(content, parts)
    keys = open_key_file(key_file, opening_key.secret, manifest)
    by_id = {assembled.paper.id: assembled.paper for assembled in papers}
    for entry, ciphertext in zip(manifest.papers, sealed, strict=True):
        context = paper_context(
            manifest.exam, manifest.session, manifest.server, entry.paper, manifest.revision, manifest.purpose
        )
        if open_paper(ciphertext, keys[entry.paper], context) != by_id[entry.paper]:
            raise SealBrokenError("密封后的试卷与原卷不符。", "请不要发出，检查本机内存和硬盘后重新密封。")


def seal_answer_keys(papers: Sequence[AssembledPaper], purpose: Purpose, order: SealingOrder) -> bytes:
    """Return the package of the answer keys of one purpose, which only the centre can open."""
    exam, session, revision = assembly_of(papers)
    keys = tuple(assembled.answer_key for assembled in papers if assembled.paper.purpose is purpose)
    sealed = seal(
        encode(AnswerKeys(ANSWER_KEYS_FORMAT, keys)),
        order.centre_key,
        answer_keys_context(exam, session, revision, purpose),
    )
    manifest = AnswerKeyManifest(
        exam, session, purpose, revision, part_of(ANSWER_KEYS_PART, sealed), order.root_version
    )
    return pack(sign_document(manifest, order.paper_key), [sealed])


def seal_opening_keys(
    exam: ExamId, session: SessionId, opening_keys: Sequence[OpeningKey], order: SealingOrder
) -> bytes:
    """Seal the private halves of all opening keys to the centre."""
    keys = OpeningKeys(OPENING_KEYS_FORMAT, exam, session, tuple(opening_keys))
    return seal(encode(keys), order.centre_key, opening_keys_context(exam, session))
