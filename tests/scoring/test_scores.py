"""应知: a paper's score, and which answer keys nobody may be marked by."""

import msgspec
import pytest
from scoring_factories import letters, make_answer_key, make_item, make_responses

from exam_protocol.answer_key import AnswerKey
from exam_protocol.ids import Milli
from exam_protocol.marking_rule import MarkingKind, MarkingRule
from exam_protocol.paper import ItemType
from scoring.answer_key_check import AnswerKeyFaultyError
from scoring.scores import UnknownItemError, mark_paper
from scoring.subjects import SubjectStatus


def test_the_score_is_the_sum_of_the_marks_and_of_its_two_parts() -> None:
    score = mark_paper(make_answer_key(), make_responses({1: "A", 2: "BC", 3: "A", 4: "A"}))

    assert score.status is SubjectStatus.NORMAL
    assert score.milli == 60_000 + 20_000 + 1000 + 0
    assert (score.public_milli, score.trade_milli) == (60_000, 21_000)
    assert [mark.milli for mark in score.marks] == [60_000, 20_000, 1000, 0]


def test_an_item_without_a_response_and_one_that_was_cleared_earn_nothing_and_count_as_blank() -> None:
    score = mark_paper(make_answer_key(), make_responses({1: "A", 2: ""}))

    assert (score.milli, score.answered) == (60_000, 1)
    assert score.marks[1].chosen == score.marks[2].chosen == ()


def test_a_paper_handed_in_blank_is_a_score_of_0_and_not_an_absence() -> None:
    score = mark_paper(make_answer_key(), make_responses({}))

    assert (score.status, score.milli) == (SubjectStatus.NORMAL, 0)


def test_what_was_chosen_is_kept_in_the_keys_order_whatever_order_it_came_in() -> None:
    score = mark_paper(make_answer_key(), make_responses({2: "DCB"}))

    assert score.marks[1].chosen == letters("BCD")


def test_a_response_to_another_papers_item_is_refused() -> None:
    with pytest.raises(UnknownItemError):
        mark_paper(make_answer_key(), make_responses({9: "A"}))


SINGLE = ItemType.SINGLE
FIXED = MarkingKind.SUBSET_FIXED


@pytest.mark.parametrize(
    ("answer_key", "fault"),
    [
        (make_answer_key([make_item(""), make_item("A", number=2)]), "第 1 题（G001）没有正确选项"),
        (make_answer_key([make_item("E")]), "正确选项不在选项之中"),
        (make_answer_key([make_item("AB", item_type=SINGLE)]), "不是多选题，却有多个正确选项"),
        (make_answer_key([make_item("AA")]), "有重复的选项"),
        (make_answer_key([make_item(points=0)]), "分值不是正数"),
        (make_answer_key([make_item(points=1000, kind=FIXED, partial=1001)]), "少选的得分不在 0 与该题分值之间"),
        (make_answer_key([make_item(kind=FIXED, partial=-1)]), "少选的得分不在 0 与该题分值之间"),
        (make_answer_key([make_item(number=1), make_item(number=1)]), "同一试题出现两次"),
        (make_answer_key([make_item(number=2)]), "题号不是从 1 起连续"),
        (msgspec.structs.replace(make_answer_key(), total_milli=Milli(99_000)), "各题分值之和与总分不符"),
        (msgspec.structs.replace(make_answer_key(), format="answer-key/2"), "格式是“answer-key/2”"),
    ],
)
def test_nobody_is_marked_by_an_answer_key_that_contradicts_itself(answer_key: AnswerKey, fault: str) -> None:
    with pytest.raises(AnswerKeyFaultyError, match=fault):
        mark_paper(answer_key, make_responses({}))


def test_all_faults_of_an_answer_key_are_told_at_once() -> None:
    broken = msgspec.structs.replace(make_item("", points=0), rule=MarkingRule(FIXED, "规则", Milli(5)))

    with pytest.raises(AnswerKeyFaultyError, match=r"没有正确选项.*分值不是正数.*少选"):
        mark_paper(make_answer_key([broken]), make_responses({}))
