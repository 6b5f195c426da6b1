"""登录: the candidate planned for a seat proves who they are and confirms it is them."""

import hmac
import unicodedata
from datetime import timedelta

from sqlalchemy import select

from exam_protocol.catalogue import trade_words
from exam_protocol.event_chain import first_head
from exam_protocol.exchange import id_keyed_hash
from exam_protocol.ids import AttemptId, attempt_id
from exam_protocol.messages import ConfirmIdentity, Refused, SeatShown, SignedIn, SignIn, SittingChanged
from exam_protocol.sitting_state import CLOSED, WORDS, SittingState, move
from exam_server.models.exchange import SealedPaper
from exam_server.models.plan import ExamSession, Room
from exam_server.models.sitting import Attempt, AttemptEvent, Device, Portrait, Sitting
from exam_server.services.audit import write_audit
from exam_server.services.opening import session_of
from exam_server.services.seat_map import announce_seats
from exam_server.services.wire_time import to_ms
from exam_server.work import Work

_WRONG_UNTIL_LOCK = 5
_LOCK = timedelta(minutes=1)
FIRST_EPOCH = 1

NOT_ENROLLED = Refused("not_enrolled", "这台考试机还没有登记。", "请监考员登记考试机。")
WRONG_ID = Refused("wrong_id", "证件号码与本座位考生不符。", "请核对后重新输入；仍不对请举手。")
WRONG_TICKET = Refused("wrong_ticket", "准考证号与证件号码不符。", "请核对后重新输入；仍不对请举手。")
TOO_MANY_TRIES = Refused("too_many_tries", "输入错误次数太多。", "请 1 分钟后再试，或举手请监考员协助。")
SPARE_SEAT = Refused("spare_seat", "这是备用座位。", "请输入准考证号和完整的证件号码，查看您的座位。")
SIGNED_IN_ELSEWHERE = Refused("signed_in_elsewhere", "您已在另一台考试机上登录。", "请举手，请监考员办理换机。")
OTHER_ATTEMPT = Refused("other_attempt", "这台考试机上登录的不是这位考生。", "请举手，请监考员处理。")


def show_seat(work: Work, device_id: str) -> SeatShown | Refused:
    """Tell a kiosk what its seat is, who is planned there and whose attempt it holds. Reads only."""
    device = work.db.get(Device, device_id)
    if device is None:
        return NOT_ENROLLED
    session, room = session_of(work), work.db.get_one(Room, device.room)
    sitting = work.db.scalar(select(Sitting).where(Sitting.room == device.room, Sitting.seat == device.seat))
    attempt = work.db.scalar(select(Attempt).where(Attempt.device == device.id))
    portrait = work.db.get(Portrait, sitting.id) if sitting else None
    return SeatShown(
        server=session.server,
        exam_title=session.exam_title,
        session_title=session.session_title,
        zone_name=session.zone_name,
        room=device.room,
        room_name=room.name,
        seat=device.seat,
        name=sitting.name if sitting else None,
        photo=portrait.content if portrait else None,
        starts_at=to_ms(session.started_at or session.starts_at),
        duration_s=session.duration_s,
        earliest_hand_in_s=session.earliest_hand_in_s,
        heartbeat_s=session.heartbeat_s,
        zone_time=to_ms(work.now),
        attempt=attempt.id if attempt else None,
        state=sitting.state if sitting else None,
    )


def sign_in_candidate(work: Work, request: SignIn) -> SignedIn | Refused:
    """Sign the candidate in at their seat: by the last four of the ID number, or by ticket and full number.

    At another seat they are told the right one. After the late limit nobody new is admitted. Refusals are values, so
    that the count of wrong tries is committed.
    """
    device = work.db.get(Device, request.device)
    if device is None:
        return NOT_ENROLLED
    if device.locked_until is not None and work.now < device.locked_until:
        return TOO_MANY_TRIES
    session = session_of(work)
    sitting = _find_sitting(work, session, device, request)
    if isinstance(sitting, Refused):
        return sitting
    device.wrong_id_numbers, device.locked_until = 0, None
    attempt = work.db.scalar(select(Attempt).where(Attempt.sitting == sitting.id))
    if attempt is None:
        begun = _begin_attempt(work, session, device, sitting)
        if isinstance(begun, Refused):
            return begun
        attempt = begun
    elif attempt.device != device.id:
        return SIGNED_IN_ELSEWHERE
    return _signed_in(work, sitting, attempt)


def _find_sitting(work: Work, session: ExamSession, device: Device, request: SignIn) -> Sitting | Refused:
    planned = work.db.scalar(select(Sitting).where(Sitting.room == device.room, Sitting.seat == device.seat))
    if request.ticket_no is None:
        if planned is None:
            return SPARE_SEAT
        if not hmac.compare_digest(_as_typed(request.id_number)[-4:].encode(), planned.id_last4.encode()):
            return _count_wrong(work, device, WRONG_ID)
        return planned
    named = work.db.scalar(select(Sitting).where(Sitting.ticket_no == _as_typed(request.ticket_no)))
    hashed = id_keyed_hash(session.id_hash_key, request.id_number)
    if named is None or not hmac.compare_digest(hashed, named.id_keyed_hash):
        return _count_wrong(work, device, WRONG_TICKET)
    if (named.room, named.seat) != (device.room, device.seat):
        room = work.db.get_one(Room, named.room)
        return Refused("wrong_seat", f"您的座位是{room.name} {named.seat} 座。", "请到自己的座位登录。")
    return named


def _as_typed(text: str) -> str:
    # Chinese input methods give full-width figures (SCREENS §2.2).
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def _count_wrong(work: Work, device: Device, refused: Refused) -> Refused:
    device.wrong_id_numbers += 1
    if device.wrong_id_numbers >= _WRONG_UNTIL_LOCK:
        device.wrong_id_numbers, device.locked_until = 0, work.now + _LOCK
        write_audit(work, "sign_in_candidate", f"{device.room}-{device.seat}", "证件号码连续输错，暂停 1 分钟")
    return refused


def _begin_attempt(work: Work, session: ExamSession, device: Device, sitting: Sitting) -> Attempt | Refused:
    if sitting.state in CLOSED:
        return Refused("sitting_closed", f"您的状态是“{WORDS[sitting.state]}”，不能登录。", "请举手，请监考员处理。")
    if session.closed_at is not None:
        return Refused("session_closed", "本场考试已经收场。", "请联系监考员。")
    limit = (session.started_at or session.starts_at) + timedelta(seconds=session.late_limit_s)
    if work.now > limit:
        return Refused("too_late", f"开考已超过 {session.late_limit_s // 60} 分钟，不能入场。", "请举手，由主考处理。")
    paper = work.db.scalar(
        select(SealedPaper.paper).where(SealedPaper.purpose == session.purpose, SealedPaper.trade == sitting.trade)
    )
    if paper is None:
        return Refused("no_paper", "您的工种没有试卷。", "请举手，请监考员联系主考。")
    number = attempt_id(sitting.id)
    attempt = Attempt(
        id=number,
        sitting=sitting.id,
        device=device.id,
        paper=paper,
        epoch=FIRST_EPOCH,
        acked_seq=0,
        head=first_head(number, paper),
    )
    work.db.add(attempt)
    sitting.state, sitting.signed_in_at = move(sitting.state, SittingState.SIGNED_IN), work.now
    write_audit(work, "sign_in_candidate", f"sitting {sitting.id}", "考生登录")
    announce_seats(work, [(sitting.room, sitting.seat)])
    return attempt


def _signed_in(work: Work, sitting: Sitting, attempt: Attempt) -> SignedIn:
    paper = work.db.execute(
        select(SealedPaper.sha256, SealedPaper.context).where(SealedPaper.paper == attempt.paper)
    ).one()
    events = work.db.scalars(
        select(AttemptEvent.content).where(AttemptEvent.attempt == attempt.id).order_by(AttemptEvent.seq)
    )
    return SignedIn(
        attempt=attempt.id,
        epoch=attempt.epoch,
        ticket_no=sitting.ticket_no,
        name=sitting.name,
        trade=trade_words(sitting.trade),
        unit=sitting.unit,
        photo=work.db.get_one(Portrait, sitting.id).content,
        state=sitting.state,
        order_seed=sitting.order_seed,
        paper=attempt.paper,
        paper_url=paper_url(attempt.paper),
        paper_sha256=paper.sha256,
        paper_context=paper.context,
        acked_seq=attempt.acked_seq,
        head=attempt.head,
        events=tuple(events),
    )


def paper_url(paper: str) -> str:
    """Return the path at which kiosks fetch a sealed paper."""
    return f"/kiosk/papers/{paper}"


def attempt_here(work: Work, device: str, attempt_id_: AttemptId, epoch: int) -> Attempt | Refused:
    """Return the attempt when this device holds it in this epoch."""
    attempt = work.db.get(Attempt, attempt_id_)
    if attempt is None or attempt.device != device or attempt.epoch != epoch:
        return OTHER_ATTEMPT
    return attempt


def confirm_identity(work: Work, request: ConfirmIdentity) -> SittingChanged | Refused:
    """Take the candidate's word that photo and name are theirs. Again gives the same."""
    attempt = attempt_here(work, request.device, request.attempt, request.epoch)
    if isinstance(attempt, Refused):
        return attempt
    sitting = work.db.get_one(Sitting, attempt.sitting)
    if sitting.state is SittingState.SIGNED_IN:
        sitting.state = move(sitting.state, SittingState.CONFIRMED)
        write_audit(work, "confirm_identity", f"sitting {sitting.id}", "考生确认身份")
        announce_seats(work, [(sitting.room, sitting.seat)])
    return SittingChanged(attempt.id, sitting.state, WORDS[sitting.state])
