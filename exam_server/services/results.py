"""成绩: the newest scoring run joined with the practical marks, decided by 双60, kept as one canonical file."""

import hashlib
from collections.abc import Sequence

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import undefer

from exam_protocol.catalogue import zones
from exam_protocol.exam_config import ExamConfig
from exam_server.models.candidates import PlannedSitting
from exam_server.models.marking import KnowMark, ResultsVersion, ScoringRun
from exam_server.models.packages import ReceivedAnswers
from exam_server.services.audit import write_audit
from exam_server.services.marking import NotScoredError, latest_run
from exam_server.services.practical_marks import practical_entries
from exam_server.services.zone_rosters import all_sittings
from exam_server.work import Work
from scoring.pass_rules import Outcome, decide
from scoring.raters import PracticalEntry, combine
from scoring.results import Result, result_of, results_csv
from scoring.scores import KnowScore
from scoring.scoring_run import ScoredCandidate
from scoring.subjects import SubjectScore, SubjectStatus


class ResultsDecided(msgspec.Struct, frozen=True):
    """A decided version and its counts; the six outcomes add up to ``expected``."""

    version: int
    sha256: str
    expected: int
    passed: int
    failed: int
    absent: int
    void: int
    pending: int


def decide_results(work: Work, config: ExamConfig) -> ResultsDecided:
    """Decide everybody's result from the newest run; keeps a new version beside the old ones.

    The same run and marks give the same file, so they keep the version that is already there.
    """
    run = _newest_run(work)
    results = current_results(work, config)
    content = results_csv(results)
    sha256 = hashlib.sha256(content).hexdigest()
    newest = work.db.scalar(select(ResultsVersion).order_by(ResultsVersion.id.desc()).limit(1))
    if newest is None or (newest.sha256, newest.run) != (sha256, run.id):
        outcomes = [result.outcome for result in results]
        newest = ResultsVersion(
            run=run.id,
            sha256=sha256,
            canonical_csv=content,
            expected=len(results),
            passed=outcomes.count(Outcome.PASS),
            failed=outcomes.count(Outcome.FAIL),
            absent=outcomes.count(Outcome.ABSENT),
            void=outcomes.count(Outcome.VOID),
            pending=outcomes.count(Outcome.PENDING),
            decided_at=work.now,
            decided_by=work.actor.name,
        )
        work.db.add(newest)
        work.db.flush()
        write_audit(
            work, "decide_results", f"成绩第 {newest.id} 版", f"合格 {newest.passed} 人，待定 {newest.pending} 人"
        )
    return ResultsDecided(
        newest.id,
        newest.sha256,
        newest.expected,
        newest.passed,
        newest.failed,
        newest.absent,
        newest.void,
        newest.pending,
    )


def canonical_results(work: Work) -> bytes:
    """Return the newest version's file. Raises ``NotScoredError``."""
    content = work.db.scalar(select(ResultsVersion.canonical_csv).order_by(ResultsVersion.id.desc()).limit(1))
    if content is None:
        raise NotScoredError("还没有合成成绩。", "请先运行 kaoping centre score。")
    return content


def current_results(work: Work, config: ExamConfig) -> tuple[Result, ...]:
    """Return the result of every candidate as the newest run and the practical marks give it, by ticket number."""
    know = _know_scores(work, _newest_run(work))
    practical = practical_entries(work)
    return tuple(
        _result(config, sitting, know[sitting.id], practical.get(sitting.candidate_id, ()))
        for sitting in all_sittings(work)
    )


def know_scores(work: Work) -> tuple[KnowScore, ...]:
    """Return every marked paper of the newest run, for item analysis."""
    marks = work.db.scalars(
        select(KnowMark)
        .where(KnowMark.run == _newest_run(work).id, KnowMark.status == SubjectStatus.NORMAL.value)
        .order_by(KnowMark.sitting)
        .options(undefer(KnowMark.score))
    )
    # Who was present without ever having a paper has a mark, but no paper to analyse: no ``score`` is kept then.
    return tuple(msgspec.json.decode(mark.score, type=KnowScore) for mark in marks if mark.score is not None)


def scored_candidates(work: Work) -> tuple[ScoredCandidate, ...]:
    """Return everybody with their practical entries, as another machine needs them to score again."""
    practical = practical_entries(work)
    return tuple(
        ScoredCandidate(
            sitting.ticket_no,
            sitting.candidate.name,
            zones()[sitting.candidate.zone_code].zone_name,
            sitting.candidate.trade_code,
            sitting.candidate.unit,
            practical.get(sitting.candidate_id, ()),
        )
        for sitting in all_sittings(work)
    )


def _newest_run(work: Work) -> ScoringRun:
    run = latest_run(work)
    if run is None:
        raise NotScoredError("还没有判分。", "请先运行 kaoping centre score。")
    arrived = set(work.db.scalars(select(ReceivedAnswers.sha256).where(ReceivedAnswers.session == run.session)))
    unscored = len(arrived - {line.removeprefix("answers ") for line in run.inputs.splitlines()})
    if unscored:
        raise NotScoredError(f"判分之后又收到 {unscored} 个答卷包。", "请再次运行 kaoping centre score。")
    return run


def _know_scores(work: Work, run: ScoringRun) -> dict[int, SubjectScore]:
    marks = work.db.scalars(select(KnowMark).where(KnowMark.run == run.id))
    return {mark.sitting: SubjectScore(SubjectStatus(mark.status), mark.milli, mark.words) for mark in marks}


def _result(
    config: ExamConfig, sitting: PlannedSitting, know: SubjectScore, entries: Sequence[PracticalEntry]
) -> Result:
    candidate = sitting.candidate
    do = combine(entries, config.practical)
    return result_of(
        ticket_no=sitting.ticket_no,
        name=candidate.name,
        zone=zones()[candidate.zone_code].zone_name,
        trade=candidate.trade_code,
        unit=candidate.unit,
        decision=decide(know, do, config.pass_rule),
    )
