"""What the centre publishes and the portal shows: the one part of a publication package (SECURITY §6).

The portal has no route to the centre; what it knows is here. It holds no ID number: a candidate is found by a keyed
hash of the number they type. The key of that hash goes to the portal apart from the package, in ``lookup.key``.
"""

import hashlib
import hmac
import os
import unicodedata
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import msgspec

from exam_protocol.envelope import KEY_BYTES, Randomness
from exam_protocol.errors import ConfigurationError, MalformedMessageError
from exam_protocol.ids import ExamId, Milli, TicketNo, TradeCode

PUBLICATION_FORMAT = "publication/1"
PUBLICATION_PART = "publication.json"
MAX_PUBLICATION_BYTES = 512 * 1024 * 1024
_KEY_LINE = "lookup-key/1 "
_CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LETTERS = 10
_READ_AS = str.maketrans("OIL", "011")


class Verdict(StrEnum):
    """结论. Only ``PASS`` is 双60."""

    PASS = "pass"  # noqa: S105 - a verdict, no password
    FAIL = "fail"
    ABSENT = "absent"
    VOID = "void"


class PublishedSubject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One subject: the exact mark (``None`` where there is none), the mark as displayed, the status in words."""

    milli: Milli | None
    display: str
    words: str
    is_passed: bool


class PublishedResult(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One candidate's published result. ``revision`` rises with each correction, whose reason is ``correction``."""

    lookup_hash: str
    activation_hash: str
    transcript_no: str
    revision: int
    correction: str
    name: str
    gender: str
    id_masked: str
    ticket_no: TicketNo
    trade: TradeCode
    trade_name: str
    unit: str
    zone_name: str
    photo: bytes
    know: PublishedSubject
    do: PublishedSubject
    verdict: Verdict
    verdict_words: str
    verdict_note: str
    next_step: str
    transcript: str
    """The signed text of the QR (Base45), as ``scoring.transcript.sign_transcript`` gives it."""


class Publication(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All results of one exam. A later publication replaces the earlier one whole; its ``revision`` is higher."""

    format: str
    exam: ExamId
    exam_title: str
    year: int
    revision: int
    issuer: str
    issued_at: datetime
    recheck_until: datetime | None
    pass_milli_know: Milli
    pass_milli_do: Milli
    is_sample: bool
    results: tuple[PublishedResult, ...]


def normal_id_number(typed: str) -> str:
    """An ID number as it is hashed: full-width forms folded, blanks dropped, a small x made large."""
    return "".join(unicodedata.normalize("NFKC", typed).split()).upper()


def lookup_hash(lookup_key: bytes, id_number: str) -> str:
    """Keyed hash by which the portal finds a candidate (HMAC-SHA256, hexadecimal)."""
    return _keyed(lookup_key, f"lookup\n{normal_id_number(id_number)}")


def new_activation_code(randomness: Randomness = os.urandom) -> str:
    """Ten characters (50 random bits) that the unit hands out, for the candidate's first password."""
    number = int.from_bytes(randomness(8), "big")
    letters = "".join(_CODE_ALPHABET[number >> 5 * place & 31] for place in range(_CODE_LETTERS))
    return f"{letters[:5]}-{letters[5:]}"


def activation_hash(lookup_key: bytes, id_number: str, code: str) -> str:
    """Keyed hash of an activation code, bound to the ID number it was made for. The letters O, I, L read as 0, 1, 1."""
    read = "".join(unicodedata.normalize("NFKC", code).split()).replace("-", "").upper().translate(_READ_AS)
    return _keyed(lookup_key, f"activation\n{normal_id_number(id_number)}\n{read}")


def _keyed(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def format_lookup_key(lookup_key: bytes) -> str:
    """The text of ``lookup.key``: made once by the centre, carried to the portal."""
    return f"{_KEY_LINE}{lookup_key.hex()}\n"


def read_lookup_key(path: Path) -> bytes:
    """Read ``lookup.key``. Raises ``ConfigurationError`` or ``MalformedMessageError``."""
    try:
        text = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as missing:
        raise ConfigurationError(f"读不到查询密钥文件 {path}。", "请从省考试中心取得 lookup.key。") from missing
    try:
        key = bytes.fromhex(text.removeprefix(_KEY_LINE))
    except ValueError:
        key = b""
    if not text.startswith(_KEY_LINE) or len(key) != KEY_BYTES:
        raise MalformedMessageError(f"{path} 不是查询密钥文件。", "请从省考试中心重新取得 lookup.key。")
    return key
