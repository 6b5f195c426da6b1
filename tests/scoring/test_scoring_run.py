"""A scoring run as a whole: nobody left out, nothing counted twice, all faults told at once."""

import random

import msgspec
import pytest
from scoring_factories import (
    make_answer_key,
    make_candidate,
    make_entries,
    make_pass_rule,
    make_practical,
    make_record,
    make_ticket,
)

from exam_protocol.documents import SittingRecord
from exam_protocol.ids import PaperId, TicketNo, TradeCode
from exam_protocol.sitting_state import SittingState
from scoring.pass_rules import Outcome
from scoring.results import results_csv
from scoring.scoring_run import ExamScore, ScoredCandidate, ScoringRefusedError, score_exam
from scoring.subjects import SubjectStatus

FULL = ((1, "A"), (2, "BCD"), (3, "AC"), (4, "B"))


def run(candidates: list[ScoredCandidate], records: list[SittingRecord]) -> ExamScore:
    return score_exam(candidates, records, [make_answer_key()], make_practical(), make_pass_rule())


def faults_of(candidates: list[ScoredCandidate], records: list[SittingRecord]) -> list[tuple[TicketNo, str]]:
    with pytest.raises(ScoringRefusedError) as refused:
        run(candidates, records)
    return [(ticket_no, fault.code) for ticket_no, fault in refused.value.faults]


def test_from_answers_and_practical_marks_to_a_pass() -> None:
    result = run([make_candidate()], [make_record(answers=FULL)]).results[0]

    assert (result.know_milli, result.do_milli, result.passed) == (100_000, 71_000, True)


def test_the_last_answer_to_an_item_counts_and_the_earlier_ones_are_counted_as_replaced() -> None:
    score = run([make_candidate()], [make_record(answers=((1, "B"), (2, "A"), (1, "A"), (2, "")))])

    assert score.results[0].know_milli == 60_000
    assert (score.sittings[0].final, score.sittings[0].replaced, score.sittings[0].hand_ins) == (2, 2, 1)
    assert (score.answers_scored, score.events_scored) == (4, 5)


@pytest.mark.parametrize(
    ("state", "status", "outcome"),
    [
        (SittingState.HANDED_IN, SubjectStatus.NORMAL, Outcome.PASS),
        (SittingState.COLLECTED, SubjectStatus.NORMAL, Outcome.PASS),
        (SittingState.ABSENT, SubjectStatus.ABSENT, Outcome.ABSENT),
        (SittingState.VOIDED, SubjectStatus.VIOLATION_BOTH, Outcome.VOID),
        (SittingState.STOPPED, SubjectStatus.RESIT, Outcome.PENDING),
    ],
)
def test_what_the_state_of_a_sitting_means(state: SittingState, status: SubjectStatus, outcome: Outcome) -> None:
    result = run([make_candidate()], [make_record(answers=FULL, state=state)]).results[0]

    assert (result.know_status, result.outcome) == (status, outcome)


def test_answers_of_a_voided_sitting_earn_nothing_but_are_counted() -> None:
    score = run([make_candidate()], [make_record(answers=FULL, state=SittingState.VOIDED)])

    assert score.results[0].know_milli is None
    assert score.answers_scored == len(FULL)


def test_who_was_collected_before_the_paper_opened_was_present_and_earned_0() -> None:
    record = make_record(state=SittingState.COLLECTED)
    never_opened = msgspec.structs.replace(record, paper=None, attempt=None, events=())

    result = run([make_candidate()], [never_opened]).results[0]

    assert (result.know_status, result.know_milli, result.outcome) == (SubjectStatus.NORMAL, 0, Outcome.FAIL)


def test_a_candidate_whose_answer_package_is_missing_is_pending_and_never_absent() -> None:
    result = run([make_candidate()], []).results[0]

    assert (result.outcome, result.reason) == (
        Outcome.PENDING,
        "应知待定（待收答卷包）；应会达到 60 分。",
    )


def test_a_candidate_without_practical_marks_is_pending() -> None:
    result = run([make_candidate(practical=())], [make_record(answers=FULL)]).results[0]

    assert result.do_status is SubjectStatus.PENDING


def test_who_was_moved_to_another_site_is_scored_there() -> None:
    left = make_record(state=SittingState.MOVED_OUT)
    sat = make_record(2, answers=FULL, ticket_no=make_ticket(1))

    assert run([make_candidate()], [left, sat]).results[0].passed


def test_the_order_in_which_packages_arrive_never_matters() -> None:
    candidates = [make_candidate(number) for number in range(1, 30)]
    records = [make_record(number, answers=FULL[: number % 4]) for number in range(1, 30)]
    chance = random.Random(3)  # noqa: S311 - an order, no secret
    again = run(chance.sample(candidates, 29), chance.sample(records, 29))

    assert results_csv(again.results) == results_csv(run(candidates, records).results)


def without_first_event(record: SittingRecord) -> SittingRecord:
    return msgspec.structs.replace(record, events=record.events[1:])


def of_another_trade(record: SittingRecord) -> SittingRecord:
    return msgspec.structs.replace(record, trade=TradeCode("12-011"))


def on_an_unknown_paper(record: SittingRecord) -> SittingRecord:
    return msgspec.structs.replace(record, paper=PaperId("paper-unknown"), events=())


def without_a_paper(record: SittingRecord) -> SittingRecord:
    return msgspec.structs.replace(record, paper=None)


@pytest.mark.parametrize(
    ("record", "fault"),
    [
        (without_first_event(make_record(answers=FULL)), "chain_broken"),
        (of_another_trade(make_record()), "candidate_unknown"),
        (on_an_unknown_paper(make_record()), "paper_mismatch"),
        (without_a_paper(make_record()), "paper_mismatch"),
        (make_record(answers=((9, "A"),)), "unknown_item"),
        (make_record(answers=((1, "E"),)), "unknown_option"),
        (make_record(state=SittingState.ANSWERING), "sitting_not_closed"),
    ],
)
def test_a_sitting_that_cannot_be_scored_is_refused_by_name(record: SittingRecord, fault: str) -> None:
    assert faults_of([make_candidate()], [record]) == [(make_ticket(1), fault)]


def test_nobody_is_marked_by_the_answer_key_of_another_trade() -> None:
    cook = TradeCode("12-011")
    candidate = msgspec.structs.replace(make_candidate(), trade=cook)

    assert faults_of([candidate], [of_another_trade(make_record())]) == [(make_ticket(1), "paper_mismatch")]


def test_a_sitting_of_nobody_on_the_list_is_refused() -> None:
    assert faults_of([], [make_record()]) == [(make_ticket(1), "candidate_unknown")]


def test_two_sittings_of_one_candidate_that_both_count_are_refused() -> None:
    second = make_record(2, ticket_no=make_ticket(1))

    assert faults_of([make_candidate()], [make_record(), second]) == [(make_ticket(1), "sitting_twice")]


def test_two_candidates_with_one_ticket_number_are_refused() -> None:
    assert faults_of([make_candidate(), make_candidate(name="李娜")], []) == [(make_ticket(1), "ticket_twice")]


def test_the_faults_of_all_candidates_are_told_at_once() -> None:
    candidates = [make_candidate(1), make_candidate(2, practical=make_entries("缺考", 70_000, 71_000))]

    assert faults_of(candidates, [make_record(1, answers=((9, "A"),)), make_record(2, answers=FULL)]) == [
        (make_ticket(1), "unknown_item"),
        (make_ticket(2), "examiners_contradict"),
    ]
