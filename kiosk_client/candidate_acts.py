"""What the candidate can do: answer, mark, turn pages, hand in with two confirmations. Pure, like ``sitting``.

Each function takes a sitting and returns a ``Step``; what is not allowed now raises, and nothing has happened.
"""

import msgspec

from exam_protocol.canonical_json import encode
from exam_protocol.errors import KaopingError
from exam_protocol.ids import OptionId
from exam_protocol.messages import Answer, SittingChanged
from exam_protocol.paper import ItemType
from exam_protocol.sitting_state import SittingState
from kiosk_client.clock import Moment
from kiosk_client.shown_paper import ShownItem
from kiosk_client.sitting import (
    BY_CANDIDATE,
    NoSuchItemError,
    NotAnsweringError,
    Phase,
    Sitting,
    Step,
    Words,
    close,
    extended,
    since_opening,
)

_LAST_CONFIRMATION = 2


class NothingAnsweredError(KaopingError):
    """A paper without one answer is not handed in by the candidate."""


class TooEarlyToHandInError(KaopingError):
    """Before the earliest hand-in."""


class ConfirmTwiceError(KaopingError):
    """The second confirmation came without the first."""


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
        since_opening(sitting, moment),
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
