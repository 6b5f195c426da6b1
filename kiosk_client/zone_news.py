"""What the zone says, and what becomes of the sitting by it. Pure, like ``sitting``."""

import msgspec

from exam_protocol.canonical_json import encode
from exam_protocol.event_chain import Chain, check_chain, head_after
from exam_protocol.ids import EpochMs
from exam_protocol.messages import (
    AnswerSaved,
    CollectNow,
    HandedIn,
    HeartbeatSeen,
    Message,
    NotYet,
    PaperReleased,
    Refused,
    SeatShown,
    SignedIn,
    SittingChanged,
    TimeChanged,
)
from exam_protocol.receipt_code import receipt_code
from exam_protocol.sitting_state import CLOSED, MOVES, WORDS, SittingState
from kiosk_client.clock import Moment, zone_clock_heard
from kiosk_client.receipt_check import is_receipt_for
from kiosk_client.shown_paper import ShownPaper
from kiosk_client.sitting import BY_COLLECTION, BY_TIME, Sitting, Step, Words, close, extended

_DIFFERS = Words("本机的作答记录与考点服务器不一致。", "请不要操作，举手请监考员处理；已作答的内容都还在。")
_OTHER_RECEIPT = Words("考点服务器的回执与本机的作答记录不符，作答封存在本机。", "请不要关机，举手请监考员处理。")
FINAL_REFUSALS = frozenset(
    {"other_device", "fenced", "forked", "time_over", "chain_closed", "collected", "voided", "stopped"}
)
"""What the zone puts aside and will not take by being sent again, unless it first says that something changed."""
_BEFORE_ANSWERING = frozenset({SittingState.SIGNED_IN, SittingState.CONFIRMED})


def heard(sitting: Sitting, message: Message, moment: Moment) -> Step:  # noqa: PLR0911 - one return per kind of message
    """Take a reply or a push. A message that is late, doubled or about another attempt changes nothing."""
    if isinstance(message, AnswerSaved):
        return Step(_saved(sitting, message))
    stamp = getattr(message, "zone_time", None)
    if stamp is not None:
        sitting = msgspec.structs.replace(sitting, clock=zone_clock_heard(sitting.clock, EpochMs(stamp), moment))
    match message:
        case SeatShown():
            return Step(_seat_shown(sitting, message))
        case SignedIn():
            return _signed_in(sitting, message)
        case HeartbeatSeen():
            return _heartbeat_seen(sitting, message)
        case NotYet() if sitting.seat is not None:
            seat = msgspec.structs.replace(sitting.seat, starts_at=message.starts_at)
            return Step(msgspec.structs.replace(sitting, seat=seat))
        case CollectNow() if _is_ours(sitting, message.attempt):
            return close(msgspec.structs.replace(sitting, state_words=message.words), BY_COLLECTION, moment)
        case SittingChanged() | PaperReleased() | TimeChanged() | HandedIn() if _is_ours(sitting, message.attempt):
            return _about_this_attempt(sitting, message)
        case _:
            return Step(sitting)


def refused_event(sitting: Sitting, refusal: Refused, event: bytes) -> Sitting:
    """The zone refused an event: go on from where it stands when it says so, and tell the candidate otherwise.

    After a final refusal each later event is offered once, so that the zone can put all of them aside; what it says
    about the chain then is about events that it does not want.
    """
    if sitting.next_event != event:
        return sitting
    told = Words(refusal.what, refusal.do)
    if sitting.offered > sitting.acked:
        return msgspec.structs.replace(sitting, offered=_end_of_offer(sitting), notice=sitting.notice or told)
    if refusal.code in FINAL_REFUSALS:
        return msgspec.structs.replace(sitting, offered=_end_of_offer(sitting), notice=told)
    acked = refusal.acked_seq
    if acked is not None and acked > len(sitting.events):
        return msgspec.structs.replace(sitting, trouble=_DIFFERS)
    if acked is not None and 0 <= acked != sitting.acked:
        return msgspec.structs.replace(sitting, acked=acked)
    return msgspec.structs.replace(sitting, notice=told)


def _end_of_offer(sitting: Sitting) -> int:
    return len(sitting.events) - max(0, sitting.owed - 1)


def with_paper(sitting: Sitting, paper: ShownPaper) -> Sitting:
    """The paper has been opened in memory."""
    return msgspec.structs.replace(
        sitting, paper=paper, current=min(sitting.current, len(paper.items)), notice=None, trouble=None
    )


def time_passed(sitting: Sitting, moment: Moment, *, is_online: bool) -> Step:
    """Stop answering at the candidate's end.

    A seat in contact closes its chain. One that is cut off only stops, for the zone may have given time meanwhile; it
    closes, or goes on, when it hears the zone again.
    """
    if sitting.clock is None or sitting.ends_at is None or sitting.released is None or sitting.hand_in is not None:
        return Step(sitting)
    if sitting.state is SittingState.PAUSED or sitting.state in CLOSED or sitting.clock.now(moment) < sitting.ends_at:
        return Step(msgspec.structs.replace(sitting, is_time_up=False) if sitting.is_time_up else sitting)
    stopped = sitting if sitting.is_time_up else msgspec.structs.replace(sitting, is_time_up=True)
    return close(stopped, BY_TIME, moment) if is_online else Step(stopped)


def _is_ours(sitting: Sitting, attempt: int) -> bool:
    return sitting.signed_in is not None and sitting.signed_in.attempt == attempt


def _saved(sitting: Sitting, saved: AnswerSaved) -> Sitting:
    if not _is_ours(sitting, saved.attempt) or saved.seq <= sitting.acked:
        return sitting
    if saved.seq > len(sitting.events) or head_after(sitting.events[saved.seq - 1]) != saved.head:
        return msgspec.structs.replace(sitting, trouble=_DIFFERS)
    return msgspec.structs.replace(sitting, acked=saved.seq)


def _seat_shown(sitting: Sitting, shown: SeatShown) -> Sitting:
    if sitting.signed_in is not None and shown.attempt == sitting.signed_in.attempt:
        state = shown.state if shown.state is not None else sitting.state
        return msgspec.structs.replace(_at_state(sitting, state), seat=shown)
    notice = sitting.notice
    if sitting.signed_in is not None:
        notice = Words("本机座位上的考生已变更。", "请重新登录；有疑问请举手。")
    elif shown.attempt is not None and notice is None:
        notice = Words("本机没有找到作答日志。", "请重新登录，已送达考点服务器的作答会自动恢复。")
    return Sitting(device=sitting.device, seat=shown, clock=sitting.clock, notice=notice)


def _signed_in(sitting: Sitting, signed_in: SignedIn) -> Step:
    record = encode(signed_in)
    zone_events = tuple(event.encode() for event in signed_in.events)
    is_known = sitting.signed_in is not None and sitting.signed_in.epoch == signed_in.epoch
    if is_known and _is_ours(sitting, signed_in.attempt) and _holds(sitting, zone_events, signed_in.acked_seq):
        # This seat holds all that the zone holds, and perhaps more: keep what is not yet sent.
        known = msgspec.structs.replace(
            sitting, signed_in=signed_in, acked=signed_in.acked_seq, offered=0, notice=None, trouble=None
        )
        return Step(_at_state(known, signed_in.state), (record,))
    fresh = Sitting(
        device=sitting.device,
        seat=sitting.seat,
        clock=sitting.clock,
        signed_in=signed_in,
        state=signed_in.state,
        chain=Chain.start(signed_in.attempt, signed_in.paper),
    )
    chain, entries = check_chain(zone_events, signed_in.attempt, signed_in.paper)
    for entry, event in zip(entries, zone_events, strict=True):
        fresh = extended(fresh, entry, event)
    is_whole = (chain.seq, chain.head) == (signed_in.acked_seq, signed_in.head)
    return Step(
        msgspec.structs.replace(fresh, acked=chain.seq, trouble=None if is_whole else _DIFFERS),
        (record,),
    )


def _holds(sitting: Sitting, zone_events: tuple[bytes, ...], acked: int) -> bool:
    return acked <= len(sitting.events) and sitting.events[: len(zone_events)] == zone_events


def _heartbeat_seen(sitting: Sitting, seen: HeartbeatSeen) -> Step:
    if sitting.signed_in is None:
        return Step(sitting)
    keep: tuple[bytes, ...] = ()
    if seen.ends_at is not None and seen.ends_at != sitting.ends_at and sitting.clock is not None:
        changed = TimeChanged(
            sitting.signed_in.attempt, seen.ends_at, seen.zone_time, (seen.ends_at - (sitting.ends_at or 0)) // 1000
        )
        keep = (encode(changed),) if sitting.ends_at is not None else ()
        sitting = msgspec.structs.replace(sitting, ends_at=seen.ends_at, offered=0)
    # A heartbeat's word may be older than a push that overtook it: it never leads back before the paper.
    if seen.state is not None and seen.state not in _BEFORE_ANSWERING and sitting.state in MOVES:
        sitting = _at_state(sitting, seen.state)
    return Step(sitting, keep)


def _about_this_attempt(sitting: Sitting, message: SittingChanged | PaperReleased | TimeChanged | HandedIn) -> Step:
    record = (encode(message),)
    match message:
        case SittingChanged():
            # The bare name of a state ("暂停") tells the candidate nothing that the screen does not.
            words = "" if message.words == WORDS[message.state] else message.words
            changed = _at_state(sitting, message.state, words)
            return Step(changed, record if changed is not sitting else ())
        case PaperReleased():
            is_first = sitting.released is None
            state = SittingState.ANSWERING if sitting.state is SittingState.CONFIRMED else sitting.state
            released = msgspec.structs.replace(sitting, released=message, ends_at=message.ends_at)
            return Step(_at_state(released, state), record if is_first else ())
        case TimeChanged():
            is_time_up = sitting.is_time_up and message.ends_at <= message.zone_time
            changed = msgspec.structs.replace(sitting, ends_at=message.ends_at, is_time_up=is_time_up, offered=0)
            return Step(changed, record if message.ends_at != sitting.ends_at else ())
        case HandedIn():
            return _handed_in(sitting, message, record)


def _handed_in(sitting: Sitting, handed_in: HandedIn, record: tuple[bytes, ...]) -> Step:
    if sitting.receipt is not None:
        return Step(sitting)
    if sitting.hand_in is None or sitting.chain is None:
        return Step(msgspec.structs.replace(sitting, trouble=_DIFFERS))
    is_right = handed_in.seq == len(sitting.events) and handed_in.code == receipt_code(handed_in.receipt)
    if not is_right or not is_receipt_for(sitting.chain, handed_in.receipt):
        # The page keeps the machine's own slip, which names the head that is right; asking again would bring the same.
        return Step(msgspec.structs.replace(sitting, offered=len(sitting.events), notice=_OTHER_RECEIPT))
    received = msgspec.structs.replace(sitting, receipt=handed_in, acked=len(sitting.events), notice=None)
    return Step(received, record)


def _at_state(sitting: Sitting, state: SittingState | None, words: str = "") -> Sitting:
    if state is sitting.state and words in ("", sitting.state_words):
        return sitting
    is_open_again = state is SittingState.ANSWERING and state is not sitting.state
    offered = 0 if is_open_again else sitting.offered
    return msgspec.structs.replace(sitting, state=state, state_words=words, offered=offered)
