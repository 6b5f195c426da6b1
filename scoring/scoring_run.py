"""A whole scoring run as one pure function: answers, answer keys and practical marks in, results out.

Run twice on two machines it gives the same results (SECURITY §5). Every sitting is folded, also one that earns no mark,
so that the number of answers scored can be held against the number handed over.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from exam_protocol.answer_key import AnswerKey
from exam_protocol.documents import SittingRecord
from exam_protocol.errors import KaopingError
from exam_protocol.event_chain import check_chain, fold
from exam_protocol.exam_config import PassRule, Practical
from exam_protocol.ids import Milli, PaperId, TicketNo, TradeCode
from exam_protocol.sitting_state import WORDS, SittingState
from scoring.pass_rules import decide
from scoring.raters import PracticalEntry, combine
from scoring.results import Result, TicketTwiceError, result_of
from scoring.scores import KnowScore, mark_paper
from scoring.subjects import KNOW_STATUS, SubjectScore, SubjectStatus


class PaperMismatchError(KaopingError):
    """A sitting's paper has no answer key, or it is the paper of another trade."""


class SittingNotClosedError(KaopingError):
    """A sitting that is still going on was handed over."""


class SittingTwiceError(KaopingError):
    """Two sittings of one candidate count (one attempt per candidate and subject)."""


class CandidateUnknownError(KaopingError):
    """A sitting whose ticket number is not on the list of candidates, or under another trade."""


class ScoringRefusedError(KaopingError):
    """Some candidates cannot be scored; ``faults`` holds ticket number and fault of each, none was scored."""

    def __init__(self, faults: Sequence[tuple[TicketNo, KaopingError]]) -> None:
        self.faults = tuple(faults)
        told = "\n".join(f"准考证号 {ticket_no}：{fault.what}{fault.do}" for ticket_no, fault in faults)
        super().__init__(told, f"\n共 {len(self.faults)} 名考生不能判分，没有生成成绩。请逐一核查后重新判分。")


class ScoredCandidate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is to have a result, with what the examiners wrote down. ``zone`` is the zone's name."""

    ticket_no: TicketNo
    name: str
    zone: str
    trade: TradeCode
    unit: str
    practical: tuple[PracticalEntry, ...]


class SittingScore(msgspec.Struct, frozen=True):
    """应知 of one sitting and the count of its events: final answers + replaced answers + hand-ins = events."""

    ticket_no: TicketNo
    trade: TradeCode
    know: SubjectScore
    final: int
    replaced: int
    hand_ins: int

    @property
    def events(self) -> int:
        """How many events of the chain went into this score."""
        return self.final + self.replaced + self.hand_ins


class ExamScore(msgspec.Struct, frozen=True):
    """What a run gives: one result per candidate by ticket number, and the sittings behind them."""

    results: tuple[Result, ...]
    sittings: tuple[SittingScore, ...]

    @property
    def answers_scored(self) -> int:
        """Answers folded into final responses or marked as replaced; closing hand-ins are not answers."""
        return sum(sitting.final + sitting.replaced for sitting in self.sittings)

    @property
    def events_scored(self) -> int:
        """Answers and hand-ins: what the zones' manifests count as events."""
        return sum(sitting.events for sitting in self.sittings)

    @property
    def know_scores(self) -> tuple[KnowScore, ...]:
        """The marked papers, for item analysis."""
        return tuple(sitting.know for sitting in self.sittings if isinstance(sitting.know, KnowScore))


def score_sitting(record: SittingRecord, answer_keys: Mapping[PaperId, AnswerKey]) -> SittingScore:
    """Check a sitting's chain, fold it, and mark it when its state gives a mark.

    Who was present but never had a paper opened has earned 0. Raises the errors of ``check_chain`` and ``mark_paper``,
    ``PaperMismatchError`` or ``SittingNotClosedError``.
    """
    if record.state not in KNOW_STATUS:
        raise SittingNotClosedError(
            f"考生状态是“{WORDS[record.state]}”，不能判分。", "请考点核对后重新封存、上报答卷包。"
        )
    status = KNOW_STATUS[record.state]
    if record.attempt is None or record.paper is None:
        if record.events:
            raise PaperMismatchError("有作答记录，却没有试卷编号。", "请核对答卷包，交两人核查。")
        know = SubjectScore(status, Milli(0) if status is SubjectStatus.NORMAL else None)
        return SittingScore(record.ticket_no, record.trade, know, 0, 0, 0)
    _, entries = check_chain((event.encode() for event in record.events), record.attempt, record.paper)
    responses = fold(entries)
    final, hand_ins = len(responses.last), int(responses.hand_in is not None)
    score = SubjectScore(status) if status is not SubjectStatus.NORMAL else None
    if score is None:
        answer_key = answer_keys.get(record.paper)
        if answer_key is None or answer_key.trade != record.trade:
            raise PaperMismatchError(
                f"没有工种 {record.trade} 这份试卷的标准答案。", "请导入同一场次、同一版本的标准答案包。"
            )
        score = mark_paper(answer_key, responses)
    return SittingScore(record.ticket_no, record.trade, score, final, responses.replaced, hand_ins)


def score_exam(
    candidates: Iterable[ScoredCandidate],
    records: Iterable[SittingRecord],
    answer_keys: Iterable[AnswerKey],
    practical: Practical,
    pass_rule: PassRule,
) -> ExamScore:
    """Score everybody. Candidates without a sitting are pending (待收答卷包); 转出 counts where it was moved to.

    Raises ``ScoringRefusedError`` with the faults of all candidates, not only the first.
    """
    keys = {answer_key.paper: answer_key for answer_key in answer_keys}
    listed: dict[TicketNo, ScoredCandidate] = {}
    faults: list[tuple[TicketNo, KaopingError]] = []
    for candidate in candidates:
        if candidate.ticket_no in listed:
            faults.append((candidate.ticket_no, TicketTwiceError("名册里有两名考生用这个准考证号。", "请核对名册。")))
        listed[candidate.ticket_no] = candidate
    sittings: dict[TicketNo, SittingScore] = {}
    for record in sorted(records, key=lambda record: (record.ticket_no, record.sitting)):
        if record.state is SittingState.MOVED_OUT:
            continue
        try:
            _check_listed(record, listed, sittings)
            sittings[record.ticket_no] = score_sitting(record, keys)
        except KaopingError as fault:
            faults.append((record.ticket_no, fault))
    results = []
    for ticket_no in sorted(listed):
        try:
            results.append(_result(listed[ticket_no], sittings.get(ticket_no), practical, pass_rule))
        except KaopingError as fault:
            faults.append((ticket_no, fault))
    if faults:
        raise ScoringRefusedError(faults)
    return ExamScore(tuple(results), tuple(sittings.values()))


def _check_listed(
    record: SittingRecord, listed: Mapping[TicketNo, ScoredCandidate], scored: Mapping[TicketNo, SittingScore]
) -> None:
    candidate = listed.get(record.ticket_no)
    if candidate is None or candidate.trade != record.trade:
        raise CandidateUnknownError("答卷的准考证号不在名册里，或工种不符。", "请核对名册与答卷包。")
    if record.ticket_no in scored:
        raise SittingTwiceError("同一考生有两份计分的应试记录。", "请核对转考点和换机记录，交两人核查。")


def _result(
    candidate: ScoredCandidate, sitting: SittingScore | None, practical: Practical, pass_rule: PassRule
) -> Result:
    know = sitting.know if sitting else SubjectScore(SubjectStatus.PENDING, None, "待收答卷包")
    return result_of(
        ticket_no=candidate.ticket_no,
        name=candidate.name,
        zone=candidate.zone,
        trade=candidate.trade,
        unit=candidate.unit,
        decision=decide(know, combine(candidate.practical, practical), pass_rule),
    )
