"""Every message between kiosk and zone, defined once (ARCHITECTURE §5).

A Socket.IO event carries one string: the canonical JSON of the message whose name is the event's name. The
acknowledgement carries one string: the canonical JSON of the reply, or of ``Refused``. Each message tells its own name
in the field ``message``, so that the very same bytes can rest in a journal, a database or a package and still be read.
"""

from typing import Annotated, TypeVar

import msgspec

from exam_protocol.canonical_json import decode, encode
from exam_protocol.envelope import KEY_BYTES
from exam_protocol.errors import KaopingError, MalformedMessageError
from exam_protocol.ids import (
    AttemptId,
    DeviceId,
    EpochMs,
    ItemId,
    OptionId,
    PaperId,
    RoomId,
    SeatNo,
    ServerId,
    TicketNo,
)
from exam_protocol.sitting_state import SittingState

MAX_MESSAGE_BYTES = 64 * 1024
MAX_SIGNED_IN_BYTES = 1024 * 1024
_MAX_OPTIONS = 16

# Integers end at 2^53: an SQLite column, a double in JavaScript and a native int all hold them exactly.
_LARGEST = 2**53 - 1
_Count = Annotated[int, msgspec.Meta(ge=0, le=_LARGEST)]
_Time = Annotated[EpochMs, msgspec.Meta(ge=0, le=_LARGEST)]
_Attempt = Annotated[AttemptId, msgspec.Meta(ge=1, le=_LARGEST)]
_Seat = Annotated[SeatNo, msgspec.Meta(ge=1, le=10_000)]
_Seq = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
_Short = Annotated[str, msgspec.Meta(max_length=64)]
_Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
_PublicKey = Annotated[bytes, msgspec.Meta(min_length=KEY_BYTES, max_length=KEY_BYTES)]


def event_name(name: str) -> str:
    """Name of the Socket.IO event of a message class: ``HandIn`` → ``hand_in``."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="message", tag=event_name):
    """Base of all messages."""


class Enrol(Message, frozen=True):
    """Kiosk → zone, over HTTP POST ``/kiosk/enrol``, once per device and exam: take this seat. Answer: ``Enrolled``.

    ``room_code`` is the six digits the zone shows for a room while its enrolment window is open.
    """

    room_code: _Short
    seat: _Seat
    device: DeviceId
    signing_key: _PublicKey
    encryption_key: _PublicKey
    software: _Short


class Enrolled(Message, frozen=True):
    """Zone → kiosk: the device holds the seat. ``token`` is what it shows at every connect (128 random bits)."""

    server: ServerId
    zone_name: _Short
    room: RoomId
    room_name: _Short
    seat: _Seat
    token: str


class Hello(Message, frozen=True):
    """Kiosk → zone, first after each connect: I am this device. Answer: ``SeatShown``. Safe to send again."""

    device: DeviceId
    software: _Short


class SeatShown(Message, frozen=True):
    """Zone → kiosk: what to show at this seat before and after sign-in; ``zone_time`` sets the kiosk's clock.

    ``name``/``photo`` are of the candidate planned for the seat, ``None`` for a spare seat. ``attempt`` is set once
    somebody has signed in here: the kiosk then goes on with its journal, or asks the candidate to sign in again.
    """

    server: ServerId
    exam_title: str
    session_title: str
    zone_name: str
    room: RoomId
    room_name: str
    seat: _Seat
    name: str | None
    photo: bytes | None
    starts_at: _Time
    duration_s: _Count
    earliest_hand_in_s: _Count
    heartbeat_s: _Count
    zone_time: _Time
    attempt: _Attempt | None
    state: SittingState | None


class SignIn(Message, frozen=True):
    """Kiosk → zone: the candidate's last 4 of the ID card, or ticket number and full ID number. Answer: ``SignedIn``.

    Safe to send again from the same device while it holds the sitting.
    """

    device: DeviceId
    ticket_no: TicketNo | None
    id_number: _Short


class SignedIn(Message, frozen=True):
    """Zone → kiosk: this candidate sits here. Everything a kiosk needs to restart without the zone, but the paper.

    ``paper_url`` is the path of the sealed paper at the zone, ``paper_sha256`` its hash; ``order_seed`` fixes the
    display order of items and options; ``acked_seq``/``head`` are what the zone holds of the chain, ``events`` its
    bytes (empty unless the candidate comes back or moves from another machine).
    """

    attempt: _Attempt
    epoch: _Count
    ticket_no: TicketNo
    name: str
    trade: str
    unit: str
    photo: bytes
    state: SittingState
    order_seed: int
    paper: PaperId
    paper_url: str
    paper_sha256: _Digest
    paper_context: str
    acked_seq: _Count
    head: _Digest
    events: tuple[str, ...]


class ConfirmIdentity(Message, frozen=True):
    """Kiosk → zone: the candidate says photo and name are theirs. Answer: ``SittingChanged``. Safe to send again."""

    device: DeviceId
    attempt: _Attempt
    epoch: _Count


class PaperReleased(Message, frozen=True):
    """Zone → kiosk, pushed at the start and answered to ``Ready``: the content key, sealed to the device."""

    attempt: _Attempt
    paper: PaperId
    sealed_content_key: bytes
    started_at: _Time
    ends_at: _Time
    zone_time: _Time


class Ready(Message, frozen=True):
    """Kiosk → zone: I hold the sealed paper. Answer: ``PaperReleased`` when the hour has come, else ``NotYet``."""

    device: DeviceId
    attempt: _Attempt
    epoch: _Count


class NotYet(Message, frozen=True):
    """Zone → kiosk: the paper is not released yet."""

    starts_at: _Time
    zone_time: _Time


class Answer(Message, frozen=True):
    """Kiosk → zone: the whole response to one item as it is now. Answer: ``AnswerSaved``. Safe to send again.

    An entry of the attempt's chain: ``prev`` is the head before it, the head after it is SHA-256 over the exact bytes
    of this message. Times are evidence only: ``t_mono`` ms on the kiosk's monotonic clock since the paper opened,
    ``t_wall`` its wall clock. ``options`` are in canonical order; empty means cleared.
    """

    attempt: _Attempt
    epoch: _Count
    seq: _Seq
    item: ItemId
    options: Annotated[tuple[OptionId, ...], msgspec.Meta(max_length=_MAX_OPTIONS)]
    is_marked: bool
    t_mono: _Count
    t_wall: _Time
    prev: _Digest


class AnswerSaved(Message, frozen=True):
    """Zone → kiosk, only after the commit: everything up to ``seq`` is kept; ``head`` is the chain's head there."""

    attempt: _Attempt
    epoch: _Count
    seq: _Count
    head: _Digest


class HandIn(Message, frozen=True):
    """Kiosk → zone: the last entry of the chain. Answer: ``HandedIn``. Safe to send again.

    ``reason`` is ``candidate`` or ``time_up`` or ``collected``.
    """

    attempt: _Attempt
    epoch: _Count
    seq: _Seq
    reason: _Short
    answered: _Count
    t_mono: _Count
    t_wall: _Time
    prev: _Digest


class HandedIn(Message, frozen=True):
    """Zone → kiosk: the receipt (a signed ``documents.Receipt``) and its 16-character code."""

    attempt: _Attempt
    seq: _Count
    receipt: bytes
    code: str


class Heartbeat(Message, frozen=True):
    """Kiosk → zone every ``heartbeat_s``. Answer: ``HeartbeatSeen``. Evidence and display only."""

    device: DeviceId
    attempt: _Attempt | None
    seq: _Count
    unsent: _Count
    answered: _Count
    items: _Count
    focus_losses: _Count
    t_wall: _Time


class HeartbeatSeen(Message, frozen=True):
    """Zone → kiosk: the zone's time, and the candidate's end and state as the zone has them."""

    zone_time: _Time
    ends_at: _Time | None
    state: SittingState | None


class TimeChanged(Message, frozen=True):
    """Zone → kiosk, pushed: the ledger changed the end of this attempt. ``seconds`` is what was added."""

    attempt: _Attempt
    ends_at: _Time
    zone_time: _Time
    seconds: int


class SittingChanged(Message, frozen=True):
    """Zone → kiosk, pushed or answered: the sitting's state; ``words`` are shown to the candidate."""

    attempt: _Attempt
    state: SittingState
    words: str


class CollectNow(Message, frozen=True):
    """Zone → kiosk, pushed: close the chain now and send ``HandIn`` with the reason ``collected``."""

    attempt: _Attempt
    words: str


class Refused(Message, frozen=True):
    """Zone → kiosk: a named refusal; ``acked_seq`` tells where to go on after a gap in the chain."""

    code: _Short
    what: str
    do: str
    acked_seq: int | None = None


ChainEntry = Answer | HandIn
JournalEntry = SignedIn | PaperReleased | Answer | HandIn | HandedIn | TimeChanged | SittingChanged
ZonePush = PaperReleased | TimeChanged | SittingChanged | CollectNow
AnyReply = (
    SeatShown
    | SignedIn
    | SittingChanged
    | PaperReleased
    | NotYet
    | AnswerSaved
    | HandedIn
    | HeartbeatSeen
    | Enrolled
    | Refused
)
MessageT = TypeVar("MessageT", bound=Message)


class RefusedByZoneError(KaopingError):
    """The zone refused a message; ``refusal`` holds its words."""

    def __init__(self, refusal: Refused) -> None:
        super().__init__(refusal.what, refusal.do)
        self.refusal = refusal


def write(message: Message) -> str:
    """Encode a message as the string that travels."""
    return encode(message).decode()


def read(text: object, expected: type[MessageT]) -> MessageT:
    """Decode a received string strictly; raises the named errors of ``canonical_json.decode``."""
    return decode(_as_bytes(text), expected, max_bytes=MAX_MESSAGE_BYTES)


def read_reply(text: object, expected: type[MessageT]) -> MessageT:
    """Decode an acknowledgement: the expected reply, or ``RefusedByZoneError`` when the zone refused."""
    reply: Message = decode(_as_bytes(text), AnyReply, max_bytes=MAX_SIGNED_IN_BYTES)  # type: ignore[arg-type]  # a union
    if isinstance(reply, Refused):
        raise RefusedByZoneError(reply)
    if not isinstance(reply, expected):
        raise RefusedByZoneError(Refused("unexpected_reply", "服务器的回复与请求不符。", "请联系技术员。"))
    return reply


def _as_bytes(text: object) -> bytes:
    # Socket.IO delivers whatever the other side packed: a dict, bytes, or a string with half a surrogate pair.
    if not isinstance(text, str):
        raise MalformedMessageError("消息不是文本。", "请检查版本是否一致。")
    try:
        return text.encode()
    except UnicodeEncodeError as broken:
        raise MalformedMessageError("消息不是有效的文本。", "请检查版本是否一致。") from broken


def refusal(error: KaopingError, acked_seq: int | None = None) -> Refused:
    """Tell an error as a message."""
    return Refused(error.code, error.what, error.do, acked_seq)
