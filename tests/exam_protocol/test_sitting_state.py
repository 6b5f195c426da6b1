"""The state table: what may follow what on the way through a sitting."""

import itertools

import pytest

from exam_protocol.errors import IllegalMoveError
from exam_protocol.sitting_state import CLOSED, MOVES, PRESENT, WORDS, SittingState, move

S = SittingState
LEGAL = [(current, to) for current, targets in MOVES.items() for to in sorted(targets)]
ILLEGAL = [pair for pair in itertools.product(S, S) if pair not in LEGAL]


@pytest.mark.parametrize(("current", "to"), LEGAL)
def test_a_move_of_the_table_is_made(current: SittingState, to: SittingState) -> None:
    assert move(current, to) is to


@pytest.mark.parametrize(("current", "to"), ILLEGAL)
def test_any_other_move_is_refused(current: SittingState, to: SittingState) -> None:
    with pytest.raises(IllegalMoveError):
        move(current, to)


def test_every_state_has_moves_and_a_chinese_word() -> None:
    assert set(MOVES) == set(WORDS) == set(S)
    assert len(set(WORDS.values())) == len(S)


@pytest.mark.parametrize(
    "path",
    [
        pytest.param([S.EXPECTED, S.SIGNED_IN, S.CONFIRMED, S.ANSWERING, S.HANDED_IN], id="a day without trouble"),
        pytest.param([S.EXPECTED, S.SIGNED_IN, S.CONFIRMED, S.ANSWERING, S.COLLECTED], id="time is up"),
        pytest.param([S.EXPECTED, S.ABSENT], id="never came"),
        pytest.param([S.EXPECTED, S.ABSENT, S.EXPECTED, S.SIGNED_IN], id="came after all"),
        pytest.param([S.ANSWERING, S.PAUSED, S.ANSWERING, S.HANDED_IN], id="room power cut"),
        pytest.param([S.ANSWERING, S.HANDED_IN, S.ANSWERING, S.COLLECTED], id="hand-in undone before collection"),
        pytest.param([S.SIGNED_IN, S.COLLECTED], id="signed in, never saw a paper"),
        pytest.param([S.EXPECTED, S.MOVED_OUT], id="sits under another server"),
    ],
)
def test_the_ways_that_an_exam_day_takes_are_legal(path: list[SittingState]) -> None:
    for current, to in itertools.pairwise(path):
        move(current, to)


@pytest.mark.parametrize("final", [S.VOIDED, S.STOPPED])
def test_what_a_person_decided_stays(final: SittingState) -> None:
    assert not MOVES[final]


def test_every_sitting_can_reach_a_state_in_which_a_server_closes() -> None:
    for state in S:
        assert state in CLOSED or _reachable(state) & CLOSED


def test_nobody_is_both_present_and_absent() -> None:
    assert not PRESENT & {S.ABSENT, S.MOVED_OUT}
    assert PRESENT | {S.ABSENT, S.MOVED_OUT} == CLOSED


def test_a_paper_is_answered_only_by_who_signed_in_and_confirmed() -> None:
    before_answering = {state for state in S if S.ANSWERING in MOVES[state]}

    assert before_answering == {S.CONFIRMED, S.PAUSED, S.HANDED_IN, S.COLLECTED}


def _reachable(state: SittingState) -> set[SittingState]:
    seen: set[SittingState] = set()
    waiting = [state]
    while waiting:
        for to in MOVES[waiting.pop()] - seen:
            seen.add(to)
            waiting.append(to)
    return seen
