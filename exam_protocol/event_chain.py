"""The chain of an attempt's events, and what it says at its end (SECURITY §4).

An event is an ``Answer`` or the closing ``HandIn``; the chain is over the exact bytes of the messages. The kiosk builds
it, the zone checks and keeps it, scoring folds it: all three by the functions here.
"""

import hashlib
from collections.abc import Iterable

import msgspec

from exam_protocol.canonical_json import decode
from exam_protocol.errors import KaopingError
from exam_protocol.ids import AttemptId, ItemId, PaperId
from exam_protocol.messages import MAX_MESSAGE_BYTES, Answer, ChainEntry, HandIn


class ChainBrokenError(KaopingError):
    """An event does not continue the chain: another attempt, a gap, or another predecessor."""


class ChainClosedError(KaopingError):
    """An event after the closing ``HandIn``."""


def first_head(attempt: AttemptId, paper: PaperId) -> str:
    """Head of an empty chain; binds the chain to the attempt and its paper."""
    return hashlib.sha256(f"kaoping event-chain/1 {attempt} {paper}".encode()).hexdigest()


def head_after(event: bytes) -> str:
    """Head of the chain after an event (whose ``prev`` ties it to all before)."""
    return hashlib.sha256(event).hexdigest()


def read_event(event: bytes) -> ChainEntry:
    """Decode one event strictly."""
    return decode(event, ChainEntry, max_bytes=MAX_MESSAGE_BYTES)  # type: ignore[arg-type]  # a union is no type


class Chain(msgspec.Struct, frozen=True):
    """How far a chain has come: the last seq, its head, and whether ``HandIn`` closed it."""

    attempt: AttemptId
    seq: int
    head: str
    is_closed: bool = False

    @classmethod
    def start(cls, attempt: AttemptId, paper: PaperId) -> "Chain":
        """Return the chain before its first event."""
        return cls(attempt, 0, first_head(attempt, paper))

    def extend(self, entry: ChainEntry, event: bytes) -> "Chain":
        """Return the chain after this event or raise ``ChainBrokenError`` / ``ChainClosedError``."""
        if self.is_closed:
            raise ChainClosedError("已经交卷，不能再作答。", "如属误交，请举手请监考员处理。")
        if entry.attempt != self.attempt or entry.seq != self.seq + 1 or entry.prev != self.head:
            raise ChainBrokenError(
                f"作答记录不连续：应为第 {self.seq + 1} 条，收到第 {entry.seq} 条。", "程序会自动补传，请稍候。"
            )
        return Chain(self.attempt, entry.seq, head_after(event), isinstance(entry, HandIn))


class Responses(msgspec.Struct, frozen=True):
    """What a chain says: the last answer to each item, and how many earlier answers were replaced by it."""

    last: dict[ItemId, Answer]
    replaced: int
    hand_in: HandIn | None

    @property
    def answered(self) -> int:
        """How many items have an answer that is not empty."""
        return sum(bool(answer.options) for answer in self.last.values())


def fold(entries: Iterable[ChainEntry]) -> Responses:
    """Fold the entries of a chain, in order of seq, into the final responses."""
    last: dict[ItemId, Answer] = {}
    replaced, hand_in = 0, None
    for entry in entries:
        if isinstance(entry, HandIn):
            hand_in = entry
            continue
        replaced += entry.item in last
        last[entry.item] = entry
    return Responses(last, replaced, hand_in)


def check_chain(events: Iterable[bytes], attempt: AttemptId, paper: PaperId) -> tuple[Chain, tuple[ChainEntry, ...]]:
    """Verify a whole chain from its first event; returns its end and its entries. Raises ``ChainBrokenError``."""
    chain, entries = Chain.start(attempt, paper), []
    for event in events:
        entry = read_event(event)
        chain = chain.extend(entry, event)
        entries.append(entry)
    return chain, tuple(entries)
