"""Extending works while the candidate is answering, is seen at once, and never moves the start."""

from datetime import timedelta

import pytest
from zone_rig import CHIEF, INVIGILATOR, STARTS_AT, Zone, make_entry, make_roster

from exam_protocol.messages import AnswerSaved, TimeChanged
from exam_server.services.accounts import NotAllowedError
from exam_server.services.time_ledger import ExtensionRefusedError, extend_time, sittings_of_room
from exam_server.services.wire_time import to_ms
from exam_server.work import Actor

END = STARTS_AT + timedelta(minutes=90)


def extend(zone: Zone, *seats: int, seconds: int = 600, reason: str = "鼠标故障", actor: Actor = INVIGILATOR) -> int:
    sittings = [20_000 + seat for seat in seats]
    added = zone.run(extend_time, sittings, seconds, "machine", reason, actor=actor)
    assert isinstance(added, int)
    return added


def test_the_kiosk_is_told_the_new_end_at_once(zone: Zone) -> None:
    kiosk = zone.answering(1)
    zone.pushes.clear()
    extend(zone, 1)
    (push,) = zone.pushes
    assert push.device == kiosk.device
    assert push.message == TimeChanged(kiosk.attempt, to_ms(END + timedelta(minutes=10)), to_ms(zone.now), 600)


def test_answers_count_until_the_new_end(zone: Zone) -> None:
    kiosk, other = zone.answering(1), zone.answering(2)
    extend(zone, 1)
    zone.now = END + timedelta(minutes=9)
    assert isinstance(kiosk.answer(), AnswerSaved)
    assert other.answer().code == "time_over"


def test_extensions_add_up_and_the_start_stays(zone: Zone) -> None:
    zone.answering(1)
    before = zone.rows("zone_sitting")[0]["started_at"]
    extend(zone, 1, seconds=60)
    extend(zone, 1, seconds=120)
    assert zone.rows("zone_attempt")[0]["ends_at"] == to_ms(END + timedelta(minutes=3))
    assert zone.rows("zone_sitting")[0]["started_at"] == before


def test_extra_time_of_the_roster_counts_from_the_start(empty_zone: Zone) -> None:
    empty_zone.roster = make_roster(entries=(make_entry(1, extra_minutes=20),))
    zone = empty_zone.prepare()
    zone.answering(1)
    assert zone.rows("zone_attempt")[0]["ends_at"] == to_ms(END + timedelta(minutes=20))


def test_who_has_not_begun_gets_the_time_when_they_begin(zone: Zone) -> None:
    zone.confirmed(1)
    extend(zone, 1)
    zone.release()
    assert zone.rows("zone_attempt")[0]["ends_at"] == to_ms(END + timedelta(minutes=10))


def test_the_whole_room_is_everybody_who_has_not_ended(zone: Zone) -> None:
    zone.answering(1)
    handed_in = zone.answering(2)
    zone.now = STARTS_AT + timedelta(minutes=40)
    handed_in.hand_in()
    assert extend(zone, *(s - 20_000 for s in zone.run(sittings_of_room, "01"))) == 5


def test_all_or_none_when_one_has_ended(zone: Zone) -> None:
    zone.answering(1)
    handed_in = zone.answering(2)
    zone.now = STARTS_AT + timedelta(minutes=40)
    handed_in.hand_in()
    with pytest.raises(ExtensionRefusedError, match="2 座已交卷"):
        extend(zone, 1, 2)
    assert zone.rows("zone_ledger_entry") == []


@pytest.mark.parametrize(("seconds", "reason"), [(600, " "), (0, "停电"), (-60, "停电"), (10_801, "停电")])
def test_a_reason_and_a_sensible_time_are_needed(zone: Zone, seconds: int, reason: str) -> None:
    zone.answering(1)
    with pytest.raises(ExtensionRefusedError):
        extend(zone, 1, seconds=seconds, reason=reason)


def test_a_technician_cannot_extend(zone: Zone) -> None:
    zone.answering(1)
    with pytest.raises(NotAllowedError):
        extend(zone, 1, actor=Actor("技术员", frozenset({"technician"})))


def test_each_extension_is_an_incident_with_its_reason_and_who(zone: Zone) -> None:
    zone.answering(1)
    extend(zone, 1, actor=CHIEF)
    (row,) = zone.rows("zone_incident")
    assert (row["category"], row["words"], row["actor"]) == ("extension", "补时 10 分：鼠标故障", "李主考")
