"""判分: one run over every package of a session. What does not agree is a finding; a withheld mark is told as 待定."""

import hashlib
from collections.abc import Mapping, Sequence

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import select

from exam_protocol.answer_key import AnswerKey, open_answer_keys
from exam_protocol.canonical_json import encode
from exam_protocol.documents import AnswerKeyManifest, Receipt
from exam_protocol.errors import KaopingError, WrongServerError
from exam_protocol.exam_config import ExamConfig
from exam_protocol.ids import Milli, PaperId, ServerId
from exam_protocol.keys import Trust
from exam_protocol.package import contents_of, manifest_of
from exam_server.models.marking import KnowMark, ScoringFinding, ScoringRun
from exam_server.models.packages import ReceivedAnswers
from exam_server.services.audit import write_audit
from exam_server.services.collection import open_all_answers, refuse_missing_packages
from exam_server.services.package_findings import Finding
from exam_server.services.reconciliation import CountedSitting, PlannedPerson, Reconciled, reconcile
from exam_server.services.zone_rosters import all_sittings
from exam_server.work import Work
from scoring.scores import KnowScore, mark_paper
from scoring.subjects import KNOW_STATUS, SubjectScore, SubjectStatus


class NotScoredError(KaopingError):
    """Something was asked for that only a scoring run can tell."""


class ScoringDone(msgspec.Struct, frozen=True):
    """The counts of a run. ``answers_scored`` were folded into final responses or marked as replaced."""

    run: int
    expected: int
    present: int
    absent: int
    moved_out: int
    withheld: int
    answers_packaged: int
    events_packaged: int
    answers_scored: int
    findings: tuple[Finding, ...]

    @property
    def is_balanced(self) -> bool:
        """Whether every answer and every candidate is accounted for and nothing waits for a person."""
        return (
            self.answers_packaged == self.answers_scored
            and self.expected == self.present + self.absent
            and not self.withheld
            and not any(finding.is_blocking for finding in self.findings)
        )


def read_answer_keys(
    work: Work, config: ExamConfig, trust: Trust, centre_key: X25519PrivateKey, packages: Sequence[bytes]
) -> dict[PaperId, AnswerKey]:
    """Verify and open answer-key packages (live, reserve); returns the answer keys by paper.

    Raises ``SignatureInvalidError``, ``SealBrokenError``, ``WrongServerError`` or ``PackageBrokenError``.
    """
    answer_keys: dict[PaperId, AnswerKey] = {}
    for package in packages:
        manifest = trust.verify(manifest_of(package), AnswerKeyManifest, now=work.now)
        if (manifest.exam, manifest.session) != (config.exam, config.session):
            raise WrongServerError(
                f"标准答案属于 {manifest.exam} 的 {manifest.session} 场次。", "请核对是否拿错了文件。"
            )
        (sealed,) = contents_of(package, [manifest.part])
        answer_keys |= {key.paper: key for key in open_answer_keys(sealed, centre_key, manifest).keys}
    return answer_keys


def score_session(
    work: Work,
    config: ExamConfig,
    trust: Trust,
    centre_key: X25519PrivateKey,
    answer_key_packages: Sequence[bytes],
) -> ScoringDone:
    """Verify, open, reconcile and mark everything that has come; keeps a new run beside the old ones.

    Raises ``AnswersMissingError`` when a server has not delivered, and the errors of a package that does not open: then
    nothing is kept. What does not agree inside the packages is a finding of the run.
    """
    people = [
        PlannedPerson(sitting.id, sitting.ticket_no, sitting.candidate.trade_code, sitting.server)
        for sitting in all_sittings(work)
    ]
    refuse_missing_packages(work, config, {person.server for person in people})
    answer_keys = read_answer_keys(work, config, trust, centre_key, answer_key_packages)

    def verify_receipt(envelope: bytes, server: ServerId) -> Receipt:
        receipt = trust.verify(envelope, Receipt, scope=server, now=work.now)
        if (receipt.exam, receipt.session, receipt.server) != (config.exam, config.session, server):
            raise WrongServerError("回执属于另一考点或场次。", "请核对。")
        return receipt

    packages = open_all_answers(work, config, trust, centre_key)
    reconciled = reconcile(people, packages, answer_keys, verify_receipt)
    run = ScoringRun(
        session=config.session,
        inputs=_inputs(work, config, answer_key_packages),
        expected=len(people),
        present=reconciled.present,
        absent=reconciled.absent,
        moved_out=reconciled.moved_out,
        withheld=sum(sitting.is_withheld for sitting in reconciled.sittings),
        answers_packaged=reconciled.answers_packaged,
        answers_scored=answers_scored(reconciled),
        run_at=work.now,
        run_by=work.actor.name,
    )
    work.db.add(run)
    work.db.flush()
    _keep(work, run.id, reconciled, answer_keys)
    write_audit(work, "score_session", config.session, f"第 {run.id} 次判分，{len(reconciled.findings)} 项待核查")
    return ScoringDone(
        run.id,
        run.expected,
        run.present,
        run.absent,
        run.moved_out,
        run.withheld,
        run.answers_packaged,
        reconciled.events_packaged,
        run.answers_scored,
        reconciled.findings,
    )


def answers_scored(reconciled: Reconciled) -> int:
    """Count the answers that went into final responses or were replaced by later ones, of sittings not withheld."""
    return sum(
        len(sitting.responses.last) + sitting.responses.replaced
        for sitting in reconciled.sittings
        if sitting.responses is not None and not sitting.is_withheld
    )


def mark_sitting(sitting: CountedSitting, answer_keys: Mapping[PaperId, AnswerKey]) -> SubjectScore:
    """Return 应知 of a sitting. 缺考 has no mark, it is not 0; who was present and never had a paper has earned 0."""
    if sitting.is_withheld or sitting.state not in KNOW_STATUS:
        return SubjectScore(SubjectStatus.PENDING, None, "答卷有待核查")
    status = KNOW_STATUS[sitting.state]
    if status is not SubjectStatus.NORMAL:
        return SubjectScore(status)
    if sitting.responses is None or sitting.paper is None:
        return SubjectScore(status, Milli(0))
    return mark_paper(answer_keys[sitting.paper], sitting.responses)


def latest_run(work: Work) -> ScoringRun | None:
    """Return the newest scoring run."""
    return work.db.scalar(select(ScoringRun).order_by(ScoringRun.id.desc()).limit(1))


def latest_findings(work: Work) -> tuple[Finding, ...]:
    """Return what did not agree in the newest run, blocking ones first."""
    run = latest_run(work)
    if run is None:
        raise NotScoredError("还没有判分。", "请先运行 kaoping centre score。")
    rows = work.db.scalars(
        select(ScoringFinding)
        .where(ScoringFinding.run == run.id)
        .order_by(ScoringFinding.is_blocking.desc(), ScoringFinding.server, ScoringFinding.ticket_no)
    )
    return tuple(Finding(row.code, row.server, row.ticket_no, row.words, row.is_blocking) for row in rows)


def _inputs(work: Work, config: ExamConfig, answer_key_packages: Sequence[bytes]) -> str:
    packages = work.db.scalars(
        select(ReceivedAnswers.sha256).where(ReceivedAnswers.session == config.session).order_by(ReceivedAnswers.sha256)
    )
    keys = sorted(hashlib.sha256(package).hexdigest() for package in answer_key_packages)
    return "\n".join((*(f"answers {sha256}" for sha256 in packages), *(f"answer-keys {sha256}" for sha256 in keys)))


def _keep(work: Work, run: int, reconciled: Reconciled, answer_keys: Mapping[PaperId, AnswerKey]) -> None:
    for sitting in reconciled.sittings:
        score = mark_sitting(sitting, answer_keys)
        work.db.add(
            KnowMark(
                run=run,
                sitting=sitting.planned.sitting,
                status=score.status.value,
                milli=score.milli,
                words=score.words,
                score=encode(score) if isinstance(score, KnowScore) else None,
            )
        )
    for finding in reconciled.findings:
        work.db.add(
            ScoringFinding(
                run=run,
                code=finding.code,
                server=finding.server,
                ticket_no=finding.ticket_no,
                words=finding.words,
                is_blocking=finding.is_blocking,
            )
        )
