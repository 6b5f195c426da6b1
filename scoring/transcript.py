r"""电子成绩单: the facts in its QR code, signed, in as few characters as can be (SECURITY §6).

```
byte 0        format, 1
1–4           first four bytes of SHA-256 of the signing key's public half
5–6           issued on, days since 2020-01-01             (numbers are big endian)
7–8           revision, from 1
9             result, its place in RESULT_CODES
10–11         trade, first two digits × 1000 + last three
12–16         ticket number, ten digits, as a number
17–…          GB 18030 text: exam title \\n name \\n last four of the ID number \\n 应知 \\n 应会
last 64       Ed25519 over "kaoping transcript/1\\n" and everything before
```
The bytes are written in Base45 (RFC 9285), whose 45 characters are those a QR code packs most densely. Two of them,
the space and ``%``, cannot stand in a URL: they are written ``%20`` and ``%25`` (RFC 9285 §6), still within the 45.
GB 18030 writes a Chinese character in two bytes, UTF-8 in three; browsers read it (``TextDecoder("gb18030")``).
"""

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from urllib.parse import quote, unquote

import base45
import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from exam_protocol.documents import Role
from exam_protocol.errors import KaopingError, SignatureInvalidError
from exam_protocol.ids import TicketNo, TradeCode
from exam_protocol.keys import PrivateKey
from scoring.pass_rules import Outcome
from scoring.results import Result, mark_text

RESULT_CODES = (Outcome.PASS, Outcome.FAIL, Outcome.ABSENT, Outcome.VOID, Outcome.PENDING)
MAX_TRANSCRIPT_CHARACTERS = 1000
_FORMAT = 1
_CONTEXT = b"kaoping transcript/1\n"
_FIRST_DAY = date(2020, 1, 1)
_ENCODING = "gb18030"
_HINT_BYTES, _HEAD_BYTES, _SIGNATURE_BYTES, _TEXTS = 4, 17, 64, 5
_TICKET_DIGITS = 10
# Python's GB 18030 is of 2005, the browsers' of 2022: of 138,128 code points these alone differ (compared in Chromium),
# ḿ and private-use places that old systems put rare characters in. A name must not read differently on a phone.
_READ_DIFFERENTLY = frozenset(
    map(chr, (0x1E3F, 0xE5E5, *range(0xE78D, 0xE797), 0xE7C7, 0xE81E, 0xE826, 0xE82B, 0xE82C, 0xE832, 0xE843))
) | {"\ue854", "\ue864"}
_LEFT_AS_THEY_ARE = "$*+-./:"


class TranscriptFactsError(KaopingError):
    """A fact does not fit the format: a line break, a ticket number that is not ten digits, a day before 2020.

    Or it holds a character that browsers read differently.
    """


class TranscriptUnreadableError(KaopingError):
    """Not a transcript's code, or cut off, or of another format."""


class TranscriptKeyUnknownError(KaopingError):
    """The code names a signing key that is not among the keys given."""


class TranscriptAlteredError(KaopingError):
    """The signature does not fit: a fact was changed, or somebody else signed."""


class TranscriptFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a transcript says. ``know`` and ``do`` are as displayed ("78.5", "缺考"); the trade's name is its code's."""

    exam_title: str
    name: str
    id_last4: str
    ticket_no: TicketNo
    trade: TradeCode
    know: str
    do: str
    result: Outcome
    revision: int
    issued_on: date


def transcript_of(
    result: Result,
    *,
    exam_title: str,
    id_last4: str,
    revision: int,
    issued_on: date,
    know_decimals: int,
    do_decimals: int,
) -> TranscriptFacts:
    """Take the facts from a result; the marks are cut off at so many decimals, never rounded up."""
    return TranscriptFacts(
        exam_title,
        result.name,
        id_last4,
        result.ticket_no,
        result.trade,
        mark_text(result.know_status, result.know_milli, know_decimals),
        mark_text(result.do_status, result.do_milli, do_decimals),
        result.outcome,
        revision,
        issued_on,
    )


def sign_transcript(facts: TranscriptFacts, key: PrivateKey) -> str:
    """Sign the facts; returns the text for the URL's fragment, at most 260 characters for usual names and titles.

    Raises ``SignatureInvalidError`` when the key is not a transcript key and ``TranscriptFactsError``.
    """
    if key.role is not Role.TRANSCRIPT:
        raise SignatureInvalidError(f"密钥的用途是“{key.role}”，不能签署成绩单。", "请改用成绩单密钥。")
    try:
        body = _encode(facts, _hint(key.public_key))
        faithful = _decode(body) == facts
    except (ValueError, OverflowError, IndexError) as wrong:
        raise _unfit(facts) from wrong
    if not faithful:
        raise _unfit(facts)
    signature = key.signing_key.sign(_CONTEXT + body)
    return quote(base45.b45encode(body + signature).decode(), safe=_LEFT_AS_THEY_ARE)


def verify_transcript(text: str, public_keys: Sequence[bytes]) -> TranscriptFacts:
    """Return the facts that one of the transcript keys signed. Nothing is read before the signature is checked.

    ``text`` is the fragment without "#". Raises ``TranscriptUnreadableError``, ``TranscriptKeyUnknownError`` or
    ``TranscriptAlteredError``.
    """
    signed = _bytes_of(text)
    body, signature = signed[:-_SIGNATURE_BYTES], signed[-_SIGNATURE_BYTES:]
    candidates = [key for key in public_keys if _hint(key) == body[1 : 1 + _HINT_BYTES]]
    if not candidates:
        raise TranscriptKeyUnknownError(
            "成绩单的签发密钥不在名单里，无法确认。", "请更新核验页后再试；仍无法确认的，请不要使用，联系考试机构。"
        )
    if not any(_fits(key, signature, body) for key in candidates):
        raise TranscriptAlteredError("签名不符：内容被改动过，或不是考试机构签发的。", "请不要使用，联系考试机构。")
    try:
        return _decode(body)
    except (ValueError, IndexError) as broken:
        raise _unreadable() from broken


def _bytes_of(text: str) -> bytes:
    try:
        if len(text) > MAX_TRANSCRIPT_CHARACTERS:
            raise ValueError(len(text))  # noqa: TRY301 - one refusal for everything that is no transcript
        signed: bytes = base45.b45decode(unquote(text, errors="strict"))
    except ValueError as broken:
        raise _unreadable() from broken
    if len(signed) < _HEAD_BYTES + _SIGNATURE_BYTES or signed[0] != _FORMAT:
        raise _unreadable()
    return signed


def _unreadable() -> TranscriptUnreadableError:
    return TranscriptUnreadableError("这不是本系统的成绩单二维码，或没有扫全。", "请擦净、展平后重新扫描。")


def _unfit(facts: TranscriptFacts) -> TranscriptFactsError:
    return TranscriptFactsError(f"准考证号 {facts.ticket_no} 的成绩单内容不合格式。", "请核对姓名、证号、工种和日期。")


def _fits(public_key: bytes, signature: bytes, body: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, _CONTEXT + body)
    except (InvalidSignature, ValueError):
        return False
    return True


def _hint(public_key: bytes) -> bytes:
    return hashlib.sha256(public_key).digest()[:_HINT_BYTES]


def _encode(facts: TranscriptFacts, hint: bytes) -> bytes:
    if facts.revision < 1:
        raise ValueError(facts.revision)
    industry, number = facts.trade.split("-")
    texts = (facts.exam_title, facts.name, facts.id_last4, facts.know, facts.do)
    if _READ_DIFFERENTLY & set("".join(texts)):
        raise ValueError(facts.name)
    return b"".join(
        (
            bytes([_FORMAT]),
            hint,
            (facts.issued_on - _FIRST_DAY).days.to_bytes(2, "big"),
            facts.revision.to_bytes(2, "big"),
            bytes([RESULT_CODES.index(facts.result)]),
            (int(industry) * 1000 + int(number)).to_bytes(2, "big"),
            int(facts.ticket_no).to_bytes(5, "big"),
            "\n".join(texts).encode(_ENCODING),
        )
    )


def _decode(body: bytes) -> TranscriptFacts:
    days, revision, trade, ticket = (int.from_bytes(body[a:b], "big") for a, b in ((5, 7), (7, 9), (10, 12), (12, 17)))
    texts = body[_HEAD_BYTES:].decode(_ENCODING).split("\n")
    if len(texts) != _TEXTS:
        raise ValueError(len(texts))
    title, name, id_last4, know, do = texts
    industry, number = divmod(trade, 1000)
    return TranscriptFacts(
        title,
        name,
        id_last4,
        TicketNo(f"{ticket:0{_TICKET_DIGITS}d}"),
        TradeCode(f"{industry:02d}-{number:03d}"),
        know,
        do,
        RESULT_CODES[body[9]],
        revision,
        _FIRST_DAY + timedelta(days=days),
    )
