"""A kiosk takes a seat with the room's code, while the window is open."""

from datetime import timedelta

from zone_rig import Kiosk, Zone

from exam_protocol.messages import Enrolled
from exam_server.services.enrolment import LOCKED, NO_SUCH_SEAT, OTHER_KEYS, SEAT_TAKEN, WRONG_CODE, hash_of_token
from exam_server.services.opening import open_rooms


def test_a_kiosk_with_the_code_of_the_room_gets_its_seat(zone: Zone) -> None:
    reply = Kiosk(zone, 3).enrol()
    assert isinstance(reply, Enrolled)
    assert (reply.room, reply.room_name, reply.seat) == ("01", "第 01 考场", 3)


def test_the_zone_keeps_only_the_hash_of_the_token(zone: Zone) -> None:
    reply = Kiosk(zone, 3).enrol()
    assert zone.rows("zone_device")[0]["token_hash"] == hash_of_token(reply.token) != reply.token


def test_a_wrong_code_is_refused(zone: Zone) -> None:
    assert Kiosk(zone, 3).enrol("no-code") == WRONG_CODE


def test_the_code_is_worth_nothing_after_ten_minutes(zone: Zone) -> None:
    zone.now += timedelta(minutes=10, seconds=1)
    assert Kiosk(zone, 3).enrol() == WRONG_CODE


def test_after_fifty_wrong_codes_even_the_right_one_is_refused_until_the_rooms_are_opened_again(zone: Zone) -> None:
    guesses = [Kiosk(zone, 3).enrol("guess") for _ in range(50)]
    assert guesses == [WRONG_CODE] * 50
    assert Kiosk(zone, 3).enrol() == LOCKED
    zone.codes = zone.run(open_rooms)
    assert isinstance(Kiosk(zone, 3).enrol(), Enrolled)


def test_a_room_has_no_ninth_seat(zone: Zone) -> None:
    assert Kiosk(zone, 9).enrol() == NO_SUCH_SEAT


def test_the_same_kiosk_may_ask_again_and_only_its_newest_token_counts(zone: Zone) -> None:
    kiosk = Kiosk(zone, 3)
    first, second = kiosk.enrol(), kiosk.enrol()
    assert first.token != second.token
    assert [row["token_hash"] for row in zone.rows("zone_device")] == [hash_of_token(second.token)]


def test_another_kiosk_takes_an_unused_seat_over_and_that_is_written_down(zone: Zone) -> None:
    zone.kiosk(3)
    assert isinstance(Kiosk(zone, 3, "another").enrol(), Enrolled)
    assert [row["category"] for row in zone.rows("zone_incident")] == ["device_replaced"]


def test_nobody_takes_the_seat_of_a_candidate_who_has_signed_in(zone: Zone) -> None:
    zone.kiosk(3).sign_in()
    assert Kiosk(zone, 3, "another").enrol() == SEAT_TAKEN


def test_a_known_kiosk_with_other_keys_is_refused_once_its_candidate_has_signed_in(zone: Zone) -> None:
    kiosk = zone.kiosk(3)
    kiosk.sign_in()
    before = zone.rows("zone_device")
    assert Kiosk(zone, 3).enrol() == OTHER_KEYS
    assert zone.rows("zone_device") == before
    assert isinstance(kiosk.enrol(), Enrolled)


def test_a_known_kiosk_may_come_with_other_keys_while_nobody_has_signed_in(zone: Zone) -> None:
    zone.kiosk(3)
    assert isinstance(Kiosk(zone, 3).enrol(), Enrolled)
