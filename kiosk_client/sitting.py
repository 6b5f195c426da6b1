"""The candidate's sitting as the seat knows it. Pure: what happens to it is a step from one state to the next.

A ``Step`` is the sitting afterwards and the records that must rest on the disk *before* anybody is shown it (promise
P1). The candidate's steps are in ``candidate_acts``, the zone's in ``zone_news``, the way back from a journal in
``restart``; what to send next is read off the sitting, so that a reconnect or a restart needs no rule of its own.
"""

from enum import StrEnum

import msgspec

from exam_protocol.canonical_json import encode
from exam_protocol.errors import KaopingError
from exam_protocol.event_chain import Chain
from exam_protocol.ids import DeviceId, EpochMs, ItemId
from exam_protocol.messages import (
    Answer,
    ChainEntry,
    HandedIn,
    HandIn,
    PaperReleased,
    SeatShown,
    SignedIn,
)
from exam_protocol.sitting_state import CLOSED, SittingState
from kiosk_client.clock import Moment, ZoneClock
from kiosk_client.shown_paper import ShownItem, ShownPaper


class NotAnsweringError(KaopingError):
    """Answering is not open: before the start, paused, after the end, or handed in."""


class NoSuchItemError(KaopingError):
    """The paper has no item of this number, or the item has no such option, or one option too many was chosen."""


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

    ``offered`` is up to which event the zone has finally refused them: it has put these aside, sending them again would
    change nothing. ``ends_at`` is the candidate's own end by the time ledger; ``state`` is the zone's last word on the
    sitting.
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
    offered: int = 0
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
        is_receipt_owed = self.hand_in is not None and self.receipt is None
        return Saving.SAVED if self.acked == len(self.events) and not is_receipt_owed else Saving.LOCAL

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
        """The first event that the zone has neither taken nor put aside; a closing event is owed until its receipt."""
        if self.owed:
            return self.events[-self.owed]
        is_receipt_owed = self.hand_in is not None and self.receipt is None and self.offered < len(self.events)
        return self.events[-1] if is_receipt_owed else None

    @property
    def owed(self) -> int:
        """How many events at the end of the chain are still to be offered to the zone."""
        return len(self.events) - max(self.acked, self.offered)

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
        since_opening(sitting, moment),
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


def since_opening(sitting: Sitting, moment: Moment) -> int:
    """Tell the zone's time since the release, in ms: no counter of this process, so that it goes on over a restart."""
    if sitting.released is None or sitting.clock is None:
        return 0
    return max(0, sitting.clock.now(moment) - sitting.released.zone_time)
