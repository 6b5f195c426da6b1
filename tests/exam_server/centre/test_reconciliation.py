"""Whatever does not agree between roster and packages is a finding with a name, and never silent."""

from collections.abc import Callable

import pytest
from centre_factories import (
    SERVERS,
    SmallCentre,
    count,
    make_answer_key_package,
    make_answer_package,
    make_sitting_record,
    with_receipt,
)
from msgspec.structs import replace
from scoring_factories import make_events

from exam_protocol.documents import IncidentRecord, Role, SittingRecord
from exam_protocol.ids import EpochMs, PaperId, SittingId, TicketNo, attempt_id
from exam_protocol.sitting_state import SittingState
from exam_server.services.collection import AnswersMissingError, receive_answers
from exam_server.services.marking import ScoringDone, score_session

Records = list[SittingRecord]


def score(centre: SmallCentre) -> ScoringDone:
    done: ScoringDone = centre.run(
        score_session,
        centre.config,
        centre.trust,
        centre.key(Role.CENTRE_ENCRYPTION).opening_key,
        [make_answer_key_package(centre)],
    )
    return done


def score_after(centre: SmallCentre, change: Callable[[SmallCentre, Records], Records]) -> ScoringDone:
    """Score an exam whose first server's records were changed before they were packed."""
    for server in SERVERS:
        sittings = [sitting for sitting in centre.sittings() if sitting.server == server]
        records = [make_sitting_record(centre, sitting) for sitting in sittings]
        if server == SERVERS[0]:
            records = change(centre, records)
        package = make_answer_package(centre, server, records)
        centre.run(receive_answers, centre.config, centre.trust, package, server)
    return score(centre)


def test_when_everything_agrees_every_answer_is_scored(collected_centre: SmallCentre) -> None:
    done = score(collected_centre)

    assert (done.expected, done.present, done.absent, done.withheld) == (6, 6, 0, 0)
    assert (done.answers_packaged, done.answers_scored, done.events_packaged) == (12, 12, 18)
    assert done.findings == ()
    assert done.is_balanced


def test_scoring_waits_for_every_server(seated_centre: SmallCentre) -> None:
    with pytest.raises(AnswersMissingError, match=r"缺 2 个考点：zone-02/1、zone-03/1"):
        score(seated_centre)


def test_an_absent_candidate_is_counted_and_balances(seated_centre: SmallCentre) -> None:
    def absent(_centre: SmallCentre, records: Records) -> Records:
        first = replace(records[0], state=SittingState.ABSENT, paper=None, attempt=None, events=(), receipt=None)
        return [first, *records[1:]]

    done = score_after(seated_centre, absent)

    assert (done.present, done.absent, done.withheld) == (5, 1, 0)
    assert done.is_balanced


def test_a_changed_answer_counts_as_replaced_not_lost(seated_centre: SmallCentre) -> None:
    def changed(centre: SmallCentre, records: Records) -> Records:
        assert records[0].attempt is not None
        events = make_events([(1, "B"), (1, "A"), (2, "BC")], records[0].attempt)
        return [with_receipt(centre, replace(records[0], events=events), SERVERS[0]), *records[1:]]

    done = score_after(seated_centre, changed)

    assert (done.answers_packaged, done.answers_scored) == (13, 13)
    assert done.is_balanced


def _missing(_centre: SmallCentre, records: Records) -> Records:
    return records[1:]


def _doubled(_centre: SmallCentre, records: Records) -> Records:
    return [records[0], *records]


def _unknown(_centre: SmallCentre, records: Records) -> Records:
    stranger = replace(
        records[0], sitting=SittingId(1), ticket_no=TicketNo("0000000000"), attempt=attempt_id(SittingId(1))
    )
    return [*records, stranger]


def _gap_in_the_chain(_centre: SmallCentre, records: Records) -> Records:
    return [replace(records[0], events=records[0].events[:1] + records[0].events[2:]), *records[1:]]


def _answer_altered(_centre: SmallCentre, records: Records) -> Records:
    altered = records[0].events[0].replace('["A"]', '["B"]')
    assert altered != records[0].events[0]
    return [replace(records[0], events=(altered, *records[0].events[1:])), *records[1:]]


def _tail_cut_off(_centre: SmallCentre, records: Records) -> Records:
    return [replace(records[0], events=records[0].events[:-1]), *records[1:]]


def _receipt_of_another(_centre: SmallCentre, records: Records) -> Records:
    return [replace(records[0], receipt=records[1].receipt), *records[1:]]


def _receipt_forged(centre: SmallCentre, records: Records) -> Records:
    # Signed by the other zone.
    foreign = with_receipt(centre, records[0], SERVERS[1])
    return [replace(records[0], receipt=foreign.receipt), *records[1:]]


def _receipt_counts_more(centre: SmallCentre, records: Records) -> Records:
    return [with_receipt(centre, records[0], SERVERS[0], answered=4), *records[1:]]


def _still_answering(_centre: SmallCentre, records: Records) -> Records:
    return [replace(records[0], state=SittingState.ANSWERING), *records[1:]]


def _absent_with_answers(_centre: SmallCentre, records: Records) -> Records:
    return [replace(records[0], state=SittingState.ABSENT), *records[1:]]


def _other_ticket(_centre: SmallCentre, records: Records) -> Records:
    return [replace(records[0], ticket_no=TicketNo("2602019999")), *records[1:]]


def _paper_unknown(_centre: SmallCentre, records: Records) -> Records:
    return [replace(records[0], paper=PaperId("paper-welder")), *records[1:]]


def _attempt_of_another(_centre: SmallCentre, records: Records) -> Records:
    return [replace(records[0], attempt=records[1].attempt), *records[1:]]


def _moved_nowhere(_centre: SmallCentre, records: Records) -> Records:
    moved = replace(records[0], state=SittingState.MOVED_OUT, paper=None, attempt=None, events=(), receipt=None)
    return [moved, *records[1:]]


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        (_missing, ["sitting_missing"]),
        (_doubled, ["sitting_doubled"]),
        (_unknown, ["sitting_unknown"]),
        (_gap_in_the_chain, ["chain_broken"]),
        (_answer_altered, ["chain_broken"]),
        (_tail_cut_off, ["not_closed_by_kiosk", "receipt_differs"]),
        (_receipt_of_another, ["receipt_differs"]),
        (_receipt_forged, ["receipt_invalid"]),
        (_receipt_counts_more, ["receipt_differs"]),
        (_still_answering, ["counts_unbalanced", "not_closed"]),
        (_absent_with_answers, ["absent_with_answers"]),
        (_other_ticket, ["person_differs", "receipt_differs"]),
        (_paper_unknown, ["paper_unknown"]),
        (_attempt_of_another, ["attempt_foreign"]),
        (_moved_nowhere, ["moved_nowhere"]),
    ],
)
def test_a_discrepancy_is_a_finding_and_the_exam_does_not_balance(
    seated_centre: SmallCentre, change: Callable[[SmallCentre, Records], Records], codes: list[str]
) -> None:
    done = score_after(seated_centre, change)

    assert [finding.code for finding in done.findings if finding.code != "counts_differ"] == codes
    assert not done.is_balanced


def test_counts_that_the_zone_signed_wrongly_are_told_with_both_numbers(seated_centre: SmallCentre) -> None:
    for server in SERVERS:
        sittings = [sitting for sitting in seated_centre.sittings() if sitting.server == server]
        records = [make_sitting_record(seated_centre, sitting) for sitting in sittings]
        counts = replace(count(records), handed_in=2) if server == SERVERS[0] else None
        package = make_answer_package(seated_centre, server, records, counts=counts)
        seated_centre.run(receive_answers, seated_centre.config, seated_centre.trust, package, server)

    done = score(seated_centre)

    assert [finding.code for finding in done.findings] == ["counts_differ", "counts_unbalanced"]
    assert "交卷 签 2 实 3" in done.findings[0].words
    assert not done.is_balanced


def test_a_kiosk_that_died_before_the_end_is_noted_and_scored(seated_centre: SmallCentre) -> None:
    def collected(_centre: SmallCentre, records: Records) -> Records:
        assert records[0].attempt is not None
        events = make_events([(1, "A")], records[0].attempt, hand_in=False)
        return [replace(records[0], state=SittingState.COLLECTED, events=events, receipt=None), *records[1:]]

    done = score_after(seated_centre, collected)

    (finding,) = done.findings
    assert (finding.code, finding.is_blocking) == ("not_closed_by_kiosk", False)
    assert done.answers_packaged == done.answers_scored == 11
    assert done.is_balanced


def test_a_candidate_who_moved_is_counted_where_they_sat(seated_centre: SmallCentre) -> None:
    moved_from = next(sitting for sitting in seated_centre.sittings() if sitting.server == SERVERS[0])
    for server in SERVERS:
        records = [
            make_sitting_record(seated_centre, sitting)
            for sitting in seated_centre.sittings()
            if sitting.server == server and sitting.id != moved_from.id
        ]
        if server == SERVERS[0]:
            records.append(make_sitting_record(seated_centre, moved_from, state=SittingState.MOVED_OUT))
        else:
            sat = make_sitting_record(seated_centre, moved_from)
            records.append(with_receipt(seated_centre, sat, server))
        package = make_answer_package(seated_centre, server, records)
        seated_centre.run(receive_answers, seated_centre.config, seated_centre.trust, package, server)

    done = score(seated_centre)

    assert done.findings == ()
    assert (done.present, done.moved_out) == (6, 0)
    assert done.is_balanced


def test_a_second_package_with_other_answers_is_told_and_the_newest_counts(collected_centre: SmallCentre) -> None:
    collected_centre.wait(minutes=1)
    sittings = [sitting for sitting in collected_centre.sittings() if sitting.server == SERVERS[0]]
    records = [make_sitting_record(collected_centre, sitting, answers=[(1, "A")]) for sitting in sittings]
    package = make_answer_package(collected_centre, SERVERS[0], records)
    collected_centre.run(receive_answers, collected_centre.config, collected_centre.trust, package, SERVERS[0])

    done = score(collected_centre)

    assert [finding.code for finding in done.findings] == ["package_replaced"]
    assert done.answers_packaged == done.answers_scored == 9


def test_the_same_answers_sealed_anew_are_no_finding(collected_centre: SmallCentre) -> None:
    sittings = [sitting for sitting in collected_centre.sittings() if sitting.server == SERVERS[0]]
    package = make_answer_package(
        collected_centre, SERVERS[0], [make_sitting_record(collected_centre, sitting) for sitting in sittings]
    )
    collected_centre.run(receive_answers, collected_centre.config, collected_centre.trust, package, SERVERS[0])

    assert score(collected_centre).findings == ()


def test_answers_that_a_zone_kept_aside_are_told_by_candidate(seated_centre: SmallCentre) -> None:
    for server in SERVERS:
        sittings = [sitting for sitting in seated_centre.sittings() if sitting.server == server]
        records = [make_sitting_record(seated_centre, sitting) for sitting in sittings]
        incident = IncidentRecord(
            records[0].room, records[0].sitting, "late_answers", "有 2 条作答没有计入", "system", EpochMs(0)
        )
        incidents = [incident] if server == SERVERS[0] else []
        package = make_answer_package(seated_centre, server, records, incidents=incidents)
        seated_centre.run(receive_answers, seated_centre.config, seated_centre.trust, package, server)

    done = score(seated_centre)

    (finding,) = done.findings
    assert (finding.code, finding.is_blocking) == ("late_answers", False)
    assert finding.ticket_no is not None
    assert done.is_balanced
