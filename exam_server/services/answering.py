"""Answers on their way into the database: what decides is in the statement that writes (ARCHITECTURE §4).

No ORM and no object per row: a group of answers is one transaction of two statements per answer. Everything here takes
the connection and the time from outside.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Engine, select

from exam_protocol.event_chain import read_event
from exam_protocol.ids import AttemptId, DeviceId, EpochMs, ItemId
from exam_protocol.messages import Answer, AnswerSaved, ChainEntry, Refused
from exam_protocol.sitting_state import SittingState
from exam_server.db import BEGIN_WRITING
from exam_server.models.sitting import AttemptEvent
from exam_server.services.wire_time import to_ms
from exam_server.work import Work


class Arrival(NamedTuple):
    """One answer as it arrived: what its bytes say, the bytes, and whose kiosk sent them."""

    attempt: AttemptId
    epoch: int
    seq: int
    prev: str
    device: DeviceId
    content: str


Verdict = AnswerSaved | Refused
Execute = Callable[[str, tuple[Any, ...]], Any]
"""Runs a statement with ``?`` placeholders and returns the driver's cursor."""

_TAKE = """
UPDATE zone_attempt SET acked_seq = ?, head = ?
WHERE id = ? AND device = ? AND epoch = ? AND acked_seq = ? AND head = ? AND accepts_until >= ?"""
_KEEP = "INSERT INTO zone_attempt_event (attempt, seq, content, arrived_at) VALUES (?, ?, ?, ?)"
_ATTEMPT = """
SELECT attempt.device, attempt.epoch, attempt.acked_seq, attempt.head, attempt.accepts_until, sitting.state
FROM zone_attempt AS attempt JOIN zone_sitting AS sitting ON sitting.id = attempt.sitting WHERE attempt.id = ?"""
_EVENT = "SELECT content FROM zone_attempt_event WHERE attempt = ? AND seq = ?"
_QUARANTINE = """
INSERT INTO zone_quarantined_event (attempt, seq, digest, content, reason, arrived_at) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING"""

OTHER_DEVICE = Refused("other_device", "这台考试机没有这份作答。", "请举手，请监考员处理。")
FENCED = Refused("fenced", "考生已换到另一台考试机，这里的作答另外保存。", "请举手，请监考员处理。")
FORKED = Refused("forked", "同一条作答记录收到了两个不同的内容，后到的另外保存。", "请举手，请监考员处理。")
NOT_STARTED = Refused("not_started", "还没有开考，不能作答。", "请等待开考。")
_NOT_TAKEN = {
    SittingState.ANSWERING: Refused("time_over", "考试时间已到，这条作答另外保存。", "请举手，请监考员处理。"),
    SittingState.HANDED_IN: Refused("chain_closed", "已经交卷，不能再作答。", "如属误交，请举手请监考员处理。"),
    SittingState.COLLECTED: Refused("collected", "已经收卷，这条作答另外保存。", "请举手，请监考员处理。"),
    SittingState.PAUSED: Refused("paused", "考试已暂停，这条作答另外保存。", "请等待监考员继续考试。"),
    SittingState.VOIDED: Refused("voided", "本场考试已终止。", "请听从监考员安排。"),
    SittingState.STOPPED: Refused("stopped", "本场考试已中止。", "请听从监考员安排。"),
}


def answered_items(work: Work) -> dict[AttemptId, set[ItemId]]:
    """Fold every chain into the items that have an answer: what a restarted server shows, and keeps up to date."""
    answered: dict[AttemptId, set[ItemId]] = {}
    for attempt, content in work.db.execute(
        select(AttemptEvent.attempt, AttemptEvent.content).order_by(AttemptEvent.attempt, AttemptEvent.seq)
    ):
        note_answer(answered.setdefault(attempt, set()), read_event(content.encode()))
    return answered


def note_answer(answered: set[ItemId], entry: ChainEntry) -> None:
    """Take one entry of a chain into the set of items that have an answer."""
    if isinstance(entry, Answer):
        (answered.add if entry.options else answered.discard)(entry.item)


def why_not(work: Work, arrival: Arrival) -> Refused:
    """Judge an arrival inside a service: the same reasons in the same words."""
    cursor = work.db.connection().connection.cursor()
    try:
        execute = _placeholders(cursor, is_sqlite=work.db.get_bind().dialect.name == "sqlite")
        verdict = judge(execute, arrival, to_ms(work.now))
    finally:
        cursor.close()
    return FORKED if isinstance(verdict, AnswerSaved) else verdict


def _placeholders(cursor: Any, *, is_sqlite: bool) -> Execute:  # noqa: ANN401 - a driver's cursor
    if is_sqlite:
        execute: Execute = cursor.execute
        return execute
    return lambda sql, values: cursor.execute(sql.replace("?", "%s"), values)


class AnswerStore:
    """Commits groups of answers over one raw connection of the writing engine. Used by the writer's thread alone."""

    def __init__(self, engine: Engine, now_ms: Callable[[], EpochMs]) -> None:
        self._engine = engine
        self._now_ms = now_ms
        self._connection: Any = None
        self._dialect = engine.dialect.name

    def commit(self, arrivals: Sequence[Arrival]) -> list[Verdict]:
        """Write a group in one transaction; raises, with nothing kept, when the database cannot."""
        if self._connection is None:
            self._connection = self._engine.raw_connection()
        try:
            cursor = self._connection.cursor()
            cursor.execute(BEGIN_WRITING[self._dialect])
            execute = _placeholders(cursor, is_sqlite=self._dialect == "sqlite")
            verdicts = save_answers(execute, arrivals, self._now_ms())
            self._connection.commit()
            cursor.close()
        except BaseException:
            self._roll_back()
            raise
        return verdicts

    def _roll_back(self) -> None:
        try:
            self._connection.rollback()
        except Exception:  # noqa: BLE001 - any driver's own: the server is gone, the next group tries a new connection
            self._connection.invalidate()
            self._connection = None

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def save_answers(execute: Execute, arrivals: Sequence[Arrival], now: EpochMs) -> list[Verdict]:
    """Take each answer that continues its chain in time; tell of each why or why not. Idempotent by (attempt, seq)."""
    return [_save(execute, arrival, now) for arrival in arrivals]


def _save(execute: Execute, arrival: Arrival, now: EpochMs) -> Verdict:
    attempt, epoch, seq, prev, device, content = arrival
    head = hashlib.sha256(content.encode()).hexdigest()  # event_chain.head_after, of the very bytes that are kept
    if execute(_TAKE, (seq, head, attempt, device, epoch, seq - 1, prev, now)).rowcount == 1:
        execute(_KEEP, (attempt, seq, content, now))
        return AnswerSaved(attempt, epoch, seq, head)
    return judge(execute, arrival, now)


def judge(execute: Execute, arrival: Arrival, now: EpochMs) -> Verdict:
    """Tell why an arrival is not taken: sent again, late, from elsewhere, or out of order. Nothing is lost."""
    row = execute(_ATTEMPT, (arrival.attempt,)).fetchone()
    if row is None:
        return OTHER_DEVICE
    device, epoch, acked_seq, head, accepts_until, state = row
    if arrival.seq <= acked_seq and device == arrival.device and epoch == arrival.epoch:
        kept = execute(_EVENT, (arrival.attempt, arrival.seq)).fetchone()
        if kept is not None and kept[0] == arrival.content:  # sent again because our acknowledgement was lost
            return AnswerSaved(arrival.attempt, epoch, acked_seq, head)
    refused = FORKED  # the right place or an earlier one over another head: sending again would change nothing
    if epoch != arrival.epoch:
        refused = FENCED
    elif device != arrival.device:
        refused = OTHER_DEVICE
    elif arrival.seq > acked_seq and accepts_until < now:
        refused = _NOT_TAKEN.get(SittingState(state), NOT_STARTED)
    elif arrival.seq > acked_seq + 1:
        return gap(acked_seq, arrival.seq)
    return quarantine(execute, arrival, refused, now)


def gap(acked_seq: int, seq: int) -> Refused:
    """Tell a kiosk where to go on: its next event must be the one after ``acked_seq``, over the head held here."""
    return Refused(
        "chain_broken",
        f"作答记录不连续：应为第 {acked_seq + 1} 条，收到第 {seq} 条。",
        "程序会自动补传，请稍候。",
        acked_seq,
    )


def quarantine(execute: Execute, arrival: Arrival, refused: Refused, now: EpochMs) -> Refused:
    """Keep what is not taken: nothing is dropped without a trace (SECURITY §7 P8)."""
    digest = hashlib.sha256(arrival.content.encode()).hexdigest()
    execute(_QUARANTINE, (arrival.attempt, arrival.seq, digest, arrival.content, refused.code, now))
    return refused
