"""登记: a kiosk takes a seat with the code its room shows, and gets the token it connects with."""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence

from sqlalchemy import bindparam, delete, select

from exam_protocol.ids import DeviceId
from exam_protocol.messages import Enrol, Enrolled, Refused
from exam_server.models.plan import ExamSession, Room
from exam_server.models.sitting import Attempt, Device
from exam_server.services.audit import write_audit
from exam_server.services.incidents import add_incident
from exam_server.services.opening import session_of
from exam_server.services.seat_map import announce_seats
from exam_server.work import Work

_MAX_WRONG_CODES = 50
_TOKEN_BYTES = 16
_OPEN_ROOMS = select(Room).where(Room.enrolment_until > bindparam("now"))
_KNOWN = select(Device).where(
    (Device.id == bindparam("device")) | (Device.room == bindparam("at_room")) & (Device.seat == bindparam("at_seat"))
)

WRONG_CODE = Refused(
    "wrong_room_code", "登记码不对，或登记时间已过。", "请看考场公布的登记码；过期请监考员重新开放登记。"
)
LOCKED = Refused("enrolment_locked", "登记码错误次数太多，登记已停止。", "请监考员重新开放登记。")
NO_SUCH_SEAT = Refused("no_such_seat", "本考场没有这个座位。", "请核对座位号。")
SEAT_TAKEN = Refused("seat_taken", "这个座位已有考生在另一台考试机上登录。", "请监考员办理换机。")
ENROLLED_ELSEWHERE = Refused(
    "enrolled_elsewhere", "这台考试机已登记在另一个座位，且已有考生登录。", "请监考员办理换机。"
)
OTHER_KEYS = Refused(
    "other_keys", "这台考试机的密钥与登记时不同，且已有考生在此登录。", "请监考员办理换机，或恢复本机原来的数据。"
)


def hash_of_token(token: str) -> str:
    """Return what the zone keeps of a device's token. A token is 128 random bits: a plain hash cannot be searched."""
    return hashlib.sha256(token.encode()).hexdigest()


def enrol_device(
    work: Work, request: Enrol, new_token: Callable[[int], str] = secrets.token_urlsafe
) -> Enrolled | Refused:
    """Enrol a kiosk at a seat. The same device may ask again (its token was lost); the newest token counts.

    It comes with other keys only while nobody has signed in at it: papers and time are sealed and sent to those keys.
    Another device takes over a seat only while nobody has signed in there, and that is written down as an incident.
    """
    session = session_of(work)
    room = _room_of_code(work, session, request.room_code)
    if isinstance(room, Refused):
        return room
    if not 1 <= request.seat <= room.seats:
        return NO_SUCH_SEAT
    known = work.db.scalars(_KNOWN, {"device": request.device, "at_room": room.room, "at_seat": request.seat}).all()
    refused = _make_way(work, room, request, known) if known else None
    if refused is not None:
        return refused
    token = new_token(_TOKEN_BYTES)
    device = Device(
        id=request.device,
        room=room.room,
        seat=request.seat,
        token_hash=hash_of_token(token),
        signing_key=request.signing_key,
        encryption_key=request.encryption_key,
        software=request.software,
        enrolled_at=work.now,
    )
    (work.db.merge if known else work.db.add)(device)
    write_audit(work, "enrol_device", f"{room.room}-{request.seat}", f"考试机登记（{request.software}）")
    announce_seats(work, [(room.room, request.seat)])
    return Enrolled(session.server, session.zone_name, room.room, room.name, request.seat, token)


def _room_of_code(work: Work, session: ExamSession, code: str) -> Room | Refused:
    if session.wrong_room_codes >= _MAX_WRONG_CODES:
        return LOCKED
    for room in work.db.scalars(_OPEN_ROOMS, {"now": work.now}):
        if hmac.compare_digest((room.enrolment_code or "").encode(), code.encode()):
            return room
    session.wrong_room_codes += 1
    return WRONG_CODE


def _make_way(work: Work, room: Room, request: Enrol, known: Sequence[Device]) -> Refused | None:
    """Clear the seat of an earlier device, and this device of an earlier seat, unless somebody has signed in there."""
    mine = next((device for device in known if device.id == request.device), None)
    earlier = next((device for device in known if (device.room, device.seat) == (room.room, request.seat)), None)
    if earlier is not None and earlier.id != request.device:
        if _is_used(work, earlier.id):
            return SEAT_TAKEN
        work.db.execute(delete(Device).where(Device.id == earlier.id))
        add_incident(work, "device_replaced", f"{request.seat} 座换了一台考试机登记", room=room.room)
    if mine is not None and (mine.room, mine.seat) != (room.room, request.seat):
        if _is_used(work, mine.id):
            return ENROLLED_ELSEWHERE
        place = (mine.room, mine.seat)
        work.db.delete(mine)
        announce_seats(work, [place])
    elif mine is not None and not _has_keys_of(mine, request) and _is_used(work, mine.id):
        return OTHER_KEYS
    return None


def _has_keys_of(device: Device, request: Enrol) -> bool:
    return (device.signing_key, device.encryption_key) == (request.signing_key, request.encryption_key)


def _is_used(work: Work, device: DeviceId) -> bool:
    return work.db.scalar(select(Attempt.id).where(Attempt.device == device).limit(1)) is not None
