"""Handing in closes the chain; the receipt says what the zone holds and is signed by it."""

from datetime import timedelta

import pytest
from zone_rig import SERVER, STARTS_AT, Zone

from exam_protocol.documents import Receipt
from exam_protocol.messages import HandedIn, Refused
from exam_protocol.receipt_code import receipt_code
from exam_protocol.sitting_state import SittingState
from exam_server.services.collecting import collect_now


def state(zone: Zone, seat: int = 1) -> str:
    return str(zone.rows("zone_sitting")[seat - 1]["state"])


def test_the_receipt_counts_events_and_answered_items_and_is_signed_by_the_zone(zone: Zone) -> None:
    kiosk = zone.answering(1)
    kiosk.answer("i1")
    kiosk.answer("i1", ())
    kiosk.answer("i2", ("o2-1",))
    zone.now = STARTS_AT + timedelta(minutes=40)
    reply = kiosk.hand_in()
    assert isinstance(reply, HandedIn)
    receipt = zone.trust.verify(reply.receipt, Receipt, scope=SERVER, now=zone.now)
    assert (receipt.events, receipt.answered, receipt.items, receipt.attempt) == (4, 1, 7, kiosk.attempt)
    assert reply.code == receipt_code(reply.receipt)
    assert state(zone) == SittingState.HANDED_IN


def test_handing_in_again_gives_the_very_same_receipt(zone: Zone) -> None:
    kiosk = zone.answering(1)
    zone.now = STARTS_AT + timedelta(minutes=40)
    closing = kiosk.next_hand_in()
    first = kiosk.send_hand_in(*closing)
    zone.now += timedelta(minutes=10)
    assert kiosk.send_hand_in(*closing) == first


def test_before_the_earliest_time_a_candidate_cannot_hand_in(zone: Zone) -> None:
    kiosk = zone.answering(1)
    zone.now = STARTS_AT + timedelta(minutes=29)
    reply = kiosk.hand_in()
    assert isinstance(reply, Refused)
    assert reply.code == "too_early"
    assert state(zone) == SittingState.ANSWERING


def test_handing_in_over_a_gap_is_refused_until_the_missing_answers_have_come(zone: Zone) -> None:
    kiosk = zone.answering(1)
    missing = kiosk.next_answer()
    zone.now = STARTS_AT + timedelta(minutes=40)
    closing = kiosk.next_hand_in()
    refused = kiosk.send_hand_in(*closing)
    assert (refused.code, refused.acked_seq) == ("chain_broken", 0)
    zone.save(missing)
    assert isinstance(kiosk.send_hand_in(*closing), HandedIn)


def test_after_handing_in_no_answer_counts(zone: Zone) -> None:
    kiosk = zone.answering(1)
    zone.now = STARTS_AT + timedelta(minutes=40)
    closing = kiosk.next_hand_in()
    kiosk.send_hand_in(*closing)
    assert kiosk.chain is not None
    kiosk.chain = kiosk.chain.extend(closing[0], closing[1].encode())
    kiosk.chain = type(kiosk.chain)(kiosk.chain.attempt, kiosk.chain.seq, kiosk.chain.head)
    assert kiosk.answer().code == "chain_closed"


def test_a_chain_closed_by_the_kiosk_when_time_is_up_counts_as_collected(zone: Zone) -> None:
    kiosk = zone.answering(1)
    zone.now = STARTS_AT + timedelta(minutes=90, seconds=2)
    assert isinstance(kiosk.hand_in("time_up"), HandedIn)
    assert state(zone) == SittingState.COLLECTED


@pytest.mark.parametrize("claimed", ["time_up", "collected"])
def test_a_kiosk_that_only_claims_the_end_is_held_to_the_earliest_time(zone: Zone, claimed: str) -> None:
    kiosk = zone.answering(1)
    zone.now = STARTS_AT + timedelta(minutes=29)
    assert kiosk.hand_in(claimed).code == "too_early"
    zone.now = STARTS_AT + timedelta(minutes=40)
    assert isinstance(kiosk.hand_in(claimed), HandedIn)
    assert state(zone) == SittingState.HANDED_IN


def test_a_kiosk_told_to_close_may_do_so_before_the_earliest_time(zone: Zone) -> None:
    kiosk = zone.answering(1)
    zone.now = STARTS_AT + timedelta(minutes=5)
    zone.run(collect_now, [20_001], "身体不适离场")
    assert isinstance(kiosk.hand_in("collected"), HandedIn)
    assert state(zone) == SittingState.COLLECTED


def test_the_clock_of_a_kiosk_may_be_a_second_ahead(zone: Zone) -> None:
    kiosk = zone.answering(1)
    zone.now = STARTS_AT + timedelta(minutes=89, seconds=59)
    assert isinstance(kiosk.hand_in("time_up"), HandedIn)
    assert state(zone) == SittingState.COLLECTED


def test_another_reason_is_refused(zone: Zone) -> None:
    kiosk = zone.answering(1)
    zone.now = STARTS_AT + timedelta(minutes=40)
    assert kiosk.hand_in("whatever").code == "unknown_reason"
    assert state(zone) == SittingState.ANSWERING


def test_a_hand_in_after_collection_is_kept_aside(zone: Zone) -> None:
    kiosk = zone.answering(1)
    zone.now = STARTS_AT + timedelta(minutes=92)
    assert kiosk.hand_in("time_up").code == "time_over"
    assert len(zone.rows("zone_quarantined_event")) == 1


def test_one_kiosk_cannot_hand_in_for_another(zone: Zone) -> None:
    victim, other = zone.answering(1), zone.answering(2)
    zone.now = STARTS_AT + timedelta(minutes=40)
    reply = other.send_hand_in(*victim.next_hand_in())
    assert reply.code == "other_device"
    assert state(zone) == SittingState.ANSWERING
