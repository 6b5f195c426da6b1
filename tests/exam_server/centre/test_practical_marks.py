"""Practical marks are taken whole or not at all, and every fault in them is named."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from centre_factories import MARK_HEADINGS, SmallCentre, make_id_number, make_mark_rows, write_csv

from exam_protocol.errors import InputRefusedError
from exam_protocol.ids import Milli
from exam_server.services.practical_marks import import_practical_marks, practical_entries
from scoring.raters import combine
from scoring.subjects import SubjectStatus

Rows = list[dict[str, str]]


def read(centre: SmallCentre, tmp_path: Path, rows: Rows, headings: Sequence[str] = MARK_HEADINGS) -> int:
    file = write_csv(tmp_path / "应会.csv", rows, headings)
    count: int = centre.run(import_practical_marks, centre.config, centre.column_keys, file)
    return count


def refused(centre: SmallCentre, tmp_path: Path, rows: Rows) -> list[tuple[int | None, str | None, str]]:
    with pytest.raises(InputRefusedError) as refusal:
        read(centre, tmp_path, rows)
    assert centre.run(practical_entries) == {}
    return [(fault.row, fault.column, fault.what) for fault in refusal.value.faults]


def test_three_examiners_become_one_mark(seated_centre: SmallCentre, tmp_path: Path) -> None:
    assert read(seated_centre, tmp_path, make_mark_rows(1, ["70", "71.5", "72.125"])) == 3

    (entries,) = seated_centre.run(practical_entries).values()
    assert combine(entries, seated_centre.config.practical).milli == Milli(71_208)


def test_absence_is_not_zero(seated_centre: SmallCentre, tmp_path: Path) -> None:
    read(seated_centre, tmp_path, make_mark_rows(1, ["", "", ""], 状态="缺考"))

    (entries,) = seated_centre.run(practical_entries).values()
    score = combine(entries, seated_centre.config.practical)
    assert (score.status, score.milli) == (SubjectStatus.ABSENT, None)


@pytest.mark.parametrize(
    ("cells", "column", "told"),
    [
        ({"身份证号": make_id_number(99)}, "身份证号", "报名表里没有这名考生"),
        ({"身份证号": ""}, "准考证号", "都没有填写"),
        ({"姓名": "别人"}, "姓名", "不符"),
        ({"考评员": ""}, "考评员", "没有填写"),
        ({"成绩": "100.5"}, "成绩", "不在 0 至 100"),
        ({"成绩": "-1"}, "成绩", "不在 0 至 100"),
        ({"成绩": "70.1234"}, "成绩", "多于三位小数"),
        ({"成绩": "优"}, "成绩", "不是成绩"),
        ({"成绩": ""}, "成绩", "没有填写"),
        ({"状态": "请假"}, "状态", "不是状态"),
        ({"状态": "缺考"}, "成绩", "不应有成绩"),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column(
    seated_centre: SmallCentre, tmp_path: Path, cells: dict[str, str], column: str, told: str
) -> None:
    rows = make_mark_rows(1)
    rows[1] |= cells

    ((row, named, what),) = refused(seated_centre, tmp_path, rows)

    assert (row, named) == (3, column)
    assert told in what


def test_the_same_examiner_twice_is_refused(seated_centre: SmallCentre, tmp_path: Path) -> None:
    rows = make_mark_rows(1)
    rows[2]["考评员"] = rows[0]["考评员"]

    ((row, column, what),) = refused(seated_centre, tmp_path, rows)

    assert (row, column) == (4, "考评员")
    assert "与第 2 行重复" in what


@pytest.mark.parametrize("marks", [["70"], ["70", "71"], ["70", "71", "72", "73"]])
def test_a_wrong_number_of_examiners_is_refused(seated_centre: SmallCentre, tmp_path: Path, marks: list[str]) -> None:
    ((row, column, what),) = refused(seated_centre, tmp_path, make_mark_rows(1, marks))

    assert (row, column) == (2, "考评员")
    assert f"有 {len(marks)} 位考评员，配置规定 3 位" in what


def test_examiners_who_contradict_each_other_are_refused(seated_centre: SmallCentre, tmp_path: Path) -> None:
    rows = make_mark_rows(1)
    rows[0] |= {"成绩": "", "状态": "缺考"}

    ((_, column, what),) = refused(seated_centre, tmp_path, rows)

    assert column == "状态"
    assert "互相矛盾" in what


def test_the_faults_of_all_candidates_are_told_at_once(seated_centre: SmallCentre, tmp_path: Path) -> None:
    rows = make_mark_rows(1, ["70", "71"]) + make_mark_rows(2) + make_mark_rows(3, ["70", "71", "101"])

    assert [row for row, _, _ in refused(seated_centre, tmp_path, rows)] == [2, 9]


def test_an_arbiter_may_come_later_and_decides(seated_centre: SmallCentre, tmp_path: Path) -> None:
    read(seated_centre, tmp_path, make_mark_rows(1, ["50", "71", "72"]))
    read(seated_centre, tmp_path, make_mark_rows(1, ["66"], 考评员="李明", 状态="仲裁"))

    (entries,) = seated_centre.run(practical_entries).values()
    assert combine(entries, seated_centre.config.practical).milli == Milli(66_000)


def test_a_file_brought_again_is_refused(seated_centre: SmallCentre, tmp_path: Path) -> None:
    read(seated_centre, tmp_path, make_mark_rows(1))

    with pytest.raises(InputRefusedError, match="此前已经导入过"):
        read(seated_centre, tmp_path, make_mark_rows(1))


def test_a_candidate_may_be_told_by_ticket_number(seated_centre: SmallCentre, tmp_path: Path) -> None:
    sitting = seated_centre.sittings()[0]
    rows = [
        {"准考证号": sitting.ticket_no, "姓名": sitting.candidate.name, "考评员": f"{n}", "成绩": "70", "状态": "正常"}
        for n in range(3)
    ]

    assert read(seated_centre, tmp_path, rows, ("准考证号", "姓名", "考评员", "成绩", "状态")) == 3


def test_ticket_and_id_number_of_different_people_are_refused(seated_centre: SmallCentre, tmp_path: Path) -> None:
    other = next(sitting for sitting in seated_centre.sittings() if sitting.candidate.name != "考生1")
    rows = [row | {"准考证号": other.ticket_no} for row in make_mark_rows(1)]

    with pytest.raises(InputRefusedError, match="不是同一名考生"):
        read(seated_centre, tmp_path, rows, ("准考证号", *MARK_HEADINGS))
