"""The canonical file of results: the same results, the same bytes; harmless in a spreadsheet."""

import csv
import io
import random

import pytest
from scoring_factories import make_candidate, make_pass_rule, make_result

from exam_protocol.ids import Milli
from scoring.pass_rules import Outcome, decide
from scoring.results import HEADINGS, TicketTwiceError, guarded, mark_text, result_of, results_csv
from scoring.subjects import SubjectScore, SubjectStatus


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_file_in_its_exact_bytes() -> None:
    passed = make_result(1)
    absent = make_result(2, name="李娜", do=SubjectStatus.ABSENT, outcome=Outcome.ABSENT)

    assert (
        results_csv([passed, absent])
        == (
            "\ufeff准考证号,姓名,考区,工种,单位,应知状态,应知成绩,应会状态,应会成绩,结论,说明\r\n"
            "2602010001,张建国,石家庄,06-008 电工,石家庄市示例水务服务中心,"
            "正常,78.500,正常,82.000,合格,应知达到 60 分；应会达到 60 分。\r\n"
            "2602010002,李娜,石家庄,06-008 电工,石家庄市示例水务服务中心,"
            "正常,78.500,缺考,,缺考,应知达到 60 分；应会达到 60 分。\r\n"
        ).encode()
    )


def test_the_bytes_do_not_depend_on_the_order_of_the_results() -> None:
    results = [make_result(number) for number in range(1, 40)]
    shuffled = random.Random(7).sample(results, len(results))  # noqa: S311 - an order, no secret

    assert results_csv(shuffled) == results_csv(results)


def test_an_absent_candidate_has_no_mark_and_not_a_0() -> None:
    row = rows_of(results_csv([make_result(know=SubjectStatus.ABSENT), make_result(2, know=0)]))

    assert [line[HEADINGS.index("应知成绩")] for line in row[1:]] == ["", "0.000"]


def test_a_mark_just_below_the_line_is_told_exactly() -> None:
    row = rows_of(results_csv([make_result(know=59_960, outcome=Outcome.FAIL)]))[1]

    assert (row[HEADINGS.index("应知成绩")], row[HEADINGS.index("结论")]) == ("59.960", "不合格")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+86", "'+86"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝1", "'＝1"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("  =1", "'  =1"),
        ("'=1", "''=1"),
        ("张-建国", "张-建国"),
        ("", ""),
    ],
)
def test_a_text_is_never_a_formula(text: str, written: str) -> None:
    row = rows_of(results_csv([make_result(name=text)]))[1]

    assert row[1] == written == guarded(text)


def test_a_comma_a_quote_or_a_line_break_in_a_name_stays_in_its_cell() -> None:
    unit = '示例"一",\r\n二厂'

    assert rows_of(results_csv([make_result(unit=unit)]))[1][4] == unit


def test_two_results_for_one_ticket_number_are_refused() -> None:
    with pytest.raises(TicketTwiceError, match="2602010001"):
        results_csv([make_result(1), make_result(2), make_result(1)])


def test_a_result_puts_the_candidate_and_the_decision_on_one_line() -> None:
    candidate = make_candidate()
    marks = SubjectScore(SubjectStatus.NORMAL, Milli(78_500)), SubjectScore(SubjectStatus.NORMAL, Milli(82_000))

    result = result_of(
        ticket_no=candidate.ticket_no,
        name=candidate.name,
        zone=candidate.zone,
        trade=candidate.trade,
        unit=candidate.unit,
        decision=decide(*marks, make_pass_rule()),
    )

    assert result == make_result()
    assert result.passed


@pytest.mark.parametrize(
    ("status", "milli", "text"),
    [
        (SubjectStatus.NORMAL, 59_960, "59.9"),
        (SubjectStatus.NORMAL, 0, "0.0"),
        (SubjectStatus.ABSENT, None, "缺考"),
        (SubjectStatus.VIOLATION, None, "违纪"),
        (SubjectStatus.VIOLATION_BOTH, None, "违纪"),
        (SubjectStatus.VOID, None, "无效"),
        (SubjectStatus.PENDING, None, "待定"),
        (SubjectStatus.RESIT, None, "待补考"),
    ],
)
def test_what_stands_where_a_mark_is_shown(status: SubjectStatus, milli: int | None, text: str) -> None:
    assert mark_text(status, None if milli is None else Milli(milli), 1) == text
