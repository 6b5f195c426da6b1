"""The chain of an attempt's events: what may follow what, and what it says at its end."""

import hashlib
from collections.abc import Sequence

import msgspec
import pytest
from factories import make_answer
from hypothesis import given
from hypothesis import strategies as st

from exam_protocol.canonical_json import encode
from exam_protocol.errors import KaopingError
from exam_protocol.event_chain import (
    Chain,
    ChainBrokenError,
    ChainClosedError,
    check_chain,
    first_head,
    fold,
    head_after,
    read_event,
)
from exam_protocol.ids import AttemptId, PaperId
from exam_protocol.messages import Answer, ChainEntry, HandIn

ATTEMPT, PAPER = AttemptId(101), PaperId("p1")


def make_chain(*answers: tuple[str, Sequence[str]], close: bool = True) -> list[bytes]:
    """Make the events of a chain from (item, chosen options), closed by the candidate's hand-in."""
    chain, events = Chain.start(ATTEMPT, PAPER), []
    entries: list[ChainEntry] = [make_answer(item=item, options=options) for item, options in answers]
    if close:
        entries.append(HandIn(ATTEMPT, 1, 1, "candidate", len(answers), 0, 0, "0" * 64))
    for entry in entries:
        placed = msgspec.structs.replace(entry, seq=chain.seq + 1, prev=chain.head)
        events.append(encode(placed))
        chain = chain.extend(placed, events[-1])
    return events


EVENTS = make_chain(("i1", ["a"]), ("i2", ["b", "c"]), ("i1", ["d"]), ("i3", []))


def test_a_whole_chain_is_accepted_and_ends_at_its_last_events_hash() -> None:
    chain, entries = check_chain(EVENTS, ATTEMPT, PAPER)

    assert chain == Chain(ATTEMPT, 5, hashlib.sha256(EVENTS[-1]).hexdigest(), is_closed=True)
    assert [entry.seq for entry in entries] == [1, 2, 3, 4, 5]


def test_the_first_head_binds_attempt_and_paper() -> None:
    assert len({first_head(ATTEMPT, PAPER), first_head(AttemptId(102), PAPER), first_head(ATTEMPT, PaperId("p2"))}) == 3


@pytest.mark.parametrize(("attempt", "paper"), [(102, "p1"), (101, "p2")])
def test_a_chain_of_another_attempt_or_paper_is_refused(attempt: int, paper: str) -> None:
    with pytest.raises(ChainBrokenError):
        check_chain(EVENTS, AttemptId(attempt), PaperId(paper))


@pytest.mark.parametrize("place", range(len(EVENTS) - 1))
def test_a_dropped_event_is_noticed(place: int) -> None:
    with pytest.raises(ChainBrokenError):
        check_chain(EVENTS[:place] + EVENTS[place + 1 :], ATTEMPT, PAPER)


@pytest.mark.parametrize("place", range(len(EVENTS) - 1))
def test_a_repeated_event_is_noticed(place: int) -> None:
    with pytest.raises(ChainBrokenError):
        check_chain(EVENTS[: place + 1] + EVENTS[place:], ATTEMPT, PAPER)


@pytest.mark.parametrize("place", range(len(EVENTS) - 1))
def test_two_swapped_events_are_noticed(place: int) -> None:
    swapped = [*EVENTS[:place], EVENTS[place + 1], EVENTS[place], *EVENTS[place + 2 :]]
    with pytest.raises(KaopingError):
        check_chain(swapped, ATTEMPT, PAPER)


def test_nothing_follows_the_hand_in() -> None:
    chain, _ = check_chain(EVENTS, ATTEMPT, PAPER)
    late = make_answer(seq=chain.seq + 1, prev=chain.head)

    with pytest.raises(ChainClosedError):
        chain.extend(late, encode(late))


def test_a_chain_cut_at_its_end_is_open() -> None:
    chain, _ = check_chain(EVENTS[:-1], ATTEMPT, PAPER)

    assert not chain.is_closed


@given(st.integers(0, len(EVENTS) - 2), st.data())
def test_one_flipped_bit_before_the_end_is_noticed(place: int, data: st.DataObject) -> None:
    bit = data.draw(st.integers(0, len(EVENTS[place]) * 8 - 1))
    changed = bytearray(EVENTS[place])
    changed[bit // 8] ^= 1 << bit % 8

    with pytest.raises(KaopingError):
        check_chain([*EVENTS[:place], bytes(changed), *EVENTS[place + 1 :]], ATTEMPT, PAPER)


def test_the_last_answer_to_an_item_counts_and_the_earlier_one_is_replaced() -> None:
    _, entries = check_chain(EVENTS, ATTEMPT, PAPER)

    responses = fold(entries)

    assert {item: answer.options for item, answer in responses.last.items()} == {
        "i1": ("d",),
        "i2": ("b", "c"),
        "i3": (),
    }
    assert responses.replaced == 1
    assert responses.hand_in is not None


def test_a_cleared_answer_is_not_counted_as_answered() -> None:
    _, entries = check_chain(EVENTS, ATTEMPT, PAPER)

    assert fold(entries).answered == 2


@given(st.lists(st.tuples(st.sampled_from(["i1", "i2", "i3"]), st.lists(st.sampled_from("ab"), unique=True))))
def test_every_answer_is_either_final_or_replaced(answers: list[tuple[str, list[str]]]) -> None:
    _, entries = check_chain(make_chain(*answers), ATTEMPT, PAPER)

    responses = fold(entries)

    assert len(responses.last) + responses.replaced == len(answers)


def test_an_event_is_read_as_what_it_says_it_is() -> None:
    assert isinstance(read_event(EVENTS[0]), Answer)
    assert isinstance(read_event(EVENTS[-1]), HandIn)


@pytest.mark.parametrize("other", [b'{"message":"hello","device":"d","software":"s"}', b"", b"{}", EVENTS[0] + b" "])
def test_what_is_no_event_is_refused(other: bytes) -> None:
    with pytest.raises(KaopingError):
        read_event(other)


def test_a_head_is_the_hash_of_the_exact_bytes() -> None:
    assert head_after(b"abc") == hashlib.sha256(b"abc").hexdigest()
