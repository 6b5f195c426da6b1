"""登录: the candidate planned for a seat proves who they are and confirms it is them."""

import hmac
import unicodedata
from datetime import timedelta

from sqlalchemy import bindparam, select

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
from exam_server.services.id_hash_key import open_id_hash_key
from exam_server.services.opening import ZoneKeys, session_of
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


# Every kiosk asks these within the same minutes. A statement that is built once is compiled and hashed once.
_IN_SEAT = (Sitting.room == Device.room) & (Sitting.seat == Device.seat)
_SEAT_OF = (
    select(
        Device.room,
        Device.seat,
        Room.name.label("room_name"),
        Sitting.name,
        Sitting.state,
        Portrait.content.label("photo"),
        Attempt.id.label("attempt"),
    )
    .join(Room, Room.room == Device.room)
    .outerjoin(Sitting, _IN_SEAT)
    .outerjoin(Portrait, Portrait.sitting == Sitting.id)
    .outerjoin(Attempt, Attempt.device == Device.id)
    .where(Device.id == bindparam("of_device"))
    .limit(1)
)
_DEVICE_AND_PLANNED = select(Device, Sitting).outerjoin(Sitting, _IN_SEAT).where(Device.id == bindparam("of_device"))
_ATTEMPT_OF = select(Attempt).where(Attempt.sitting == bindparam("of_sitting"))
_ATTEMPT_AND_SITTING = (
    select(Attempt, Sitting).join(Sitting, Sitting.id == Attempt.sitting).where(Attempt.id == bindparam("of_attempt"))
)
_PAPER_FOR = select(SealedPaper.paper).where(
    SealedPaper.purpose == bindparam("for_purpose"), SealedPaper.trade == bindparam("for_trade")
)
_SHOWN_AT_SIGN_IN = (
    select(Portrait.content.label("photo"), SealedPaper.sha256, SealedPaper.context)
    .join(SealedPaper, SealedPaper.paper == bindparam("of_paper"))
    .where(Portrait.sitting == bindparam("of_sitting"))
)


def show_seat(work: Work, device_id: str) -> SeatShown | Refused:
    """Tell a kiosk what its seat is, who is planned there and whose attempt it holds. Reads only."""
    row = work.db.execute(_SEAT_OF, {"of_device": device_id}).one_or_none()
    if row is None:
        return NOT_ENROLLED
    session = session_of(work)
    return SeatShown(
        server=session.server,
        exam_title=session.exam_title,
        session_title=session.session_title,
        zone_name=session.zone_name,
        room=row.room,
        room_name=row.room_name,
        seat=row.seat,
        name=row.name,
        photo=row.photo,
        starts_at=to_ms(session.started_at or session.starts_at),
        duration_s=session.duration_s,
        earliest_hand_in_s=session.earliest_hand_in_s,
        heartbeat_s=session.heartbeat_s,
        zone_time=to_ms(work.now),
        attempt=row.attempt,
        state=row.state,
    )


def sign_in_candidate(work: Work, keys: ZoneKeys, request: SignIn) -> SignedIn | Refused:
    """Sign the candidate in at their seat: by the last four of the ID number, or by ticket and full number.

    At another seat they are told the right one. After the late limit nobody new is admitted. Refusals are values, so
    that the count of wrong tries is committed.
    """
    row = work.db.execute(_DEVICE_AND_PLANNED, {"of_device": request.device}).one_or_none()
    if row is None:
        return NOT_ENROLLED
    device, planned = row
    if device.locked_until is not None and work.now < device.locked_until:
        return TOO_MANY_TRIES
    session = session_of(work)
    sitting = (
        _find_planned(work, device, planned, request)
        if request.ticket_no is None
        else _find_named(work, open_id_hash_key(keys, session), device, request.ticket_no, request.id_number)
    )
    if isinstance(sitting, Refused):
        return sitting
    device.wrong_id_numbers, device.locked_until = 0, None
    attempt = work.db.scalar(_ATTEMPT_OF, {"of_sitting": sitting.id})
    if attempt is None:
        begun = _begin_attempt(work, session, device, sitting)
        if isinstance(begun, Refused):
            return begun
        attempt = begun
    elif attempt.device != device.id:
        return SIGNED_IN_ELSEWHERE
    return _signed_in(work, sitting, attempt)


def _find_planned(work: Work, device: Device, planned: Sitting | None, request: SignIn) -> Sitting | Refused:
    if planned is None:
        return SPARE_SEAT
    if not hmac.compare_digest(_as_typed(request.id_number)[-4:].encode(), planned.id_last4.encode()):
        return _count_wrong(work, device, WRONG_ID)
    return planned


def _find_named(work: Work, id_hash_key: bytes, device: Device, ticket_no: str, id_number: str) -> Sitting | Refused:
    named = work.db.scalar(select(Sitting).where(Sitting.ticket_no == _as_typed(ticket_no)))
    hashed = id_keyed_hash(id_hash_key, id_number)
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
    # Nobody is late for an exam that has not begun: the start may wait for the key, or for the room.
    if session.started_at and work.now > session.started_at + timedelta(seconds=session.late_limit_s):
        return Refused("too_late", f"开考已超过 {session.late_limit_s // 60} 分钟，不能入场。", "请举手，由主考处理。")
    paper = work.db.scalar(_PAPER_FOR, {"for_purpose": session.purpose, "for_trade": sitting.trade})
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
    shown = work.db.execute(_SHOWN_AT_SIGN_IN, {"of_sitting": sitting.id, "of_paper": attempt.paper}).one()
    events = (
        work.db.scalars(
            select(AttemptEvent.content).where(AttemptEvent.attempt == attempt.id).order_by(AttemptEvent.seq)
        )
        if attempt.acked_seq
        else ()
    )
    return SignedIn(
        attempt=attempt.id,
        epoch=attempt.epoch,
        ticket_no=sitting.ticket_no,
        name=sitting.name,
        trade=trade_words(sitting.trade),
        unit=sitting.unit,
        photo=shown.photo,
        state=sitting.state,
        order_seed=sitting.order_seed,
        paper=attempt.paper,
        paper_url=paper_url(attempt.paper),
        paper_sha256=shown.sha256,
        paper_context=shown.context,
        acked_seq=attempt.acked_seq,
        head=attempt.head,
        events=tuple(events),
    )


def paper_url(paper: str) -> str:
    """Return the path at which kiosks fetch a sealed paper."""
    return f"/kiosk/papers/{paper}"


def attempt_here(work: Work, device: str, attempt_id_: AttemptId, epoch: int) -> tuple[Attempt, Sitting] | Refused:
    """Return the attempt and its sitting when this device holds it in this epoch."""
    row = work.db.execute(_ATTEMPT_AND_SITTING, {"of_attempt": attempt_id_}).one_or_none()
    if row is None or row[0].device != device or row[0].epoch != epoch:
        return OTHER_ATTEMPT
    return row[0], row[1]


def confirm_identity(work: Work, request: ConfirmIdentity) -> SittingChanged | Refused:
    """Take the candidate's word that photo and name are theirs. Again gives the same."""
    here = attempt_here(work, request.device, request.attempt, request.epoch)
    if isinstance(here, Refused):
        return here
    attempt, sitting = here
    if sitting.state is SittingState.SIGNED_IN:
        sitting.state = move(sitting.state, SittingState.CONFIRMED)
        write_audit(work, "confirm_identity", f"sitting {sitting.id}", "考生确认身份")
        announce_seats(work, [(sitting.room, sitting.seat)])
    return SittingChanged(attempt.id, sitting.state, WORDS[sitting.state])
