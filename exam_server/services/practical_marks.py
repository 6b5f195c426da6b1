"""应会 marks in: every row is checked against the roster, every fault named, and either all are taken or none."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import msgspec
from sqlalchemy import select

from exam_protocol.errors import InputFault, InputRefusedError
from exam_protocol.exam_config import ExamConfig, milli
from exam_protocol.ids import Milli
from exam_protocol.publication import normal_id_number
from exam_server.models.candidates import Candidate, PlannedSitting
from exam_server.models.marking import PracticalMark
from exam_server.services.audit import write_audit
from exam_server.services.person_column import ColumnKeys
from exam_server.work import Work
from question_bank.formats.table import Column, Row, Table, read_table
from scoring.raters import DO_FULL_MILLI, ExaminerRole, PracticalEntry, PracticalFaultError, combine, role_of
from scoring.subjects import SubjectStatus

MARK_COLUMNS = (
    Column("准考证号", is_required=False, may_be_empty=True),
    Column("身份证号", aliases=("身份证号码", "公民身份号码"), is_required=False, may_be_empty=True),
    Column("姓名", may_be_empty=True),
    Column("考评员", may_be_empty=True),
    Column("成绩", may_be_empty=True),
    Column("状态", may_be_empty=True),
)
_STATUS_OF = {
    "正常": SubjectStatus.NORMAL,
    "仲裁": SubjectStatus.NORMAL,
    "缺考": SubjectStatus.ABSENT,
    "违纪": SubjectStatus.VIOLATION,
}
_ARBITER_STATUS = "仲裁"
_MARK = re.compile(r"-?\d{1,9}(\.(?P<decimals>\d+))?")
_MOST_DECIMALS = 3
_MAX_EXAMINER = 64


class _MarkRead(msgspec.Struct, frozen=True):
    row: Row
    candidate: int
    entry: PracticalEntry


def import_practical_marks(work: Work, config: ExamConfig, keys: ColumnKeys, path: Path) -> int:
    """Take a file of practical marks; return how many rows it added.

    Each candidate of the file must have exactly as many examiners as the configuration says; an arbiter's row may come
    with them or later. Raises ``InputRefusedError`` with all faults, and then nothing is taken.
    """
    table = read_table(path, MARK_COLUMNS)
    reader = _MarksReader(work, config, keys, table)
    for row in table.rows:
        reader.read(row)
    reader.check_candidates()
    if reader.faults:
        raise InputRefusedError(sorted(reader.faults, key=lambda fault: fault.row or 0))
    for read in reader.marks:
        work.db.add(
            PracticalMark(
                candidate_id=read.candidate,
                examiner=read.entry.examiner,
                role=read.entry.role.value,
                status=read.entry.status.value,
                milli=read.entry.milli,
                file=table.file,
                row=read.row.number,
                imported_at=work.now,
            )
        )
    write_audit(work, "import_practical_marks", table.file, f"{len(reader.marks)} 条应会成绩")
    return len(reader.marks)


def practical_entries(work: Work) -> Mapping[int, tuple[PracticalEntry, ...]]:
    """Return all practical entries by candidate row."""
    entries: dict[int, list[PracticalEntry]] = defaultdict(list)
    for mark in work.db.scalars(select(PracticalMark).order_by(PracticalMark.candidate_id, PracticalMark.examiner)):
        entry = PracticalEntry(mark.examiner, ExaminerRole(mark.role), SubjectStatus(mark.status), mark.milli)
        entries[mark.candidate_id].append(entry)
    return {candidate: tuple(each) for candidate, each in entries.items()}


class _MarksReader:
    """Reads rows one by one, then looks at each candidate as a whole, and collects all faults."""

    def __init__(self, work: Work, config: ExamConfig, keys: ColumnKeys, table: Table) -> None:
        self.faults: list[InputFault] = []
        self.marks: list[_MarkRead] = []
        self._table = table
        self._practical = config.practical
        self._keys = keys
        self._names = dict(work.db.execute(select(Candidate.id, Candidate.name)).all())
        self._by_id_number = dict(work.db.execute(select(Candidate.id_number_index, Candidate.id)).all())
        self._by_ticket: dict[str, int] = dict(
            work.db.execute(select(PlannedSitting.ticket_no, PlannedSitting.candidate_id)).all()
        )
        self._stored = practical_entries(work)
        self._faulty: set[int] = set()
        self._names_of_strangers: set[str] = set()

    def read(self, row: Row) -> None:
        """Take one row, or note its faults."""
        before = len(self.faults)
        candidate = self._candidate(row)
        examiner = " ".join(row["考评员"].split())
        if not examiner:
            self._note(row, "考评员", "没有填写。", "请写考评员姓名。")
        elif len(examiner) > _MAX_EXAMINER:
            self._note(row, "考评员", f"有 {len(examiner)} 个字，过长。", f"请缩短到 {_MAX_EXAMINER} 个字以内。")
        status = _STATUS_OF.get(row["状态"])
        if status is None:
            self._note(row, "状态", f"“{row['状态']}”不是状态。", "请写 正常、缺考、违纪 或 仲裁。")
        mark = self._mark(row, status)
        if len(self.faults) > before or candidate is None or status is None:
            if candidate is None:
                self._names_of_strangers.add(_plain(row["姓名"]))
            else:
                self._faulty.add(candidate)
            return
        role = ExaminerRole.ARBITER if row["状态"] == _ARBITER_STATUS else role_of(examiner)
        self.marks.append(_MarkRead(row, candidate, PracticalEntry(examiner, role, status, mark)))

    def check_candidates(self) -> None:
        """Note what is wrong with a candidate's rows together: an examiner twice, too few, too many, contradictions."""
        by_candidate: dict[int, list[_MarkRead]] = defaultdict(list)
        for mark in self.marks:
            by_candidate[mark.candidate].append(mark)
        for candidate, marks in by_candidate.items():
            # A row with a mistyped number most likely belongs to who has its name: one slip, one fault.
            if candidate not in self._faulty and _plain(self._names[candidate]) not in self._names_of_strangers:
                self._check_candidate(marks, self._stored.get(candidate, ()))

    def _check_candidate(self, marks: list[_MarkRead], stored: tuple[PracticalEntry, ...]) -> None:
        taken = {entry.examiner: "此前已经导入过" for entry in stored}
        faults_before = len(self.faults)
        for mark in marks:
            if mark.entry.examiner in taken:
                where = taken[mark.entry.examiner]
                words = f"考评员“{mark.entry.examiner}”对这名考生的成绩{where}。"
                self._note(mark.row, "考评员", words, "同一考评员只能有一条，请删去重复的。")
            taken[mark.entry.examiner] = f"与第 {mark.row.number} 行重复"
        if len(self.faults) > faults_before:
            return
        entries = (*stored, *(mark.entry for mark in marks))
        examiners = sum(entry.role is ExaminerRole.EXAMINER for entry in entries)
        if examiners != self._practical.examiners:
            words = f"这名考生有 {examiners} 位考评员，配置规定 {self._practical.examiners} 位。"
            self._note(marks[0].row, "考评员", words, "请补齐或删去多余的行。")
            return
        try:
            combine(entries, self._practical)
        except PracticalFaultError as fault:
            self._note(marks[0].row, "状态", fault.what, fault.do)

    def _note(self, row: Row, column: str, what: str, do: str) -> None:
        self.faults.append(self._table.fault(row, column, what, do))

    def _candidate(self, row: Row) -> int | None:
        found: dict[str, int | None] = {}
        if row["准考证号"]:
            found["准考证号"] = self._by_ticket.get(row["准考证号"])
        if row["身份证号"]:
            index = self._keys.index_id_number(normal_id_number(row["身份证号"]))
            found["身份证号"] = self._by_id_number.get(index)
        if not found:
            self._note(row, "准考证号", "准考证号和身份证号都没有填写。", "请至少填写一项。")
            return None
        for column, candidate in found.items():
            if candidate is None:
                self._note(row, column, "报名表里没有这名考生。", "请核对号码。")
        candidates = set(found.values())
        if None in candidates:
            return None
        if len(candidates) > 1:
            self._note(row, "准考证号", "与身份证号不是同一名考生。", "请核对两个号码。")
            return None
        candidate = candidates.pop()
        if candidate is not None and _plain(row["姓名"]) != _plain(self._names[candidate]):
            self._note(row, "姓名", f"“{row['姓名']}”与报名表里该号码的姓名不符。", "请核对姓名和号码，防止张冠李戴。")
        return candidate

    def _mark(self, row: Row, status: SubjectStatus | None) -> Milli | None:
        text = unicodedata.normalize("NFKC", row["成绩"])
        if status in (SubjectStatus.ABSENT, SubjectStatus.VIOLATION):
            if text:
                self._note(row, "成绩", f"状态是{row['状态']}，不应有成绩。", "请清空成绩，或改正状态。")
            return None
        match = _MARK.fullmatch(text)
        if match is None:
            what = f"“{row['成绩']}”不是成绩。" if text else "没有填写。"
            self._note(row, "成绩", what, "请写 0 到 100 的数；缺考请在“状态”列写明并留空。")
            return None
        if len(match["decimals"] or "") > _MOST_DECIMALS:
            self._note(row, "成绩", f"“{text}”多于三位小数。", "请对照原始评分表改正，最多三位小数。")
            return None
        if text.startswith("-") or milli(text) > DO_FULL_MILLI:
            self._note(row, "成绩", f"“{text}”不在 0 至 100 分之间。", "请对照原始评分表改正。")
            return None
        return milli(text)


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split())
