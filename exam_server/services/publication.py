"""签发: the decided results as one signed package for the portal; a correction is a new revision with a reason."""

import hashlib
from datetime import datetime

import msgspec
from sqlalchemy import func, select

from exam_protocol.canonical_json import encode
from exam_protocol.catalogue import trades
from exam_protocol.documents import PublicationManifest
from exam_protocol.errors import KaopingError
from exam_protocol.exam_config import HEBEI, ExamConfig, milli
from exam_protocol.ids import Milli
from exam_protocol.keys import PrivateKey, sign_document
from exam_protocol.package import pack, part_of
from exam_protocol.publication import (
    PUBLICATION_FORMAT,
    PUBLICATION_PART,
    Publication,
    PublishedResult,
    PublishedSubject,
    Verdict,
    lookup_hash,
)
from exam_server.models.candidates import PlannedSitting
from exam_server.models.marking import IssuedPublication, PublishedLine
from exam_server.services.audit import write_audit
from exam_server.services.id_numbers import last_four, mask_id_number
from exam_server.services.person_column import ColumnKeys
from exam_server.services.results import current_results, decide_results
from exam_server.services.zone_rosters import all_sittings
from exam_server.work import Work
from scoring.pass_rules import OUTCOME_WORDS, Outcome
from scoring.results import Result, mark_text
from scoring.subjects import STATUS_WORDS, SubjectStatus
from scoring.transcript import sign_transcript, transcript_of

_VERDICTS = {
    Outcome.PASS: Verdict.PASS,
    Outcome.FAIL: Verdict.FAIL,
    Outcome.ABSENT: Verdict.ABSENT,
    Outcome.VOID: Verdict.VOID,
}
_NEXT_STEPS = {
    Verdict.PASS: "成绩当年有效。请等候所在单位按指标推荐，无需本人另行申请。",
    Verdict.FAIL: "成绩当年有效，下一年度可重新报名。对成绩有疑问的，请在复核期限内通过单位提出。",
    Verdict.ABSENT: "缺考的科目没有成绩。下一年度可重新报名。",
    Verdict.VOID: "对处理决定有异议的，可按处理决定书写明的途径和期限申诉。",
}


class CodesMissingError(KaopingError):
    """Candidates without an activation code could never look up what is published."""


class CorrectionWithoutReasonError(KaopingError):
    """Something that was published changes or is withdrawn, and nobody said why."""


class NothingToPublishError(KaopingError):
    """Everybody's result is pending."""


class PublicationKeys(msgspec.Struct, frozen=True):
    """What publishing needs: column keys, the portal's lookup key, and the keys that sign package and transcripts."""

    column: ColumnKeys
    lookup_key: bytes
    publication: PrivateKey
    transcript: PrivateKey

    def __repr__(self) -> str:
        """Keep the keys out of logs and tracebacks."""
        return "PublicationKeys(…)"


class Notes(msgspec.Struct, frozen=True):
    """What the centre says on a publication: who issues, since when it shows, why something changed."""

    issuer: str
    visible_from: datetime
    recheck_until: datetime | None
    correction: str
    is_sample: bool


class Published(msgspec.Struct, frozen=True):
    """A package for the portal and its counts: ``published`` + ``pending`` = everybody."""

    package: bytes
    revision: int
    published: int
    pending: int
    changed: int


def publish_results(work: Work, config: ExamConfig, keys: PublicationKeys, notes: Notes) -> Published:
    """Make the publication package of the newest results. 待定 results are left out until they are decided.

    Raises ``NothingToPublishError``, ``CodesMissingError`` or ``CorrectionWithoutReasonError``.
    """
    decided = decide_results(work, config)
    sittings = {sitting.ticket_no: sitting for sitting in all_sittings(work)}
    results = [result for result in current_results(work, config) if result.outcome in _VERDICTS]
    if not results:
        raise NothingToPublishError("全部成绩都是待定，没有可以发布的。", "请先处理待核查事项或导入应会成绩。")
    if any(sittings[result.ticket_no].candidate.activation_hash is None for result in results):
        raise CodesMissingError("有考生还没有激活码。", "请先运行 kaoping centre activation-codes，把激活码发给单位。")
    revision = 1 + (work.db.scalar(select(func.max(IssuedPublication.revision))) or 0)
    lines = _lines(work, revision, results, notes.correction)
    withdrawn = _withdrawn(work, revision - 1, results, notes.correction)
    publication = Publication(
        PUBLICATION_FORMAT,
        config.exam,
        config.title,
        config.times.starts_at_utc.astimezone(HEBEI).year,
        revision,
        notes.issuer,
        work.now,
        notes.recheck_until,
        milli(config.pass_rule.know_points),
        milli(config.pass_rule.do_points),
        notes.is_sample,
        tuple(
            _published(config, keys, sittings[result.ticket_no], result, line=line, issued_at=work.now)
            for result, line in zip(results, lines, strict=True)
        ),
    )
    content = encode(publication)
    manifest = PublicationManifest(config.exam, revision, notes.visible_from, part_of(PUBLICATION_PART, content))
    package = pack(sign_document(manifest, keys.publication), [content])
    work.db.add(
        IssuedPublication(
            revision=revision,
            results_version=decided.version,
            sha256=hashlib.sha256(package).hexdigest(),
            correction=notes.correction,
            visible_from=notes.visible_from,
            issued_at=work.now,
            issued_by=work.actor.name,
        )
    )
    work.db.flush()
    work.db.add_all(lines)
    write_audit(work, "publish_results", f"发布第 {revision} 版", f"{len(results)} 人，另有 {decided.pending} 人待定")
    changed = withdrawn + sum(line.revision > 1 and line.correction == notes.correction for line in lines)
    return Published(package, revision, len(results), decided.pending, changed if notes.correction else 0)


def _lines(work: Work, revision: int, results: list[Result], correction: str) -> list[PublishedLine]:
    # A candidate who was left out of one publication and comes back goes on from the last line they had.
    before: dict[str, PublishedLine] = {}
    for line in work.db.scalars(select(PublishedLine).order_by(PublishedLine.publication)):
        before[line.ticket_no] = line
    lines = []
    for result in results:
        sha256 = hashlib.sha256(encode(result)).hexdigest()
        last = before.get(result.ticket_no)
        is_changed = last is not None and last.result_sha256 != sha256
        if is_changed and not correction:
            raise CorrectionWithoutReasonError(
                f"准考证号 {result.ticket_no} 已发布的成绩有变化。", "请用 --correction 写明更正原因。"
            )
        lines.append(
            PublishedLine(
                publication=revision,
                ticket_no=result.ticket_no,
                revision=1 if last is None else last.revision + is_changed,
                correction=correction if is_changed else last.correction if last else "",
                result_sha256=sha256,
            )
        )
    return lines


def _withdrawn(work: Work, last: int, results: list[Result], correction: str) -> int:
    """Count whom the last publication told a result and this one leaves out: they look it up and find nothing."""
    told = set(work.db.scalars(select(PublishedLine.ticket_no).where(PublishedLine.publication == last)))
    left_out = sorted(told - {result.ticket_no for result in results})
    if left_out and not correction:
        raise CorrectionWithoutReasonError(
            f"{len(left_out)} 名考生已发布的成绩不再发布，例如准考证号 {left_out[0]}。", "请用 --correction 写明原因。"
        )
    return len(left_out)


def _published(
    config: ExamConfig,
    keys: PublicationKeys,
    sitting: PlannedSitting,
    result: Result,
    *,
    line: PublishedLine,
    issued_at: datetime,
) -> PublishedResult:
    candidate = sitting.candidate
    id_number = keys.column.open_id_number(candidate.id_number_sealed, candidate.id)
    rule, verdict = config.pass_rule, _VERDICTS[result.outcome]
    facts = transcript_of(
        result,
        exam_title=config.title,
        id_last4=last_four(id_number),
        revision=line.revision,
        issued_on=issued_at.astimezone(HEBEI).date(),
        know_decimals=rule.display_decimals,
        do_decimals=config.practical.display_decimals,
    )
    return PublishedResult(
        lookup_hash=lookup_hash(keys.lookup_key, id_number),
        activation_hash=candidate.activation_hash or "",
        transcript_no=f"{config.times.starts_at_utc.astimezone(HEBEI).year}-{result.ticket_no}",
        revision=line.revision,
        correction=line.correction,
        name=candidate.name,
        gender=candidate.gender.value,
        id_masked=mask_id_number(id_number),
        ticket_no=result.ticket_no,
        trade=result.trade,
        trade_name=trades()[result.trade].trade_name,
        unit=result.unit,
        zone_name=result.zone,
        photo=candidate.photo,
        know=_subject(result.know_status, result.know_milli, rule.display_decimals, milli(rule.know_points)),
        do=_subject(result.do_status, result.do_milli, config.practical.display_decimals, milli(rule.do_points)),
        verdict=verdict,
        verdict_words=OUTCOME_WORDS[result.outcome],
        verdict_note=result.reason,
        next_step=_NEXT_STEPS[verdict],
        transcript=sign_transcript(facts, keys.transcript),
    )


def _subject(status: SubjectStatus, mark: Milli | None, decimals: int, line: Milli) -> PublishedSubject:
    is_passed = mark is not None and mark >= line
    words = STATUS_WORDS[status] if mark is None else "合格" if is_passed else "不合格"
    return PublishedSubject(mark, mark_text(status, mark, decimals), words, is_passed)
