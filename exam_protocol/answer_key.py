"""Which options are right: travels from the bank to the centre only, sealed, apart from the paper."""

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from exam_protocol.canonical_json import decode
from exam_protocol.documents import AnswerKeyManifest
from exam_protocol.envelope import unseal
from exam_protocol.ids import ExamId, ItemId, Milli, OptionId, PaperId, SessionId, TradeCode
from exam_protocol.marking_rule import MarkingRule
from exam_protocol.paper import ItemType, Purpose

ANSWER_KEY_FORMAT = "answer-key/1"
ANSWER_KEYS_FORMAT = "answer-keys/1"
MAX_ANSWER_KEY_BYTES = 4 * 1024 * 1024
MAX_ANSWER_KEYS_BYTES = 256 * 1024 * 1024


class ItemAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The right set of one item. ``number`` is the item's place in the paper (1…), for reports that outlive its id.

    ``options`` are all option ids in canonical order, so that a response can be told as letters; ``is_public`` says
    whether the item belongs to 公共基础知识 or to the trade's own theory.
    """

    item: ItemId
    number: int
    type: ItemType
    is_public: bool
    options: tuple[OptionId, ...]
    right: tuple[OptionId, ...]
    milli: Milli
    rule: MarkingRule
    bank_no: str


class AnswerKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """标准答案 of one paper."""

    format: str
    paper: PaperId
    exam: ExamId
    session: SessionId
    trade: TradeCode
    purpose: Purpose
    revision: int
    total_milli: Milli
    items: tuple[ItemAnswer, ...]


class AnswerKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Bank → centre: the content of an answer-key package: the keys of all papers of one session and purpose."""

    format: str
    keys: tuple[AnswerKey, ...]


def answer_keys_context(exam: ExamId, session: SessionId, revision: int, purpose: Purpose) -> str:
    """Tell what the answer keys, sealed to the centre, are bound to."""
    return f"kaoping answer-keys/1 {exam} {session} {revision} {purpose}"


def open_answer_keys(sealed: bytes, centre_key: X25519PrivateKey, manifest: AnswerKeyManifest) -> AnswerKeys:
    """Open the part of a *verified* answer-key manifest with the centre's encryption key.

    Raises ``SealBrokenError`` or the errors of ``canonical_json.decode``.
    """
    context = answer_keys_context(manifest.exam, manifest.session, manifest.revision, manifest.purpose)
    return decode(unseal(sealed, centre_key, context), AnswerKeys, max_bytes=MAX_ANSWER_KEYS_BYTES)
