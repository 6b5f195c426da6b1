"""The two subjects, and how a candidate stands in one of them. 缺考 is a status, never a mark of 0."""

from enum import StrEnum

import msgspec

from exam_protocol.ids import Milli
from exam_protocol.sitting_state import SittingState


class Subject(StrEnum):
    """The notice's two subjects, 100 points each (附件1 三)."""

    KNOW = "know"
    DO = "do"


class SubjectStatus(StrEnum):
    """How a candidate stands in one subject. Only ``NORMAL`` has a mark."""

    NORMAL = "normal"
    ABSENT = "absent"
    VIOLATION = "violation"
    """违纪 in this subject; whether it reaches the other is the exam's pass rule."""
    VIOLATION_BOTH = "violation_both"
    """违纪, decided for both subjects."""
    VOID = "void"
    """Not counted because of 缺考 in the other subject, where the pass rule says so."""
    PENDING = "pending"
    """Waits for an arbiter, for a missing mark or for a missing answer package."""
    RESIT = "resit"
    """Stopped by a technical failure; the subject is to be sat anew."""


SUBJECT_WORDS = {Subject.KNOW: "应知", Subject.DO: "应会"}
STATUS_WORDS = {
    SubjectStatus.NORMAL: "正常",
    SubjectStatus.ABSENT: "缺考",
    SubjectStatus.VIOLATION: "违纪，本科无效",
    SubjectStatus.VIOLATION_BOTH: "违纪，全部无效",
    SubjectStatus.VOID: "另一科缺考，本科无效",
    SubjectStatus.PENDING: "待定",
    SubjectStatus.RESIT: "待补考",
}
SHORT_WORDS = STATUS_WORDS | {
    SubjectStatus.VIOLATION: "违纪",
    SubjectStatus.VIOLATION_BOTH: "违纪",
    SubjectStatus.VOID: "无效",
}
"""For the place where a mark would stand."""
KNOW_STATUS = {
    SittingState.HANDED_IN: SubjectStatus.NORMAL,
    SittingState.COLLECTED: SubjectStatus.NORMAL,
    SittingState.ABSENT: SubjectStatus.ABSENT,
    SittingState.VOIDED: SubjectStatus.VIOLATION,
    SittingState.STOPPED: SubjectStatus.RESIT,
}
"""What a closed sitting means for 应知. 转出 is not here: the sitting counts where it was moved to."""


class SubjectScore(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a candidate stands in one subject: a mark in thousandths of a point exactly when the status is normal.

    ``words`` tell, in Chinese, what a status waits for ("考评员相差 16 分，待仲裁").
    """

    status: SubjectStatus
    milli: Milli | None = None
    words: str = ""

    def __post_init__(self) -> None:
        """Refuse a status without its mark and a mark without its status: a programming error."""
        if (self.milli is not None) != (self.status is SubjectStatus.NORMAL) or (self.milli or 0) < 0:
            raise ValueError(self)
