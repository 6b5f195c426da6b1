"""双60 and its edges: marks at the line, 缺考, 违纪, 待定."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scoring_factories import make_pass_rule

from exam_protocol.exam_config import PassRule, SubjectEffect
from exam_protocol.ids import Milli
from scoring.pass_rules import Outcome, both_at_least_60, decide
from scoring.subjects import SubjectScore, SubjectStatus

THIS, BOTH = SubjectEffect.THIS_SUBJECT, SubjectEffect.BOTH_SUBJECTS
NORMAL, ABSENT, VIOLATION = SubjectStatus.NORMAL, SubjectStatus.ABSENT, SubjectStatus.VIOLATION
VIOLATION_BOTH, VOID = SubjectStatus.VIOLATION_BOTH, SubjectStatus.VOID
PENDING, RESIT = SubjectStatus.PENDING, SubjectStatus.RESIT


def standing(of: int | SubjectStatus) -> SubjectScore:
    return SubjectScore(of) if isinstance(of, SubjectStatus) else SubjectScore(NORMAL, Milli(of))


@pytest.mark.parametrize(
    ("know", "do", "outcome"),
    [
        (60_000, 60_000, Outcome.PASS),
        (100_000, 60_000, Outcome.PASS),
        (59_999, 100_000, Outcome.FAIL),
        (100_000, 59_999, Outcome.FAIL),
        (59_960, 60_000, Outcome.FAIL),
        (0, 0, Outcome.FAIL),
        (100_000, ABSENT, Outcome.ABSENT),
        (ABSENT, 100_000, Outcome.ABSENT),
        (ABSENT, ABSENT, Outcome.ABSENT),
        (100_000, VIOLATION, Outcome.VOID),
        (VIOLATION, ABSENT, Outcome.VOID),
        (VIOLATION, PENDING, Outcome.VOID),
        (100_000, PENDING, Outcome.PENDING),
        (RESIT, 100_000, Outcome.PENDING),
        (0, PENDING, Outcome.PENDING),
        (ABSENT, PENDING, Outcome.PENDING),
    ],
)
def test_the_outcome_of_two_subjects(know: int | SubjectStatus, do: int | SubjectStatus, outcome: Outcome) -> None:
    decision = decide(standing(know), standing(do), make_pass_rule())

    assert (decision.outcome, decision.passed) == (outcome, outcome is Outcome.PASS)


@pytest.mark.parametrize(
    ("know", "do", "rule", "know_then", "do_then"),
    [
        # 缺考只影响本科，或使另一科无效
        (70_000, ABSENT, make_pass_rule(absence_affects=THIS), NORMAL, ABSENT),
        (70_000, ABSENT, make_pass_rule(absence_affects=BOTH), VOID, ABSENT),
        (ABSENT, PENDING, make_pass_rule(absence_affects=BOTH), ABSENT, VOID),
        # 违纪只使本科无效，或使全部无效
        (VIOLATION, 70_000, make_pass_rule(violation_affects=THIS), VIOLATION, NORMAL),
        (VIOLATION, 70_000, make_pass_rule(violation_affects=BOTH), VIOLATION_BOTH, VIOLATION_BOTH),
        (70_000, VIOLATION, make_pass_rule(violation_affects=BOTH), VIOLATION_BOTH, VIOLATION_BOTH),
        (VIOLATION, PENDING, make_pass_rule(violation_affects=BOTH), VIOLATION_BOTH, VIOLATION_BOTH),
        # 个案决定全部无效的，不看配置
        (VIOLATION_BOTH, 70_000, make_pass_rule(violation_affects=THIS), VIOLATION_BOTH, VIOLATION_BOTH),
        # 另一科缺考仍是缺考
        (VIOLATION, ABSENT, make_pass_rule(violation_affects=BOTH, absence_affects=BOTH), VIOLATION_BOTH, ABSENT),
    ],
)
def test_what_one_subject_does_to_the_other(
    know: int | SubjectStatus,
    do: int | SubjectStatus,
    rule: PassRule,
    know_then: SubjectStatus,
    do_then: SubjectStatus,
) -> None:
    decision = decide(standing(know), standing(do), rule)

    assert (decision.know.status, decision.do.status) == (know_then, do_then)


@pytest.mark.parametrize(
    ("know", "do", "reason"),
    [
        (60_000, 60_000, "应知达到 60 分；应会达到 60 分。"),
        (59_960, 60_000, "应知未达到 60 分；应会达到 60 分。"),
        (70_000, ABSENT, "应知达到 60 分；应会缺考。"),
        (VIOLATION, 70_000, "应知违纪，全部无效；应会违纪，全部无效。"),
        (RESIT, 70_000, "应知待补考；应会达到 60 分。"),
    ],
)
def test_the_reason_tells_both_subjects(know: int | SubjectStatus, do: int | SubjectStatus, reason: str) -> None:
    assert decide(standing(know), standing(do), make_pass_rule()).reason == reason


def test_a_pending_subject_tells_what_it_waits_for() -> None:
    waiting = SubjectScore(PENDING, None, "考评员相差 16 分，待仲裁")

    assert decide(standing(70_000), waiting, make_pass_rule()).reason.endswith("应会待定（考评员相差 16 分，待仲裁）。")


def test_each_subject_has_its_own_line() -> None:
    rule = make_pass_rule(know_points="59.5", do_points="62")

    assert decide(standing(59_500), standing(62_000), rule).passed
    assert decide(standing(59_500), standing(61_999), rule).reason == "应知达到 59.5 分；应会未达到 62 分。"


@pytest.mark.parametrize(("status", "milli"), [(NORMAL, None), (ABSENT, 0), (NORMAL, -1), (PENDING, 70_000)])
def test_a_subject_has_a_mark_exactly_when_its_status_is_normal(status: SubjectStatus, milli: int | None) -> None:
    with pytest.raises(ValueError, match="SubjectScore"):
        SubjectScore(status, None if milli is None else Milli(milli))


MARKS = st.integers(0, 100_000)
STANDINGS = st.one_of(MARKS, st.sampled_from([status for status in SubjectStatus if status is not NORMAL])).map(
    standing
)
RULES = st.builds(
    make_pass_rule, absence_affects=st.sampled_from(SubjectEffect), violation_affects=st.sampled_from(SubjectEffect)
)


@given(MARKS, MARKS, MARKS, MARKS, RULES)
def test_law_raising_a_mark_never_turns_pass_into_fail(
    know: int, do: int, more_know: int, more_do: int, rule: PassRule
) -> None:
    before = decide(standing(know), standing(do), rule).passed
    after = decide(standing(know + more_know), standing(do + more_do), rule).passed

    assert after >= before


@given(STANDINGS, STANDINGS, RULES)
def test_law_only_two_marks_that_reach_the_line_pass(know: SubjectScore, do: SubjectScore, rule: PassRule) -> None:
    reach = know.milli is not None and do.milli is not None and min(know.milli, do.milli) >= 60_000

    assert decide(know, do, rule).passed == both_at_least_60(know, do, rule) == reach


@given(STANDINGS, STANDINGS, RULES)
def test_law_deciding_again_changes_nothing(know: SubjectScore, do: SubjectScore, rule: PassRule) -> None:
    once = decide(know, do, rule)

    assert decide(once.know, once.do, rule) == once
