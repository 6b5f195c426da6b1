"""The states of a sitting, and the only moves between them (EXAM-DAY §2, §3)."""

from enum import StrEnum

from exam_protocol.errors import IllegalMoveError


class SittingState(StrEnum):
    """Where one candidate is on the way through one session. Being offline is not a state: it is a kiosk's."""

    EXPECTED = "expected"  # 未到
    SIGNED_IN = "signed_in"  # 已登录
    CONFIRMED = "confirmed"  # 已确认, waits for the paper
    ANSWERING = "answering"  # 作答
    PAUSED = "paused"  # 暂停, the clock may be frozen by the ledger
    HANDED_IN = "handed_in"  # 已交卷, by the candidate
    COLLECTED = "collected"  # 已收卷, at the end of time or by the chief
    ABSENT = "absent"  # 缺考, confirmed by a person
    VOIDED = "voided"  # 违纪终止
    STOPPED = "stopped"  # 中止, to be arranged anew
    MOVED_OUT = "moved_out"  # 转出, sits under another server


_S = SittingState
MOVES: dict[SittingState, frozenset[SittingState]] = {
    _S.EXPECTED: frozenset({_S.SIGNED_IN, _S.ABSENT, _S.MOVED_OUT}),
    _S.SIGNED_IN: frozenset({_S.EXPECTED, _S.CONFIRMED, _S.COLLECTED, _S.VOIDED, _S.STOPPED}),
    _S.CONFIRMED: frozenset({_S.EXPECTED, _S.ANSWERING, _S.COLLECTED, _S.VOIDED, _S.STOPPED}),
    _S.ANSWERING: frozenset({_S.PAUSED, _S.HANDED_IN, _S.COLLECTED, _S.VOIDED, _S.STOPPED}),
    _S.PAUSED: frozenset({_S.ANSWERING, _S.COLLECTED, _S.VOIDED, _S.STOPPED}),
    # 撤销交卷, before collection only (EXAM-DAY §2).
    _S.HANDED_IN: frozenset({_S.ANSWERING, _S.VOIDED}),
    _S.COLLECTED: frozenset({_S.ANSWERING, _S.VOIDED}),
    _S.ABSENT: frozenset({_S.EXPECTED}),
    _S.VOIDED: frozenset(),
    _S.STOPPED: frozenset(),
    _S.MOVED_OUT: frozenset({_S.EXPECTED}),
}
WORDS: dict[SittingState, str] = {
    _S.EXPECTED: "未到",
    _S.SIGNED_IN: "已登录",
    _S.CONFIRMED: "已确认",
    _S.ANSWERING: "作答",
    _S.PAUSED: "暂停",
    _S.HANDED_IN: "已交卷",
    _S.COLLECTED: "已收卷",
    _S.ABSENT: "缺考",
    _S.VOIDED: "违纪终止",
    _S.STOPPED: "中止",
    _S.MOVED_OUT: "转出",
}
PRESENT = frozenset({_S.HANDED_IN, _S.COLLECTED, _S.VOIDED, _S.STOPPED})
"""实考 at closing = handed in + collected + voided + stopped."""
CLOSED = PRESENT | {_S.ABSENT, _S.MOVED_OUT}
"""Each sitting is in exactly one of these when its server closes."""


def move(current: SittingState, to: SittingState) -> SittingState:
    """Make a move or raise ``IllegalMoveError``."""
    if to not in MOVES[current]:
        raise IllegalMoveError(
            f"状态是“{WORDS[current]}”，不能改为“{WORDS[to]}”。", "请刷新页面，核对考生状态后再操作。"
        )
    return to
