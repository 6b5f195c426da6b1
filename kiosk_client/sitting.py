"""The candidate's sitting as the seat knows it, and what the candidate can do to it. Pure: state in, state out.

Each function takes a sitting and returns a ``Step``: the sitting afterwards and the records that must rest on the disk
*before* anybody is shown it (promise P1). What the zone says is in ``zone_news``, the way back from a journal in
``restart``; what to send next is read off the sitting, so that a reconnect or a restart needs no rule of its own.
"""

from enum import StrEnum

import msgspec

from exam_protocol.canonical_json import encode
from exam_protocol.errors import KaopingError
from exam_protocol.event_chain import Chain
from exam_protocol.ids import DeviceId, EpochMs, ItemId, OptionId
from exam_protocol.messages import (
    Answer,
    ChainEntry,
    HandedIn,
    HandIn,
    PaperReleased,
    SeatShown,
    SignedIn,
    SittingChanged,
)
from exam_protocol.paper import ItemType
from exam_protocol.sitting_state import CLOSED, SittingState
from kiosk_client.clock import Moment, ZoneClock
from kiosk_client.shown_paper import ShownItem, ShownPaper

_LAST_CONFIRMATION = 2


class NotAnsweringError(KaopingError):
    """Answering is not open: before the start, paused, after the end, or handed in."""


class NoSuchItemError(KaopingError):
    """The paper has no item of this number, or the item has no such option, or one option too many was chosen."""


class NothingAnsweredError(KaopingError):
    """A paper without one answer is not handed in by the candidate."""


class TooEarlyToHandInError(KaopingError):
    """Before the earliest hand-in."""


class ConfirmTwiceError(KaopingError):
    """The second confirmation came without the first."""


class Phase(StrEnum):
    """Which screen the candidate sees (SCREENS §2.2)."""

    STARTING = "starting"
    SEAT_UNKNOWN = "seat_unknown"
    SIGN_IN = "sign_in"
    CONFIRM = "confirm"
    WAITING = "waiting"
    ANSWERING = "answering"
    PAUSED = "paused"
    REVIEW = "review"
    RECEIPT = "receipt"
    COLLECTED = "collected"
    TROUBLE = "trouble"


class Saving(StrEnum):
    """Where the candidate's work is: also at the zone, on this machine, or the last change nowhere."""

    SAVED = "saved"
    LOCAL = "local"
    FAILED = "failed"


class Words(msgspec.Struct, frozen=True):
    """What the candidate is told: what happened, and what to do now."""

    what: str
    do: str


class Sitting(msgspec.Struct, frozen=True):
    """All a seat knows. ``events`` are the exact bytes of the chain, ``acked`` how many of them the zone holds.

    ``ends_at`` is the candidate's own end by the time ledger; ``state`` is the zone's last word on the sitting.
    """

    device: DeviceId
    seat: SeatShown | None = None
    clock: ZoneClock | None = None
    signed_in: SignedIn | None = None
    state: SittingState | None = None
    state_words: str = ""
    released: PaperReleased | None = None
    ends_at: EpochMs | None = None
    paper: ShownPaper | None = None
    chain: Chain | None = None
    events: tuple[bytes, ...] = ()
    answers: dict[ItemId, Answer] = {}
    acked: int = 0
    hand_in: HandIn | None = None
    receipt: HandedIn | None = None
    current: int = 1
    is_reviewing: bool = False
    confirmations: int = 0
    is_time_up: bool = False
    has_failed_save: bool = False
    notice: Words | None = None
    trouble: Words | None = None

    @property
    def phase(self) -> Phase:  # noqa: PLR0911 - one return per screen
        """Tell which screen this is; the first that fits, from the end of the sitting to its beginning."""
        if self.trouble is not None:
            return Phase.TROUBLE
        if self.seat is None:
            return Phase.STARTING
        if self.signed_in is None or self.state in (None, SittingState.EXPECTED):
            return Phase.SIGN_IN
        if self.hand_in is not None:
            return Phase.RECEIPT if self.hand_in.reason == BY_CANDIDATE else Phase.COLLECTED
        if self.is_time_up or self.state in CLOSED:
            return Phase.COLLECTED
        if self.state is SittingState.SIGNED_IN:
            return Phase.CONFIRM
        if self.paper is None or self.state is SittingState.CONFIRMED:
            return Phase.WAITING
        if self.state is SittingState.PAUSED:
            return Phase.PAUSED
        return Phase.REVIEW if self.is_reviewing else Phase.ANSWERING

    @property
    def saving(self) -> Saving:
        """Tell where the candidate's work is."""
        if self.has_failed_save:
            return Saving.FAILED
        return Saving.SAVED if self.acked == len(self.events) else Saving.LOCAL

    @property
    def answered(self) -> int:
        """How many items have an answer that is not empty."""
        return sum(bool(answer.options) for answer in self.answers.values())

    @property
    def earliest_hand_in_at(self) -> EpochMs | None:
        """From when the candidate may hand in; counts from the session's start, not from a late arrival's."""
        return None if self.seat is None else EpochMs(self.seat.starts_at + self.seat.earliest_hand_in_s * 1000)

    @property
    def next_event(self) -> bytes | None:
        """The first event that the zone has not acknowledged; a closing event is owed until its receipt is here."""
        if self.acked < len(self.events):
            return self.events[self.acked]
        return self.events[-1] if self.hand_in is not None and self.receipt is None and self.events else None

    def item(self, number: int) -> ShownItem:
        """Return an item of the paper by its number, or raise ``NoSuchItemError``."""
        if self.paper is None or not 1 <= number <= len(self.paper.items):
            raise NoSuchItemError(f"没有第 {number} 题。", "请重新选择题号。")
        return self.paper.items[number - 1]


BY_CANDIDATE = "candidate"
BY_TIME = "time_up"
BY_COLLECTION = "collected"


class Step(msgspec.Struct, frozen=True):
    """A sitting after something happened, and the records to keep before anybody is shown it."""

    sitting: Sitting
    keep: tuple[bytes, ...] = ()


def choose(sitting: Sitting, number: int, chosen: frozenset[OptionId], moment: Moment) -> Step:
    """Answer an item with these options; none clears it. Choosing what is already chosen changes nothing."""
    _check_answering(sitting, moment)
    shown = sitting.item(number)
    options = shown.canonical(chosen)
    if len(options) != len(chosen):
        raise NoSuchItemError("所选选项不属于本题。", "请重新选择。")
    if len(options) > 1 and shown.item.type is not ItemType.MULTIPLE:
        raise NoSuchItemError("本题只能选一项。", "请重新选择。")
    return _respond(sitting, shown, options, is_marked=_is_marked(sitting, shown), moment=moment)


def mark(sitting: Sitting, number: int, moment: Moment) -> Step:
    """Set or take away the candidate's own ▲ at an item; it never counts."""
    _check_answering(sitting, moment)
    shown = sitting.item(number)
    given = sitting.answers.get(shown.item.id)
    options = given.options if given else ()
    return _respond(sitting, shown, options, is_marked=not _is_marked(sitting, shown), moment=moment)


def go(sitting: Sitting, number: int) -> Step:
    """Show another item."""
    sitting.item(number)
    return Step(msgspec.structs.replace(sitting, current=number, is_reviewing=False, confirmations=0))


def review(sitting: Sitting) -> Step:
    """Show the page that lists what is answered, not answered, marked."""
    return Step(msgspec.structs.replace(sitting, is_reviewing=True, confirmations=0))


def back(sitting: Sitting) -> Step:
    """Go back to answering."""
    return Step(msgspec.structs.replace(sitting, is_reviewing=False, confirmations=0))


def hand_in(sitting: Sitting, confirmed: int, moment: Moment) -> Step:
    """Hand in by the candidate: the first confirmation only remembers, the second closes the chain for good."""
    _check_answering(sitting, moment)
    if sitting.answered == 0:
        raise NothingAnsweredError("还没有作答任何一题，不能交卷。", "请返回答题。")
    earliest = sitting.earliest_hand_in_at
    if earliest is not None and sitting.clock is not None and sitting.clock.now(moment) < earliest:
        raise TooEarlyToHandInError("还没有到最早交卷时间。", "请继续检查，到时间后再交卷。")
    if confirmed < _LAST_CONFIRMATION:
        return Step(msgspec.structs.replace(sitting, confirmations=1))
    if sitting.confirmations != 1:
        raise ConfirmTwiceError("交卷需要确认两次。", "请重新点“交卷”。")
    return close(sitting, BY_CANDIDATE, moment)


def not_me(sitting: Sitting) -> Step:
    """The person at the seat says that name and photo are not theirs: back to the sign-in, and call for help."""
    if sitting.phase is not Phase.CONFIRM or sitting.signed_in is None:
        raise NotAnsweringError("现在不能退回登录。", "如信息有误，请举手。")
    words = Words("您选择了“不是我”。", "请举手，请监考员核对座位和准考证。")
    record = encode(SittingChanged(sitting.signed_in.attempt, SittingState.EXPECTED, words.what))
    return Step(
        Sitting(device=sitting.device, seat=sitting.seat, clock=sitting.clock, notice=words),
        (record,),
    )


def close(sitting: Sitting, reason: str, moment: Moment) -> Step:
    """Close the chain with its last entry. A chain that is closed, or was never begun, stays as it is."""
    if sitting.chain is None or sitting.chain.is_closed or sitting.signed_in is None:
        return Step(sitting)
    entry = HandIn(
        sitting.chain.attempt,
        sitting.signed_in.epoch,
        sitting.chain.seq + 1,
        reason,
        sitting.answered,
        _since_opening(sitting, moment),
        moment.wall,
        sitting.chain.head,
    )
    event = encode(entry)
    return Step(extended(sitting, entry, event), (event,))


def save_failed(sitting: Sitting) -> Sitting:
    """The disk did not take the last change, which therefore never happened; the candidate is told loudly."""
    return msgspec.structs.replace(
        sitting, has_failed_save=True, notice=Words("未能保存，请举手。", "请不要继续作答，等待监考员处理。")
    )


def extended(sitting: Sitting, entry: ChainEntry, event: bytes) -> Sitting:
    """Return the sitting with one more event at the end of its chain. Raises ``ChainBrokenError``."""
    if sitting.chain is None:
        raise NotAnsweringError("还没有登录，不能作答。", "请先登录。")
    chain = sitting.chain.extend(entry, event)
    events = (*sitting.events, event)
    if isinstance(entry, HandIn):
        return msgspec.structs.replace(
            sitting, chain=chain, events=events, hand_in=entry, is_reviewing=False, confirmations=0
        )
    return msgspec.structs.replace(
        sitting,
        chain=chain,
        events=events,
        answers={**sitting.answers, entry.item: entry},
        confirmations=0,
        has_failed_save=False,
        notice=None,
    )


def _respond(
    sitting: Sitting, shown: ShownItem, options: tuple[OptionId, ...], *, is_marked: bool, moment: Moment
) -> Step:
    given = sitting.answers.get(shown.item.id)
    if (given.options, given.is_marked) == (options, is_marked) if given else not (options or is_marked):
        return Step(sitting)
    if sitting.chain is None or sitting.signed_in is None:
        raise NotAnsweringError("还没有登录，不能作答。", "请先登录。")
    entry = Answer(
        sitting.chain.attempt,
        sitting.signed_in.epoch,
        sitting.chain.seq + 1,
        shown.item.id,
        options,
        is_marked,
        _since_opening(sitting, moment),
        moment.wall,
        sitting.chain.head,
    )
    event = encode(entry)
    return Step(extended(sitting, entry, event), (event,))


def _is_marked(sitting: Sitting, shown: ShownItem) -> bool:
    given = sitting.answers.get(shown.item.id)
    return given is not None and given.is_marked


def _check_answering(sitting: Sitting, moment: Moment) -> None:
    if sitting.phase not in (Phase.ANSWERING, Phase.REVIEW):
        raise NotAnsweringError("现在不能作答。", "请按屏幕提示操作；有疑问请举手。")
    if sitting.ends_at is not None and sitting.clock is not None and sitting.clock.now(moment) >= sitting.ends_at:
        raise NotAnsweringError("考试时间已到，不能再作答。", "请等待收卷。")


def _since_opening(sitting: Sitting, moment: Moment) -> int:
    # Zone time since the release, not a counter of this process: it goes on over a restart.
    if sitting.released is None or sitting.clock is None:
        return 0
    return max(0, sitting.clock.now(moment) - sitting.released.zone_time)
