"""Which answers count: the next one of the chain, from the candidate's own kiosk, in time; each once."""

from datetime import timedelta
from typing import Any

import pytest
from zone_rig import STARTS_AT, Kiosk, Zone

from exam_protocol.event_chain import check_chain
from exam_protocol.messages import AnswerSaved
from exam_server.services.answering import FENCED, FORKED, NOT_STARTED, OTHER_DEVICE, AnswerStore

END = STARTS_AT + timedelta(minutes=90)


def events(zone: Zone, kiosk: Kiosk) -> list[bytes]:
    rows = [row for row in zone.rows("zone_attempt_event") if row["attempt"] == kiosk.attempt]
    return [row["content"].encode() for row in rows]


def test_an_answer_is_acknowledged_with_the_head_the_zone_holds(zone: Zone) -> None:
    kiosk = zone.answering(1)
    verdict = kiosk.answer()
    assert kiosk.chain is not None
    assert verdict == AnswerSaved(kiosk.attempt, 1, 1, kiosk.chain.head)


def test_what_is_kept_is_the_chain_byte_for_byte(zone: Zone) -> None:
    kiosk = zone.answering(1)
    for number in range(1, 8):
        kiosk.answer(f"i{number}")
    assert kiosk.signed_in is not None
    end, _ = check_chain(events(zone, kiosk), kiosk.attempt, kiosk.signed_in.paper)
    assert end == kiosk.chain


def test_a_group_of_many_candidates_is_one_transaction_with_a_verdict_each(zone: Zone) -> None:
    kiosks = [zone.confirmed(seat) for seat in range(1, 7)]
    zone.release()
    arrivals = [kiosk.next_answer() for kiosk in kiosks]
    assert [verdict.seq for verdict in zone.save(*arrivals)] == [1] * 6


def test_one_bad_answer_in_a_group_does_not_harm_the_others(zone: Zone) -> None:
    good, bad = zone.answering(1), zone.confirmed(2)
    verdicts = zone.save(bad.next_answer(), good.next_answer())
    assert verdicts[0] == NOT_STARTED
    assert isinstance(verdicts[1], AnswerSaved)


def test_the_same_answer_sent_again_is_kept_once_and_acknowledged_again(zone: Zone) -> None:
    kiosk = zone.answering(1)
    first = kiosk.next_answer("i1")
    second = kiosk.next_answer("i2")
    zone.save(first, second)
    again = zone.save(first)
    assert isinstance(again, AnswerSaved)
    assert again.seq == 2
    assert len(events(zone, kiosk)) == 2


def test_after_a_gap_the_kiosk_is_told_where_to_go_on(zone: Zone) -> None:
    kiosk = zone.answering(1)
    first, second = kiosk.next_answer("i1"), kiosk.next_answer("i2")
    verdict = zone.save(second)
    assert (verdict.code, verdict.acked_seq) == ("chain_broken", 0)
    assert [type(v) for v in zone.save(first, second)] == [AnswerSaved, AnswerSaved]


def test_another_answer_at_a_taken_place_is_kept_aside(zone: Zone) -> None:
    kiosk = zone.answering(1)
    fork = kiosk.next_answer("i2")
    kiosk.sign_in()  # the kiosk lost its chain and starts it anew
    kiosk.answer("i1")
    assert zone.save(fork) == FORKED
    assert [row["reason"] for row in zone.rows("zone_quarantined_event")] == ["forked"]
    assert len(events(zone, kiosk)) == 1


def test_a_kiosk_cannot_answer_for_another_candidate(zone: Zone) -> None:
    victim, other = zone.answering(1), zone.answering(2)
    stolen = victim.next_answer()._replace(device=other.device)
    assert zone.save(stolen) == OTHER_DEVICE
    assert events(zone, victim) == []


def test_an_answer_of_an_earlier_epoch_is_kept_aside(zone: Zone) -> None:
    kiosk = zone.answering(1)
    with zone.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE zone_attempt SET epoch = 2")
    assert zone.save(kiosk.next_answer()) == FENCED
    assert [row["reason"] for row in zone.rows("zone_quarantined_event")] == ["fenced"]


def test_answers_in_flight_at_the_end_have_thirty_seconds(zone: Zone) -> None:
    kiosk = zone.answering(1)
    zone.now = END + timedelta(seconds=30)
    assert isinstance(kiosk.answer(), AnswerSaved)


def test_a_later_answer_is_kept_aside_not_counted_and_not_lost(zone: Zone) -> None:
    kiosk = zone.answering(1)
    zone.now = END + timedelta(seconds=30, milliseconds=1)
    late = kiosk.next_answer()
    assert [zone.save(late).code, zone.save(late).code] == ["time_over", "time_over"]
    assert events(zone, kiosk) == []
    assert [row["content"] for row in zone.rows("zone_quarantined_event")] == [late.content]


def test_before_the_start_nothing_is_taken(zone: Zone) -> None:
    assert zone.save(zone.confirmed(1).next_answer()) == NOT_STARTED


def test_when_the_disk_refuses_nobody_of_the_group_hears_saved_and_nothing_is_kept(zone: Zone) -> None:
    class FullDisk(Exception):  # noqa: N818 - a disk, not an error of ours
        pass

    class Connection:
        """A connection whose disk is full when it comes to the commit."""

        def __init__(self, real: Any) -> None:
            self._real = real

        def commit(self) -> None:
            raise FullDisk

        def __getattr__(self, name: str) -> Any:
            return getattr(self._real, name)

    class Engine:
        dialect = zone.engine.dialect

        def raw_connection(self) -> Connection:
            return Connection(zone.engine.raw_connection())

    kiosk = zone.answering(1)
    arrival = kiosk.next_answer()
    store = AnswerStore(Engine(), zone.store._now_ms)  # type: ignore[arg-type]  # an engine as far as it is used
    with pytest.raises(FullDisk):
        store.commit([arrival])
    store.close()
    assert events(zone, kiosk) == []
    assert isinstance(zone.save(arrival), AnswerSaved)
