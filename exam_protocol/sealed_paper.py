"""A paper under seal: what is bound into each seal, how a paper is sealed and opened, where opening keys travel.

Two seals stand between a paper and a seat (SECURITY §3): the paper is encrypted under its own content key, and at the
hour the content key is sealed to the one device that needs it. Both are bound to their full context, so that a sealed
thing that is moved to another exam, server, paper or seat does not open.
"""

import hashlib
import os

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from exam_protocol.canonical_json import decode, encode
from exam_protocol.documents import OpenedKeys, PaperManifest
from exam_protocol.envelope import Randomness, decrypt, encrypt, pad, unpad, unseal
from exam_protocol.errors import SealBrokenError
from exam_protocol.ids import AttemptId, DeviceId, ExamId, PaperId, ServerId, SessionId
from exam_protocol.paper import MAX_PAPER_BYTES, Paper, Purpose

OPENING_KEYS_FORMAT = "opening-keys/1"
MAX_OPENING_KEYS_BYTES = 4 * 1024 * 1024


class OpeningKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The private half (32 bytes, X25519) that opens the key file of one server and purpose."""

    server: ServerId
    purpose: Purpose
    revision: int
    secret: bytes


class OpeningKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Bank → centre, sealed to the centre's encryption key: every opening key of one session."""

    format: str
    exam: ExamId
    session: SessionId
    keys: tuple[OpeningKey, ...]


def paper_context(  # noqa: PLR0917 - the whole context, in the order in which it is bound
    exam: ExamId, session: SessionId, server: ServerId, paper: PaperId, revision: int, purpose: Purpose
) -> str:
    """Tell what a sealed paper is bound to; travels to the kiosk as ``SignedIn.paper_context``."""
    return f"kaoping sealed-paper/1 {exam} {session} {server} {paper} {revision} {purpose}"


def key_file_context(exam: ExamId, session: SessionId, server: ServerId, revision: int, purpose: Purpose) -> str:
    """Tell what a key file (``OpenedKeys`` sealed to the opening key) is bound to."""
    return f"kaoping key-file/1 {exam} {session} {server} {revision} {purpose}"


def opening_keys_context(exam: ExamId, session: SessionId) -> str:
    """Tell what the opening keys of a session (``OpeningKeys`` sealed to the centre) are bound to."""
    return f"kaoping opening-keys/1 {exam} {session}"


def device_context(device: DeviceId, attempt: AttemptId, paper: PaperId) -> str:
    """Tell what a content key sealed to a device is bound to."""
    return f"kaoping device-key/1 {device} {attempt} {paper}"


def seal_paper(paper: Paper, content_key: bytes, context: str, randomness: Randomness = os.urandom) -> bytes:
    """Encrypt a paper under a content key that is used for nothing else; its size is padded to 64 KiB steps."""
    return encrypt(pad(encode(paper)), content_key, context, randomness)


def open_paper(sealed: bytes, content_key: bytes, context: str) -> Paper:
    """Open a sealed paper in memory. Raises ``SealBrokenError`` or the errors of ``canonical_json.decode``."""
    return decode(unpad(decrypt(sealed, content_key, context)), Paper, max_bytes=MAX_PAPER_BYTES)


def open_key_file(sealed: bytes, secret: bytes, manifest: PaperManifest) -> dict[PaperId, bytes]:
    """Open the key file of a package with its opening key's private half: each paper's content key.

    A wrong opening key is told apart from a damaged file before anything is decrypted; every content key is checked
    against the *verified* manifest. Raises ``SealBrokenError``.
    """
    opening_key = X25519PrivateKey.from_private_bytes(secret)
    if opening_key.public_key().public_bytes_raw() != manifest.opening_key:
        raise SealBrokenError("启封密钥与试卷包不配套。", "请核对考点、场次和正卷/备用卷，重新取得启封密钥。")
    context = key_file_context(manifest.exam, manifest.session, manifest.server, manifest.revision, manifest.purpose)
    opened = decode(unseal(sealed, opening_key, context), OpenedKeys, max_bytes=MAX_OPENING_KEYS_BYTES)
    keys = dict(zip(opened.papers, opened.content_keys, strict=False))
    expected = {part.paper: part.content_key_sha256 for part in manifest.papers}
    found = {paper: hashlib.sha256(key).hexdigest() for paper, key in keys.items()}
    if found != expected or len(opened.papers) != len(opened.content_keys):
        raise SealBrokenError("密钥文件与试卷清单不符。", "请不要使用这个试卷包，向省考试中心重新取得。")
    return keys
