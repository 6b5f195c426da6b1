"""At the end everybody is collected, whatever their kiosk does; nothing that came in time is lost."""

from datetime import timedelta

import pytest
from zone_rig import INVIGILATOR, STARTS_AT, Zone

from exam_protocol.messages import CollectNow, HandedIn, Refused, SittingChanged
from exam_protocol.sitting_state import SittingState
from exam_server.services.accounts import NotAllowedError
from exam_server.services.collecting import (
    CollectionRefusedError,
    collect_now,
    expected_sittings,
    is_anything_due,
    mark_absent,
    sweep,
)

END = STARTS_AT + timedelta(minutes=90)


def states(zone: Zone) -> list[str]:
    return [row["state"] for row in zone.rows("zone_sitting")]


def test_nothing_is_due_before_the_end(zone: Zone) -> None:
    zone.answering(1)
    zone.now = END - timedelta(seconds=1)
    assert zone.run(is_anything_due) is False
    assert zone.run(sweep) == 0


def test_at_the_end_kiosks_are_told_to_close_their_chains(zone: Zone) -> None:
    kiosk = zone.answering(1)
    zone.pushes.clear()
    zone.now = END
    assert zone.run(is_anything_due) is True
    zone.run(sweep)
    assert [type(push.message) for push in zone.pushes] == [CollectNow]
    assert isinstance(kiosk.hand_in("collected"), HandedIn)
    assert states(zone)[0] == SittingState.COLLECTED


def test_a_kiosk_that_did_not_hear_is_told_again_after_three_seconds(zone: Zone) -> None:
    zone.answering(1)
    zone.pushes.clear()
    for second in range(7):
        zone.now = END + timedelta(seconds=second)
        zone.run(sweep)
    assert len(zone.pushes) == 3


def test_a_kiosk_that_never_answers_is_collected_with_what_is_held(zone: Zone) -> None:
    kiosk = zone.answering(1)
    kiosk.answer()
    zone.now = END + timedelta(seconds=30, milliseconds=1)
    assert zone.run(sweep) == 1
    assert states(zone)[0] == SittingState.COLLECTED
    assert isinstance(zone.pushes[-1].message, SittingChanged)
    assert kiosk.answer().code == "collected"


def test_an_extension_after_the_first_call_to_close_gives_the_time_back(zone: Zone) -> None:
    from exam_server.services.time_ledger import extend_time  # noqa: PLC0415 - only this test extends

    kiosk = zone.answering(1)
    zone.now = END
    zone.run(sweep)
    zone.run(extend_time, [20_001], 300, "network", "网络中断")
    zone.now = END + timedelta(minutes=4)
    assert zone.run(sweep) == 0
    assert kiosk.answer().seq == 1


def test_who_confirmed_but_never_began_is_collected_after_the_end(zone: Zone) -> None:
    zone.release()
    zone.confirmed(1)
    zone.now = END + timedelta(seconds=31)
    assert zone.run(is_anything_due) is True
    zone.run(sweep)
    assert states(zone)[0] == SittingState.COLLECTED


def test_who_said_that_it_is_not_them_did_not_come_and_can_be_absent(zone: Zone) -> None:
    kiosk = zone.kiosk(1)
    kiosk.sign_in()
    zone.release()
    zone.now = END + timedelta(seconds=31)
    assert zone.run(is_anything_due) is True
    zone.run(sweep)
    assert states(zone)[0] == SittingState.EXPECTED
    assert zone.run(is_anything_due) is False
    assert zone.run(mark_absent, [20_001], "未到") == 1
    assert isinstance(kiosk.confirm(), Refused)
    assert zone.snapshot()[0][0] == zone.board.at(("01", 1)).card  # type: ignore[union-attr, arg-type]  # it is there


def test_an_unconfirmed_kiosk_that_sent_answers_is_collected(zone: Zone) -> None:
    kiosk = zone.kiosk(1)
    kiosk.sign_in()
    kiosk.answer()
    zone.release()
    zone.now = END + timedelta(seconds=31)
    zone.run(sweep)
    assert states(zone)[0] == SittingState.COLLECTED


def test_the_chief_collects_with_a_reason_and_the_kiosk_has_the_grace_to_close(zone: Zone) -> None:
    kiosk = zone.answering(1)
    zone.pushes.clear()
    zone.run(collect_now, [20_001], "身体不适离场")
    assert isinstance(zone.pushes[0].message, CollectNow)
    assert isinstance(kiosk.hand_in("collected"), HandedIn)
    assert zone.rows("zone_incident")[0]["words"] == "强制收卷：身体不适离场"


def test_a_kiosk_told_again_still_reads_the_words_of_the_chief(zone: Zone) -> None:
    zone.answering(1)
    zone.pushes.clear()
    zone.run(collect_now, [20_001], "身体不适离场")
    zone.now += timedelta(seconds=3)
    zone.run(sweep)
    assert [push.message.words for push in zone.pushes] == ["监考员收卷：身体不适离场"] * 2  # type: ignore[union-attr]  # CollectNow


def test_forced_collection_does_not_wait_for_a_dead_kiosk(zone: Zone) -> None:
    zone.answering(1)
    zone.run(collect_now, [20_001], "电脑损坏")
    zone.now += timedelta(seconds=31)
    assert zone.run(is_anything_due) is True
    assert zone.run(sweep) == 1


def test_an_invigilator_alone_cannot_collect(zone: Zone) -> None:
    zone.answering(1)
    with pytest.raises(NotAllowedError):
        zone.run(collect_now, [20_001], "原因", actor=INVIGILATOR)


def test_absence_is_confirmed_only_after_the_late_limit(zone: Zone) -> None:
    zone.release()
    zone.now = STARTS_AT + timedelta(minutes=30)
    with pytest.raises(CollectionRefusedError):
        zone.run(mark_absent, [20_001], "未到")
    zone.now += timedelta(seconds=1)
    assert zone.run(mark_absent, zone.run(expected_sittings), "未到") == 6
    assert states(zone) == [SittingState.ABSENT] * 6


def test_who_sits_here_is_not_absent(zone: Zone) -> None:
    zone.answering(1)
    zone.now = STARTS_AT + timedelta(minutes=31)
    with pytest.raises(CollectionRefusedError, match="1 座作答"):
        zone.run(mark_absent, [20_001], "未到")
