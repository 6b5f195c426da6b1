"""异常情况: written down with a category, words, an actor and the time; never changed, never hidden."""

from exam_protocol.ids import RoomId, SittingId
from exam_server.models.sitting import Incident
from exam_server.work import Work

CATEGORIES = {
    "device_replaced": "换考试机登记",
    "extension": "延时",
    "forced_collection": "强制收卷",
    "late_answers": "迟到作答",
    "absent": "缺考",
    "machine": "设备故障",
    "network": "网络故障",
    "environment": "考场环境",
    "candidate": "考生情况",
    "note": "记事",
}
"""Category → its words. The list is what consoles offer and records print."""


def add_incident(
    work: Work, category: str, words: str, *, room: RoomId | None = None, sitting: SittingId | None = None
) -> None:
    """Write down something that happened, in the transaction of what it is about."""
    work.db.add(
        Incident(room=room, sitting=sitting, category=category, words=words, actor=work.actor.name, at=work.now)
    )
