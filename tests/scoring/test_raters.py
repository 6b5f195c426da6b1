"""应会: how several examiners become one mark, and when an arbiter must decide."""

import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scoring_factories import make_entries, make_entry, make_practical

from exam_protocol.exam_config import RaterRule
from exam_protocol.ids import Milli
from scoring.raters import (
    ExaminerRole,
    ExaminersContradictError,
    ExaminerTwiceError,
    PracticalEntry,
    PracticalFaultError,
    PracticalMarkOutOfRangeError,
    TooFewToTrimError,
    TooManyExaminersError,
    combine,
    combined_mark,
    role_of,
)
from scoring.subjects import SubjectStatus

MEAN, MEDIAN, TRIMMED = RaterRule.MEAN, RaterRule.MEDIAN, RaterRule.TRIMMED_MEAN


@pytest.mark.parametrize(
    ("rule", "marks", "milli"),
    [
        (MEAN, (60_000, 61_000, 62_000), 61_000),
        (MEAN, (60_000, 60_000, 59_999), 59_999),  # 59.99966… 截取，不合格
        (MEAN, (60_000, 60_000, 60_001), 60_000),
        (MEAN, (70_000,), 70_000),
        (MEDIAN, (10_000, 80_000, 70_000), 70_000),
        (MEDIAN, (70_000, 71_001), 70_500),  # 偶数人取中间两个的平均，截取到千分之一
        (MEDIAN, (1000, 70_000, 71_000, 99_000), 70_500),
        (TRIMMED, (0, 70_000, 71_000, 100_000), 70_500),
        (TRIMMED, (70_000, 70_000, 70_000, 70_000), 70_000),
        (TRIMMED, (60_000, 65_000, 65_001, 65_001, 90_000), 65_000),
    ],
)
def test_the_rules_mark(rule: RaterRule, marks: tuple[int, ...], milli: int) -> None:
    assert combined_mark([Milli(mark) for mark in marks], rule) == milli


def test_highest_and_lowest_are_not_dropped_from_fewer_than_four_marks() -> None:
    with pytest.raises(TooFewToTrimError):
        combined_mark([Milli(60_000)] * 3, TRIMMED)


@pytest.mark.parametrize(
    ("marks", "status", "milli"),
    [
        ((70_000, 75_000, 80_000), SubjectStatus.NORMAL, 75_000),
        ((70_000, 75_000, 84_999), SubjectStatus.NORMAL, 76_666),
        # 相差达到 15 分即须仲裁
        ((70_000, 75_000, 85_000), SubjectStatus.PENDING, None),
        ((70_000, 75_000, 99_000), SubjectStatus.PENDING, None),
        # 缺考、违纪须众口一词
        (("缺考", "缺考", "缺考"), SubjectStatus.ABSENT, None),
        (("违纪", "违纪", "违纪"), SubjectStatus.VIOLATION, None),
        # 成绩没有报齐
        ((), SubjectStatus.PENDING, None),
        ((70_000, 75_000), SubjectStatus.PENDING, None),
        (("缺考", "缺考"), SubjectStatus.PENDING, None),
        # 零分是成绩，不是缺考
        ((0, 0, 0), SubjectStatus.NORMAL, 0),
    ],
)
def test_what_three_examiners_amount_to(marks: tuple[int | str, ...], status: SubjectStatus, milli: int | None) -> None:
    score = combine(make_entries(*marks), make_practical())

    assert (score.status, score.milli) == (status, milli)


@pytest.mark.parametrize(
    ("marks", "arbiter", "status", "milli"),
    [
        ((50_000, 70_000, 90_000), 66_000, SubjectStatus.NORMAL, 66_000),
        ((50_000, 70_000, 90_000), "违纪", SubjectStatus.VIOLATION, None),
        (("缺考", 70_000, 71_000), 70_000, SubjectStatus.NORMAL, 70_000),
        (("缺考", 70_000, 71_000), "缺考", SubjectStatus.ABSENT, None),
    ],
)
def test_the_arbiter_decides_alone(
    marks: tuple[int | str, ...], arbiter: int | str, status: SubjectStatus, milli: int | None
) -> None:
    score = combine(make_entries(*marks, arbiter=arbiter), make_practical())

    assert (score.status, score.milli, score.is_arbitrated) == (status, milli, True)
    assert len(score.entries) == 4


def test_what_is_pending_says_what_it_waits_for() -> None:
    assert combine(make_entries(60_000, 70_000, 76_500), make_practical()).words == "考评员相差 16.5 分，待仲裁"
    assert combine(make_entries(60_000), make_practical()).words == "应有 3 位考评员的成绩，只有 1 位"


@pytest.mark.parametrize(
    ("marks", "fault"),
    [
        (("缺考", 70_000, 71_000), ExaminersContradictError),
        (("违纪", 70_000, 71_000), ExaminersContradictError),
        (("缺考", "违纪", "缺考"), ExaminersContradictError),
        (("缺考", 70_000), ExaminersContradictError),
        ((70_000, 70_000, 70_000, 70_000), TooManyExaminersError),
        ((70_000, 70_000, 100_001), PracticalMarkOutOfRangeError),
        ((70_000, 70_000, -1), PracticalMarkOutOfRangeError),
    ],
)
def test_what_cannot_stand_is_refused_by_name(marks: tuple[int | str, ...], fault: type[PracticalFaultError]) -> None:
    with pytest.raises(fault):
        combine(make_entries(*marks), make_practical())


def test_a_contradiction_tells_who_said_what() -> None:
    with pytest.raises(ExaminersContradictError, match=r"考评员1 缺考、考评员2 70\.5 分"):
        combine(make_entries("缺考", 70_500), make_practical())


@pytest.mark.parametrize(
    "entries",
    [
        (make_entry(70_000, "王"), make_entry(71_000, "王")),
        (*make_entries(50_000, 70_000, 90_000, arbiter=66_000), make_entry(67_000, "仲裁")),
    ],
    ids=["one examiner twice", "two arbiters"],
)
def test_an_examiner_has_one_entry_and_there_is_one_arbiter(entries: tuple[PracticalEntry, ...]) -> None:
    with pytest.raises(ExaminerTwiceError):
        combine(entries, make_practical())


@pytest.mark.parametrize(
    ("status", "milli"),
    [(SubjectStatus.ABSENT, 0), (SubjectStatus.NORMAL, None), (SubjectStatus.PENDING, None)],
)
def test_a_mark_stands_beside_the_status_normal_and_no_other(status: SubjectStatus, milli: int | None) -> None:
    entry = PracticalEntry("王", ExaminerRole.EXAMINER, status, None if milli is None else Milli(milli))

    with pytest.raises(PracticalMarkOutOfRangeError):
        combine([entry], make_practical())


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("仲裁", ExaminerRole.ARBITER),
        (" 仲裁 李明", ExaminerRole.ARBITER),
        ("仲裁李明", ExaminerRole.ARBITER),
        ("李仲裁", ExaminerRole.EXAMINER),
    ],
)
def test_the_arbiter_is_told_by_the_column_examiner(text: str, role: ExaminerRole) -> None:
    assert role_of(text) is role


POINTS = st.integers(0, 100_000).map(Milli)


@given(st.lists(POINTS, min_size=4, max_size=9), st.sampled_from(RaterRule))
def test_law_the_combined_mark_lies_between_the_lowest_and_the_highest(marks: list[Milli], rule: RaterRule) -> None:
    assert min(marks) <= combined_mark(marks, rule) <= max(marks)


@given(st.lists(POINTS, min_size=1, max_size=9), st.integers(0, 100))
def test_law_cutting_the_mean_off_never_decides_about_a_pass(marks: list[Milli], line: int) -> None:
    exact = Fraction(sum(marks), len(marks))

    assert (combined_mark(marks, MEAN) >= line * 1000) == (exact >= line * 1000)


@given(st.lists(POINTS, min_size=4, max_size=4), st.randoms(use_true_random=False), st.sampled_from(RaterRule))
def test_law_the_order_of_examiners_never_matters(marks: list[Milli], chance: random.Random, rule: RaterRule) -> None:
    practical = make_practical(examiners=4, rule=rule)
    entries = make_entries(*marks)
    shuffled = list(entries)
    chance.shuffle(shuffled)

    assert combine(shuffled, practical) == combine(entries, practical)


@given(st.lists(POINTS, min_size=4, max_size=4), st.integers(0, 3), POINTS, st.sampled_from(RaterRule))
def test_law_a_higher_mark_by_one_examiner_never_lowers_the_combined_mark(
    marks: list[Milli], place: int, more: Milli, rule: RaterRule
) -> None:
    raised = [Milli(mark + more) if at == place else mark for at, mark in enumerate(marks)]

    assert combined_mark(raised, rule) >= combined_mark(marks, rule)
