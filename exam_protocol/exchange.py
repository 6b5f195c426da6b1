"""What centre and zone exchange: where it is fetched and brought, and the context that each seal is bound to.

Zone → centre: ``GET release_path`` each second from the start on (404 until the release), ``PUT answers_path`` with the
answer package as the body; the answer is ``AnswersTaken`` as JSON. The same files may travel on a USB stick instead.
"""

import hashlib
import hmac

import msgspec

from exam_protocol.ids import EpochMs, ExamId, ServerId, SessionId, server_file_name
from exam_protocol.paper import Purpose
from exam_protocol.publication import normal_id_number

ROSTER_PART = "roster"
ANSWERS_PART = "answers"
MAX_ANSWER_PACKAGE_BYTES = 256 * 1024 * 1024


class AnswersTaken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Centre → zone: the package with this SHA-256 lies on the centre's disk; ``sittings`` are those it counts."""

    server: ServerId
    session: SessionId
    sha256: str
    size: int
    sittings: int
    at: EpochMs


def release_path(server: ServerId, purpose: Purpose) -> str:
    """Path of a server's key release at the centre."""
    return f"/exchange/releases/{server_file_name(server)}/{purpose}"


def answers_path(server: ServerId) -> str:
    """Path to which a server brings its answer package."""
    return f"/exchange/answers/{server_file_name(server)}"


def roster_context(exam: ExamId, session: SessionId, server: ServerId, revision: int) -> str:
    """Context of the roster sealed to a zone's encryption key: ``envelope.seal(encode(ZoneRoster), …)``."""
    return f"kaoping roster/1 {exam} {session} {server} {revision}"


def release_context(exam: ExamId, session: SessionId, server: ServerId, purpose: Purpose, revision: int) -> str:
    """Context of the opening key (32 raw bytes) sealed to a zone's encryption key inside a ``KeyRelease``."""
    return f"kaoping release/1 {exam} {session} {server} {purpose} {revision}"


def answers_context(exam: ExamId, session: SessionId, server: ServerId) -> str:
    """Context of the answer package: of its content key, sealed to each recipient, and of the part under that key."""
    return f"kaoping answers/1 {exam} {session} {server}"


def id_keyed_hash(id_hash_key: bytes, id_number: str) -> str:
    """Return what a roster holds instead of an ID number: HMAC-SHA256 under the roster's own key, hexadecimal."""
    return hmac.new(id_hash_key, normal_id_number(id_number).encode(), hashlib.sha256).hexdigest()
