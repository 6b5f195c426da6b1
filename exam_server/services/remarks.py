"""记事: what an invigilator writes down in their own words, about a candidate or a room."""

from sqlalchemy import select

from exam_protocol.errors import KaopingError
from exam_protocol.ids import RoomId, SittingId
from exam_server.models.sitting import Sitting
from exam_server.services.accounts import require_role
from exam_server.services.audit import write_audit
from exam_server.services.incidents import CATEGORIES, add_incident
from exam_server.services.seat_map import announce_seats
from exam_server.work import Work


class RemarkRefusedError(KaopingError):
    """No words, an unknown category, or somebody of another room."""


def write_remark(work: Work, category: str, words: str, room: RoomId, sitting: SittingId | None) -> None:
    """Write down an incident. Raises ``RemarkRefusedError``."""
    require_role(work, "invigilator", "chief", "technician")
    if not words.strip() or category not in CATEGORIES:
        raise RemarkRefusedError("没有写内容，或类别不对。", "请选择类别并写明情况。")
    if sitting is not None:
        place = work.db.execute(select(Sitting.room, Sitting.seat).where(Sitting.id == sitting)).one_or_none()
        if place is None or place[0] != room:
            raise RemarkRefusedError("这名考生不在本考场。", "请刷新页面后重试。")
        add_incident(work, category, words, room=room, sitting=sitting)
        announce_seats(work, [(place[0], place[1])])
    else:
        add_incident(work, category, words, room=room)
    write_audit(work, "write_remark", f"sitting {sitting}" if sitting else f"room {room}", words)
