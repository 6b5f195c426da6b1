"""From the records of a journal back to the sitting, as it was when the process died. Pure.

Events of a later segment win over a tail of an earlier one: a segment is left when the disk refused a record, and what
was refused may yet have reached the platter without anybody having been shown it.
"""

from collections.abc import Iterable

import msgspec

from exam_protocol.canonical_json import decode
from exam_protocol.errors import JournalCorruptError
from exam_protocol.event_chain import Chain, ChainBrokenError, ChainClosedError, read_event
from exam_protocol.ids import EpochMs
from exam_protocol.journal import MAX_RECORD_BYTES
from exam_protocol.messages import Answer, ChainEntry, HandIn, JournalEntry, SeatShown
from kiosk_client.clock import Moment, ZoneClock, zone_clock_after_restart
from kiosk_client.sitting import Sitting, extended
from kiosk_client.zone_news import heard


def read_entry(record: bytes) -> JournalEntry:
    """Decode one record of a journal."""
    entry: JournalEntry = decode(record, JournalEntry, max_bytes=MAX_RECORD_BYTES)  # type: ignore[arg-type]  # a union
    return entry


def restored(sitting: Sitting, records: Iterable[bytes], moment: Moment) -> Sitting:
    """Fold a journal's records over the empty sitting of this device.

    Raises ``JournalCorruptError`` when the records do not form one chain.
    """
    for record in records:
        entry = read_entry(record)
        if isinstance(entry, Answer | HandIn):
            sitting = _with_event(sitting, entry, record)
        else:
            sitting = heard(sitting, entry, moment).sitting
    return msgspec.structs.replace(sitting, clock=_clock_after(sitting, moment), offered=0, notice=None)


def _with_event(sitting: Sitting, entry: ChainEntry, event: bytes) -> Sitting:
    if entry.seq <= len(sitting.events) and sitting.events[entry.seq - 1] == event:
        return sitting
    if sitting.chain is None:
        raise JournalCorruptError("作答日志没有登录记录。", "请保留文件，举手请监考员从考点恢复。")
    try:
        if entry.seq <= len(sitting.events):
            sitting = _cut_back(sitting, entry.seq - 1)
        return extended(sitting, entry, event)
    except (ChainBrokenError, ChainClosedError) as broken:
        raise JournalCorruptError(
            f"作答日志第 {entry.seq} 条与前面不连续。", "请保留文件，举手请监考员从考点恢复。"
        ) from broken


def _cut_back(sitting: Sitting, seq: int) -> Sitting:
    if sitting.signed_in is None:
        return sitting
    kept = sitting.events[:seq]
    chain = Chain.start(sitting.signed_in.attempt, sitting.signed_in.paper)
    shorter = msgspec.structs.replace(sitting, chain=chain, events=(), answers={}, hand_in=None, receipt=None)
    for event in kept:
        shorter = extended(shorter, read_event(event), event)
    return shorter


def _clock_after(sitting: Sitting, moment: Moment) -> ZoneClock | None:
    # While folding, each stamp was taken for one of this very moment; only the journal says how old they are.
    if sitting.released is None:
        return None
    opened = sitting.released.zone_time
    last: ChainEntry | None = sitting.hand_in or max(
        sitting.answers.values(), key=lambda answer: answer.seq, default=None
    )
    if last is None:
        return zone_clock_after_restart(opened, 0, moment)
    stamp = EpochMs(opened + last.t_mono)
    return zone_clock_after_restart(stamp, last.t_wall - stamp, moment)


def at_last_item(sitting: Sitting) -> Sitting:
    """Show the item that was answered last: where the candidate was before the restart."""
    if sitting.paper is None or not sitting.answers:
        return sitting
    last = max(sitting.answers.values(), key=lambda answer: answer.seq).item
    number = next((shown.number for shown in sitting.paper.items if shown.item.id == last), 1)
    return msgspec.structs.replace(sitting, current=number)


def seated(sitting: Sitting, seat: SeatShown | None, moment: Moment) -> Sitting:
    """Take the seat's card as it was kept on the disk, with a clock that is still to be checked."""
    if seat is None:
        return sitting
    clock = sitting.clock or zone_clock_after_restart(seat.zone_time, 0, moment)
    return msgspec.structs.replace(sitting, seat=seat, clock=clock)
