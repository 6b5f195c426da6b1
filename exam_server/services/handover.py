"""答卷包: everything the zone holds of the session, sealed to the centre and signed; the zone cannot open it again."""

import os

from sqlalchemy import func, select

from exam_protocol.canonical_json import encode
from exam_protocol.documents import (
    ANSWERS_FORMAT,
    AnswerManifest,
    Counts,
    IncidentRecord,
    Role,
    SittingRecord,
    TimeEntry,
    ZoneAnswers,
)
from exam_protocol.envelope import KEY_BYTES, Randomness, encrypt, seal
from exam_protocol.errors import ConfigurationError, KaopingError
from exam_protocol.exchange import ANSWERS_PART, AnswersTaken, answers_context
from exam_protocol.ids import SittingId
from exam_protocol.keys import sign_document
from exam_protocol.package import pack, part_of
from exam_protocol.sitting_state import CLOSED, PRESENT, WORDS, SittingState
from exam_server.models.exchange import HandOver
from exam_server.models.plan import ExamSession
from exam_server.models.sitting import Attempt, AttemptEvent, Incident, LedgerEntry, QuarantinedEvent, Sitting
from exam_server.services.accounts import require_role
from exam_server.services.audit import write_audit
from exam_server.services.collecting import expected_sittings, mark_absent
from exam_server.services.incidents import add_incident
from exam_server.services.opening import ZoneKeys, session_of
from exam_server.services.seat_map import announce_session
from exam_server.services.wire_time import to_ms
from exam_server.work import Work

_LATE_TOGETHER_MS = 10_000


class NotClosedError(KaopingError):
    """A sitting is still open, or the session has not been closed."""


class CountsOutOfBalanceError(KaopingError):
    """The counts of the answer package do not add up."""


def close_session(work: Work, absence_reason: str | None = None) -> None:
    """收场 by the chief: every sitting has ended. With a reason, who has not come is confirmed as absent first.

    Raises ``NotClosedError`` naming the seats that are still open.
    """
    require_role(work, "chief")
    session = session_of(work)
    if session.closed_at is not None:
        return
    expected = expected_sittings(work)
    if absence_reason is not None and expected:
        mark_absent(work, expected, absence_reason)
        work.db.flush()
    still_open = work.db.scalars(
        select(Sitting).where(Sitting.state.not_in(CLOSED)).order_by(Sitting.room, Sitting.seat)
    ).all()
    if still_open:
        seats = "、".join(f"{sitting.room} 考场 {sitting.seat} 座{WORDS[sitting.state]}" for sitting in still_open[:20])
        raise NotClosedError(f"还有 {len(still_open)} 名考生没有结束：{seats}。", "请先收卷，或由主考确认缺考。")
    _note_quarantined(work, session)
    session.closed_at = work.now
    write_audit(work, "close_session", session.session, "收场")
    announce_session(work, session)


def note_late_events(work: Work) -> int:
    """Write down what was kept aside since the session was closed; returns the last event that is written down."""
    session = session_of(work)
    if session.closed_at is not None:
        _note_quarantined(work, session)
    return session.quarantined_noted


def _note_quarantined(work: Work, session: ExamSession) -> None:
    # What was kept aside is not in the chains; that it exists must reach the centre (SECURITY §7 P8).
    newest = work.db.scalar(select(func.max(QuarantinedEvent.id))) or 0
    if newest == session.quarantined_noted:
        return
    rows = work.db.execute(
        select(Sitting, QuarantinedEvent.reason, func.count())
        .join(Attempt, Attempt.sitting == Sitting.id)
        .join(QuarantinedEvent, QuarantinedEvent.attempt == Attempt.id)
        .where(QuarantinedEvent.id > session.quarantined_noted)
        .group_by(Sitting.id, QuarantinedEvent.reason)
        .order_by(Sitting.id, QuarantinedEvent.reason)
    ).all()
    for sitting, reason, count in rows:
        words = f"有 {count} 条作答没有计入，另外保存（{reason}）"
        add_incident(work, "late_answers", words, room=sitting.room, sitting=sitting.id)
    session.quarantined_noted = newest


def make_answer_package(work: Work, keys: ZoneKeys, randomness: Randomness = os.urandom) -> bytes:
    """Seal everything to the centre's keys under a content key that is forgotten at once; returns the package.

    Raises ``NotClosedError`` or ``CountsOutOfBalanceError``.
    """
    session = session_of(work)
    if session.closed_at is None:
        raise NotClosedError("本场还没有收场。", "请先收场（kaoping zone close），再交接答卷包。")
    records = _sitting_records(work)
    counts = _count(records)
    answers = ZoneAnswers(ANSWERS_FORMAT, session.exam, session.session, keys.server, records, _incident_records(work))
    context = answers_context(session.exam, session.session, keys.server)
    content_key = randomness(KEY_BYTES)
    part = encrypt(encode(answers), content_key, context, randomness)
    recipients = keys.trust.keys(Role.CENTRE_ENCRYPTION, "", work.now)
    if not recipients:
        raise ConfigurationError("根文件里没有省中心的加密公钥。", "请向省考试中心取得新的根文件。")
    manifest = AnswerManifest(
        exam=session.exam,
        session=session.session,
        server=keys.server,
        counts=counts,
        content_keys=tuple(seal(content_key, recipient, context) for recipient in recipients),
        part=part_of(ANSWERS_PART, part),
        lowest_root_version=keys.trust.root.version,
    )
    return pack(sign_document(manifest, keys.signing), [part])


def note_hand_over(work: Work, sha256: str, counts: Counts, quarantined_noted: int) -> None:
    """Write down that a package of this hash lies on our disk, and how far its incidents tell of late events."""
    work.db.add(
        HandOver(
            sha256=sha256,
            made_at=work.now,
            sittings=counts.expected,
            events=counts.events,
            quarantined_noted=quarantined_noted,
        )
    )
    write_audit(work, "make_answer_package", sha256, f"答卷包：{counts.expected} 人，{counts.events} 条作答记录")


def note_taken(work: Work, taken: AnswersTaken) -> None:
    """Write down that the centre has the package."""
    held = work.db.get_one(HandOver, taken.sha256)
    held.taken_at = work.now
    write_audit(work, "note_taken", taken.sha256, "省中心已收到答卷包")


def package_to_bring(work: Work) -> str | None:
    """Return the hash of the newest package while the centre has not confirmed it, or ``None``."""
    newest = newest_hand_over(work)
    return newest.sha256 if newest is not None and newest.taken_at is None else None


def newest_hand_over(work: Work) -> HandOver | None:
    """Return the package that counts: the one that tells of the most."""
    return work.db.scalar(
        select(HandOver).order_by(HandOver.quarantined_noted.desc(), HandOver.made_at.desc()).limit(1)
    )


def is_package_outdated(work: Work) -> bool:
    """Tell, by reading only, whether late events have been waiting for a newer package long enough to come together."""
    newest = newest_hand_over(work)
    if newest is None:
        return False
    waiting_since = work.db.scalar(
        select(func.min(QuarantinedEvent.arrived_at)).where(QuarantinedEvent.id > newest.quarantined_noted)
    )
    return waiting_since is not None and to_ms(work.now) - waiting_since >= _LATE_TOGETHER_MS


def _sitting_records(work: Work) -> tuple[SittingRecord, ...]:
    events: dict[int, list[str]] = {}
    for attempt_id, content in work.db.execute(
        select(AttemptEvent.attempt, AttemptEvent.content).order_by(AttemptEvent.attempt, AttemptEvent.seq)
    ):
        events.setdefault(attempt_id, []).append(content)
    entries: dict[SittingId, list[TimeEntry]] = {}
    for entry in work.db.scalars(select(LedgerEntry).order_by(LedgerEntry.id)):
        entries.setdefault(entry.sitting, []).append(
            TimeEntry(entry.seconds, entry.category, entry.reason, entry.actor, to_ms(entry.at))
        )
    rows = work.db.execute(
        select(Sitting, Attempt).outerjoin(Attempt, Attempt.sitting == Sitting.id).order_by(Sitting.ticket_no)
    )
    return tuple(
        SittingRecord(
            sitting=sitting.id,
            ticket_no=sitting.ticket_no,
            trade=sitting.trade,
            room=sitting.room,
            seat=sitting.seat,
            state=sitting.state,
            paper=attempt.paper if attempt else None,
            attempt=attempt.id if attempt else None,
            epoch=attempt.epoch if attempt else 0,
            events=tuple(events.get(attempt.id, ())) if attempt else (),
            receipt=attempt.receipt if attempt else None,
            started_at=to_ms(sitting.started_at) if sitting.started_at else None,
            ended_at=to_ms(sitting.ended_at) if sitting.ended_at else None,
            time_entries=tuple(entries.get(sitting.id, ())),
        )
        for sitting, attempt in rows
    )


def _incident_records(work: Work) -> tuple[IncidentRecord, ...]:
    return tuple(
        IncidentRecord(row.room, row.sitting, row.category, row.words, row.actor, to_ms(row.at))
        for row in work.db.scalars(select(Incident).order_by(Incident.id))
    )


def _count(records: tuple[SittingRecord, ...]) -> Counts:
    states = [record.state for record in records]
    counts = Counts(
        expected=len(records),
        present=sum(state in PRESENT for state in states),
        absent=states.count(SittingState.ABSENT),
        moved_out=states.count(SittingState.MOVED_OUT),
        handed_in=states.count(SittingState.HANDED_IN),
        collected=states.count(SittingState.COLLECTED),
        voided=states.count(SittingState.VOIDED),
        stopped=states.count(SittingState.STOPPED),
        events=sum(len(record.events) for record in records),
    )
    present = counts.handed_in + counts.collected + counts.voided + counts.stopped
    if counts.expected != counts.present + counts.absent + counts.moved_out or counts.present != present:
        raise CountsOutOfBalanceError("应考、实考、缺考、转出人数不平衡。", "请逐个核对考生状态后再收场。")
    return counts
