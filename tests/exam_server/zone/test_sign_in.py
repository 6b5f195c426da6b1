"""Who may sit down where, and until when."""

from datetime import timedelta

import pytest
from zone_rig import CHIEF, STARTS_AT, Zone, id_number_of

from exam_protocol.messages import Refused, SignedIn
from exam_protocol.sitting_state import SittingState
from exam_server.services.collecting import mark_absent
from exam_server.services.sign_in import (
    SIGNED_IN_ELSEWHERE,
    SPARE_SEAT,
    TOO_MANY_TRIES,
    WRONG_ID,
    WRONG_TICKET,
    show_seat,
)


def test_before_sign_in_the_kiosk_is_told_who_is_planned_here(zone: Zone) -> None:
    shown = zone.runner.run(CHIEF, show_seat, zone.kiosk(2).device)
    assert (shown.name, shown.seat, shown.attempt, shown.state) == ("赵淑芬", 2, None, SittingState.EXPECTED)


def test_the_last_four_of_the_id_card_are_enough_at_the_planned_seat(zone: Zone) -> None:
    reply = zone.kiosk(2).sign_in("1002")
    assert isinstance(reply, SignedIn)
    assert (reply.name, reply.attempt, reply.acked_seq, reply.events) == ("赵淑芬", 2_000_201, 0, ())


@pytest.mark.parametrize("typed", ["１００２", " 1002 ", "99010119700101" + "1002"])
def test_full_width_figures_blanks_and_the_whole_number_are_understood(zone: Zone, typed: str) -> None:
    assert isinstance(zone.kiosk(2).sign_in(typed), SignedIn)


@pytest.mark.parametrize("typed", ["1001", "", "002"])
def test_other_figures_are_refused(zone: Zone, typed: str) -> None:
    assert zone.kiosk(2).sign_in(typed) == WRONG_ID


def test_after_five_wrong_tries_the_seat_waits_a_minute(zone: Zone) -> None:
    kiosk = zone.kiosk(2)
    assert [kiosk.sign_in("0000") for _ in range(5)] == [WRONG_ID] * 5
    assert kiosk.sign_in() == TOO_MANY_TRIES
    zone.now += timedelta(minutes=1)
    assert isinstance(kiosk.sign_in(), SignedIn)


def test_ticket_and_full_number_are_the_second_way(zone: Zone) -> None:
    assert isinstance(zone.kiosk(2).sign_in(id_number_of(2), "2602010102"), SignedIn)


def test_a_ticket_with_another_persons_number_is_refused(zone: Zone) -> None:
    assert zone.kiosk(2).sign_in(id_number_of(3), "2602010102") == WRONG_TICKET


def test_a_candidate_at_the_wrong_seat_is_told_the_right_one(zone: Zone) -> None:
    reply = zone.kiosk(2).sign_in(id_number_of(5), "2602010105")
    assert isinstance(reply, Refused)
    assert reply.what == "您的座位是第 01 考场 5 座。"


def test_a_spare_seat_asks_for_the_ticket(zone: Zone) -> None:
    assert zone.kiosk(8).sign_in("1002") == SPARE_SEAT


def test_signing_in_again_at_the_same_kiosk_gives_the_same_attempt_and_what_the_zone_holds(zone: Zone) -> None:
    kiosk = zone.answering(2)
    kiosk.answer("i1")
    kiosk.answer("i2", ("o2-3",))
    again = kiosk.sign_in()
    assert (again.attempt, again.acked_seq, len(again.events)) == (kiosk.attempt, 2, 2)
    assert again.state is SittingState.ANSWERING


def test_a_second_kiosk_does_not_get_a_candidate_who_sits_elsewhere(zone: Zone) -> None:
    zone.kiosk(2).sign_in()
    other = zone.kiosk(7)
    with zone.engine.begin() as connection:  # two kiosks were carried to each other's places
        connection.exec_driver_sql("UPDATE zone_device SET seat = 8 WHERE seat = 2")
        connection.exec_driver_sql("UPDATE zone_device SET seat = 2 WHERE seat = 7")
    assert other.sign_in(id_number_of(2), "2602010102") == SIGNED_IN_ELSEWHERE


def test_a_candidate_up_to_30_minutes_late_is_admitted(zone: Zone) -> None:
    kiosk = zone.kiosk(2)
    zone.release()
    zone.now = STARTS_AT + timedelta(minutes=30)
    assert isinstance(kiosk.sign_in(), SignedIn)


def test_a_candidate_more_than_30_minutes_late_is_not_admitted(zone: Zone) -> None:
    kiosk = zone.kiosk(2)
    zone.release()
    zone.now = STARTS_AT + timedelta(minutes=30, seconds=1)
    reply = kiosk.sign_in()
    assert isinstance(reply, Refused)
    assert reply.code == "too_late"


def test_nobody_is_late_for_an_exam_that_has_not_begun(zone: Zone) -> None:
    kiosk = zone.kiosk(2)
    zone.now = STARTS_AT + timedelta(minutes=45)  # the key has not come yet
    assert isinstance(kiosk.sign_in(), SignedIn)


def test_who_was_marked_absent_cannot_sign_in(zone: Zone) -> None:
    kiosk = zone.kiosk(2)
    zone.release()
    zone.now = STARTS_AT + timedelta(minutes=31)
    zone.run(mark_absent, [20_002], "未到")
    reply = kiosk.sign_in()
    assert isinstance(reply, Refused)
    assert reply.what == "您的状态是“缺考”，不能登录。"


def test_confirming_again_changes_nothing(zone: Zone) -> None:
    kiosk = zone.kiosk(2)
    kiosk.sign_in()
    assert kiosk.confirm() == kiosk.confirm()
    assert kiosk.confirm().state is SittingState.CONFIRMED
