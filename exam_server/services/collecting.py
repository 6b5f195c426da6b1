"""收卷: at the end of time every kiosk is told to close its chain; who does not is collected with what is held."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select

from exam_protocol.errors import KaopingError
from exam_protocol.ids import EpochMs, SittingId
from exam_protocol.messages import CollectNow, SittingChanged
from exam_protocol.sitting_state import CLOSED, WORDS, SittingState, move
from exam_server.models.plan import ExamSession
from exam_server.models.sitting import Attempt, QuarantinedEvent, Sitting
from exam_server.notices import Place, Push
from exam_server.services.accounts import require_role
from exam_server.services.audit import write_audit
from exam_server.services.hand_in import end_sitting
from exam_server.services.incidents import add_incident
from exam_server.services.opening import session_of
from exam_server.services.seat_map import announce_seats
from exam_server.services.wire_time import to_ms
from exam_server.work import Work

TELL_AGAIN_MS = 3000
_TIME_UP = "考试时间到，正在自动收卷。"
_DUE = (
    select(Attempt.id)
    .where(Attempt.accepts_until > 0, (Attempt.ends_at <= bindparam("now")) | Attempt.collect_told_at.is_not(None))
    .limit(1)
)
_SESSION = select(ExamSession)
_WAITING = select(Sitting.id).where(Sitting.state.in_((SittingState.SIGNED_IN, SittingState.CONFIRMED))).limit(1)
_COLLECTED = "已收卷。请举手，等监考员确认后离开。"


class CollectionRefusedError(KaopingError):
    """No reason, nobody named, or somebody who cannot be collected or marked absent."""


def sweep(work: Work) -> int:
    """Do what the time asks for now: tell kiosks to close, collect who did not. Returns how many were collected.

    Called each second; a kiosk is told again every three seconds, because a push may be lost.
    """
    session, now = session_of(work), to_ms(work.now)
    if session.started_at is None:
        return 0
    places: list[Place] = []
    for sitting, attempt in work.db.execute(
        select(Sitting, Attempt)
        .join(Attempt, Attempt.sitting == Sitting.id)
        .where(Sitting.state == SittingState.ANSWERING, Attempt.accepts_until < now)
    ):
        end_sitting(work, sitting, attempt, SittingState.COLLECTED)
        write_audit(work, "sweep", f"sitting {sitting.id}", f"自动收卷，收到 {attempt.acked_seq} 条")
        work.announce(Push(attempt.device, SittingChanged(attempt.id, sitting.state, _COLLECTED)))
        places.append((sitting.room, sitting.seat))
    places += _collect_who_never_began(work, session)
    for attempt in work.db.scalars(
        select(Attempt).where(
            Attempt.accepts_until >= now, (Attempt.ends_at <= now) | Attempt.collect_told_at.is_not(None)
        )
    ):
        if attempt.collect_told_at is None or now - attempt.collect_told_at >= TELL_AGAIN_MS:
            _tell_to_close(work, attempt, attempt.collect_words or _TIME_UP)
    announce_seats(work, places)
    return len(places)


def _tell_to_close(work: Work, attempt: Attempt, words: str) -> None:
    attempt.collect_told_at, attempt.collect_words = to_ms(work.now), words
    work.announce(Push(attempt.device, CollectNow(attempt.id, words)))


def is_anything_due(work: Work) -> bool:
    """Tell, by reading only, whether a sweep would do something: most seconds it would not."""
    now = to_ms(work.now)
    if work.db.scalar(_DUE, {"now": now}) is not None:
        return True
    session = work.db.scalar(_SESSION)
    if session is None or session.started_at is None or work.now <= _end_for_all(session):
        return False
    return work.db.scalar(_WAITING) is not None


def _end_for_all(session: ExamSession) -> datetime:
    begun_at = session.started_at or session.starts_at
    return begun_at + timedelta(seconds=session.duration_s + session.grace_s)


def _collect_who_never_began(work: Work, session: ExamSession) -> list[Place]:
    if work.now <= _end_for_all(session):
        return []
    places: list[Place] = []
    for sitting, attempt in work.db.execute(
        select(Sitting, Attempt)
        .join(Attempt, Attempt.sitting == Sitting.id)
        .where(Sitting.state.in_((SittingState.SIGNED_IN, SittingState.CONFIRMED)))
    ).all():
        if sitting.state is SittingState.SIGNED_IN and not _has_sent(work, attempt):
            # Somebody read “不是本人” or walked away: nobody said that the candidate is here.
            sitting.state, sitting.signed_in_at = move(sitting.state, SittingState.EXPECTED), None
            work.db.delete(attempt)
            write_audit(work, "sweep", f"sitting {sitting.id}", "登录后没有确认身份，恢复为未到")
        else:
            end_sitting(work, sitting, None, SittingState.COLLECTED)
            write_audit(work, "sweep", f"sitting {sitting.id}", "登录后没有开始作答，自动收卷")
        places.append((sitting.room, sitting.seat))
    return places


def _has_sent(work: Work, attempt: Attempt) -> bool:
    kept_aside = select(QuarantinedEvent.id).where(QuarantinedEvent.attempt == attempt.id).limit(1)
    return attempt.acked_seq > 0 or work.db.scalar(kept_aside) is not None


def collect_now(work: Work, sittings: Sequence[SittingId], reason: str) -> int:
    """强制收卷 by the chief: the kiosks close now; who does not within the grace is collected with what is held.

    Somebody who has not begun is collected at once, without an answer. Returns how many. All or none.
    """
    require_role(work, "chief")
    session, now = session_of(work), to_ms(work.now)
    chosen = _chosen(work, sittings, reason)
    cannot = [sitting for sitting in chosen if sitting.state in CLOSED or sitting.state is SittingState.EXPECTED]
    if cannot:
        raise CollectionRefusedError(f"{_seats(cannot)}，不能收卷。", "请重新选择考生。")
    for sitting in chosen:
        attempt = work.db.scalars(select(Attempt).where(Attempt.sitting == sitting.id)).one()
        if sitting.state is SittingState.ANSWERING:
            attempt.accepts_until = EpochMs(min(attempt.accepts_until, now + session.grace_s * 1000))
            _tell_to_close(work, attempt, f"监考员收卷：{reason}")
        else:
            end_sitting(work, sitting, attempt, SittingState.COLLECTED)
            work.announce(Push(attempt.device, SittingChanged(attempt.id, sitting.state, _COLLECTED)))
        add_incident(work, "forced_collection", f"强制收卷：{reason}", room=sitting.room, sitting=sitting.id)
        write_audit(work, "collect_now", f"sitting {sitting.id}", f"强制收卷：{reason}")
    announce_seats(work, [(sitting.room, sitting.seat) for sitting in chosen])
    return len(chosen)


def mark_absent(work: Work, sittings: Sequence[SittingId], reason: str) -> int:
    """缺考, confirmed by the chief after the late limit. Returns how many. All or none."""
    require_role(work, "chief")
    session = session_of(work)
    chosen = _chosen(work, sittings, reason)
    cannot = [sitting for sitting in chosen if sitting.state is not SittingState.EXPECTED]
    if cannot:
        raise CollectionRefusedError(f"{_seats(cannot)}，不能记为缺考。", "请重新选择考生。")
    if not session.started_at or work.now <= session.started_at + timedelta(seconds=session.late_limit_s):
        raise CollectionRefusedError(
            "还在允许迟到入场的时间内。", f"请在开考 {session.late_limit_s // 60} 分钟后确认缺考。"
        )
    for sitting in chosen:
        sitting.state = move(sitting.state, SittingState.ABSENT)
        add_incident(work, "absent", f"确认缺考：{reason}", room=sitting.room, sitting=sitting.id)
        write_audit(work, "mark_absent", f"sitting {sitting.id}", f"确认缺考：{reason}")
    announce_seats(work, [(sitting.room, sitting.seat) for sitting in chosen])
    return len(chosen)


def expected_sittings(work: Work) -> list[SittingId]:
    """Return everybody who has not come: whom the chief confirms as absent at the end."""
    return list(work.db.scalars(select(Sitting.id).where(Sitting.state == SittingState.EXPECTED)))


def _chosen(work: Work, sittings: Sequence[SittingId], reason: str) -> Sequence[Sitting]:
    if not sittings or not reason.strip():
        raise CollectionRefusedError("没有选定考生，或没有写原因。", "请选定考生并写明原因。")
    chosen = work.db.scalars(select(Sitting).where(Sitting.id.in_(sittings)).order_by(Sitting.seat)).all()
    if len(chosen) != len(set(sittings)):
        raise CollectionRefusedError("有考生不在本考点。", "请刷新页面后重新选择。")
    return chosen


def _seats(sittings: Sequence[Sitting]) -> str:
    return "、".join(f"{sitting.seat} 座{WORDS[sitting.state]}" for sitting in sittings)
