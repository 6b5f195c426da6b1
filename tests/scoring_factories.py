"""Plausible answer keys, chains, examiners and results for tests of scoring: valid without arguments."""

import string
from collections.abc import Mapping, Sequence
from datetime import date

from exam_protocol.answer_key import ANSWER_KEY_FORMAT, AnswerKey, ItemAnswer
from exam_protocol.canonical_json import encode
from exam_protocol.documents import SittingRecord
from exam_protocol.event_chain import Responses, first_head, head_after
from exam_protocol.exam_config import PassRule, Practical, RaterRule, SubjectEffect
from exam_protocol.ids import (
    AttemptId,
    EpochMs,
    ExamId,
    ItemId,
    Milli,
    OptionId,
    PaperId,
    RoomId,
    SeatNo,
    SessionId,
    SittingId,
    TicketNo,
    TradeCode,
    attempt_id,
)
from exam_protocol.marking_rule import MarkingKind, MarkingRule
from exam_protocol.messages import Answer, ChainEntry, HandIn
from exam_protocol.paper import ItemType, Purpose
from exam_protocol.sitting_state import SittingState
from scoring.pass_rules import Outcome
from scoring.raters import ExaminerRole, PracticalEntry, role_of
from scoring.results import Result
from scoring.scoring_run import ScoredCandidate
from scoring.subjects import SubjectStatus
from scoring.transcript import TranscriptFacts

EXAM, SESSION, PAPER = ExamId("2026-technician"), SessionId("S1"), PaperId("paper-electrician")
ELECTRICIAN = TradeCode("06-008")


def letters(text: str) -> tuple[OptionId, ...]:
    """Options by letter: "AC" → ("A", "C")."""
    return tuple(OptionId(letter) for letter in text)


def make_item(
    right: str = "AB",
    *,
    points: int = 3000,
    kind: MarkingKind = MarkingKind.ALL_OR_NOTHING,
    partial: int = 0,
    options: int = 4,
    number: int = 1,
    item_type: ItemType = ItemType.MULTIPLE,
    is_public: bool = False,
) -> ItemAnswer:
    return ItemAnswer(
        ItemId(f"item-{number}"),
        number,
        item_type,
        is_public,
        letters(string.ascii_uppercase[:options]),
        letters(right),
        Milli(points),
        MarkingRule(kind, "规则", Milli(partial)),
        f"G{number:03d}",
    )


def make_answer_key(items: Sequence[ItemAnswer] | None = None) -> AnswerKey:
    """Return a key of four items worth 60 + 30 + 9 + 1 points: enough to pass exactly, and to fail by 0.04."""
    items = items or (
        make_item("A", points=60_000, number=1, item_type=ItemType.SINGLE, is_public=True),
        make_item("BCD", points=30_000, number=2, kind=MarkingKind.SUBSET_PROPORTIONAL),
        make_item("AC", points=9_960, number=3, kind=MarkingKind.SUBSET_FIXED, partial=1000),
        make_item("B", points=40, number=4, options=2, item_type=ItemType.TRUE_FALSE),
    )
    total = Milli(sum(item.milli for item in items))
    return AnswerKey(ANSWER_KEY_FORMAT, PAPER, EXAM, SESSION, ELECTRICIAN, Purpose.LIVE, 1, total, tuple(items))


def make_responses(chosen: Mapping[int, str]) -> Responses:
    """Responses by item number and letters: {1: "A", 2: "BC"}."""
    last = {
        ItemId(f"item-{number}"): _answer(AttemptId(101), seq, number, text, "0" * 64)
        for seq, (number, text) in enumerate(chosen.items(), 1)
    }
    return Responses(last, 0, None)


def _answer(attempt: AttemptId, seq: int, number: int, text: str, prev: str) -> Answer:
    return Answer(attempt, 1, seq, ItemId(f"item-{number}"), letters(text), False, seq * 1000, EpochMs(seq), prev)


def make_events(answers: Sequence[tuple[int, str]], attempt: AttemptId, *, hand_in: bool = True) -> tuple[str, ...]:
    """Return a true chain: the answers in this order and the closing hand-in."""
    events: list[str] = []
    head = first_head(attempt, PAPER)
    for seq in range(1, len(answers) + 1 + hand_in):
        entry: ChainEntry = (
            _answer(attempt, seq, *answers[seq - 1], head)
            if seq <= len(answers)
            else HandIn(attempt, 1, seq, "candidate", len(answers), seq * 1000, EpochMs(seq), head)
        )
        events.append(encode(entry).decode())
        head = head_after(encode(entry))
    return tuple(events)


def make_record(
    sitting: int = 1,
    *,
    answers: Sequence[tuple[int, str]] = ((1, "A"),),
    state: SittingState = SittingState.HANDED_IN,
    ticket_no: str | None = None,
) -> SittingRecord:
    attempt = attempt_id(SittingId(sitting))
    present = state not in (SittingState.ABSENT, SittingState.MOVED_OUT)
    return SittingRecord(
        SittingId(sitting),
        TicketNo(ticket_no or make_ticket(sitting)),
        ELECTRICIAN,
        RoomId("01"),
        SeatNo(sitting),
        state,
        PAPER if present else None,
        attempt if present else None,
        1,
        make_events(answers, attempt) if present else (),
        None,
        None,
        None,
        (),
    )


def make_ticket(number: int = 1) -> TicketNo:
    return TicketNo(f"260201{number:04d}")


def make_practical(
    *, examiners: int = 3, rule: RaterRule = RaterRule.MEAN, discrepancy_points: str = "15"
) -> Practical:
    return Practical(examiners, rule, discrepancy_points, 1)


def make_pass_rule(
    *,
    know_points: str = "60",
    do_points: str = "60",
    absence_affects: SubjectEffect = SubjectEffect.THIS_SUBJECT,
    violation_affects: SubjectEffect = SubjectEffect.BOTH_SUBJECTS,
) -> PassRule:
    return PassRule(know_points, do_points, 1, absence_affects, violation_affects)


def make_entry(mark: int | str, examiner: str = "王考评") -> PracticalEntry:
    """Return an entry with a mark in thousandths, or "缺考", or "违纪"."""
    status = {"缺考": SubjectStatus.ABSENT, "违纪": SubjectStatus.VIOLATION}.get(str(mark), SubjectStatus.NORMAL)
    return PracticalEntry(examiner, role_of(examiner), status, Milli(mark) if isinstance(mark, int) else None)


def make_entries(*marks: int | str, arbiter: int | str | None = None) -> tuple[PracticalEntry, ...]:
    """Return one entry per examiner, and the arbiter's when there is one."""
    entries = [make_entry(mark, f"考评员{place}") for place, mark in enumerate(marks, 1)]
    if arbiter is not None:
        entries.append(make_entry(arbiter, "仲裁 李明"))
        assert entries[-1].role is ExaminerRole.ARBITER
    return tuple(entries)


def make_candidate(
    number: int = 1, *, practical: Sequence[PracticalEntry] | None = None, name: str = "张建国"
) -> ScoredCandidate:
    entries = tuple(practical) if practical is not None else make_entries(70_000, 71_000, 72_000)
    return ScoredCandidate(make_ticket(number), name, "石家庄", ELECTRICIAN, "石家庄市示例水务服务中心", entries)


def make_result(
    number: int = 1,
    *,
    name: str = "张建国",
    zone: str = "石家庄",
    trade: str = "06-008",
    unit: str = "石家庄市示例水务服务中心",
    know: int | SubjectStatus = 78_500,
    do: int | SubjectStatus = 82_000,
    outcome: Outcome = Outcome.PASS,
) -> Result:
    return Result(
        make_ticket(number),
        name,
        zone,
        TradeCode(trade),
        unit,
        None if isinstance(know, SubjectStatus) else Milli(know),
        know if isinstance(know, SubjectStatus) else SubjectStatus.NORMAL,
        None if isinstance(do, SubjectStatus) else Milli(do),
        do if isinstance(do, SubjectStatus) else SubjectStatus.NORMAL,
        outcome,
        "应知达到 60 分；应会达到 60 分。",
    )


def make_facts(**changed: object) -> TranscriptFacts:
    plausible: dict[str, object] = {
        "exam_title": "2026年度河北省机关事业单位工人技师考核",
        "name": "张建国",
        "id_last4": "118X",
        "ticket_no": make_ticket(17),
        "trade": ELECTRICIAN,
        "know": "78.5",
        "do": "82.0",
        "result": Outcome.PASS,
        "revision": 1,
        "issued_on": date(2026, 9, 30),
    }
    return TranscriptFacts(**(plausible | changed))  # type: ignore[arg-type]  # the keywords are the fields
