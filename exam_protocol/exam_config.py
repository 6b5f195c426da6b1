"""One file that states everything the notice leaves open (BANK-AND-SCORING §0); it has no hidden default."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec

from exam_protocol.errors import ConfigurationError
from exam_protocol.ids import ExamId, Milli, SessionId
from exam_protocol.marking_rule import MarkingKind, MarkingRule
from exam_protocol.paper import ItemType

_Positive = Annotated[int, msgspec.Meta(gt=0)]
_NotNegative = Annotated[int, msgspec.Meta(ge=0)]


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of the file; unknown settings are refused so that a slip of the pen cannot pass for a setting."""


class Times(_Table, frozen=True):
    """The day's times, in seconds from the start of the session unless said otherwise."""

    starts_at: str  # local time of Hebei (UTC+8), "2026-09-26 09:00:00"; `kaoping demo` puts its own
    duration_s: _Positive
    late_limit_s: _NotNegative
    earliest_hand_in_s: _NotNegative
    grace_s: _NotNegative
    heartbeat_s: _Positive


class SectionPlan(_Table, frozen=True):
    """How many items of a type, from which part, and what each earns. ``points`` as text: "1.5"."""

    type: ItemType
    title: str
    public: _NotNegative
    trade: _NotNegative
    points: str
    rule: MarkingKind
    partial_points: str
    text_for_candidates: str

    @property
    def milli_each(self) -> Milli:
        """Marks of one item in thousandths of a point."""
        return milli(self.points)

    @property
    def marking_rule(self) -> MarkingRule:
        """The rule as it is frozen in the paper."""
        return MarkingRule(self.rule, self.text_for_candidates, milli(self.partial_points))


class PaperBlueprint(_Table, frozen=True):
    """双向细目表 in its simplest form: counts by type and part, and the balances assembly must keep."""

    sections: tuple[SectionPlan, ...]
    total_points: str
    mean_difficulty_low: float
    mean_difficulty_high: float
    all_right_share_max: float
    """Largest share of multiple-choice items in which every option is right ("tick everything" must not pay)."""


class RaterRule(StrEnum):
    """How several 应会 examiners combine."""

    MEAN = "mean"
    MEDIAN = "median"
    TRIMMED_MEAN = "trimmed_mean"
    """Drop the highest and the lowest; needs at least four marks."""


class Practical(_Table, frozen=True):
    """应会: examiners per candidate, how they combine, and from which spread an arbiter decides."""

    examiners: _Positive
    rule: RaterRule
    discrepancy_points: str
    display_decimals: _NotNegative


class SubjectEffect(StrEnum):
    """What 缺考 or 违纪 in one subject does to the other."""

    THIS_SUBJECT = "this_subject"
    BOTH_SUBJECTS = "both_subjects"


class PassRule(_Table, frozen=True):
    """双60 and its edges. The comparison is on exact thousandths; rounding is for display only."""

    know_points: str
    do_points: str
    display_decimals: _NotNegative
    absence_affects: SubjectEffect
    violation_affects: SubjectEffect


class SeatingPlan(_Table, frozen=True):
    """编排: how rooms are filled."""

    spare_seats_per_room: _NotNegative
    room_columns: _Positive


class ExamConfig(_Table, frozen=True):
    """The whole file. ``note`` is printed wherever the configuration is shown."""

    exam: ExamId
    title: str
    note: str
    session: SessionId
    session_title: str
    times: Times
    blueprint: PaperBlueprint
    practical: Practical
    pass_rule: PassRule
    seating: SeatingPlan


def milli(points: str) -> Milli:
    """Read points written in decimals as exact thousandths: "1.5" → 1500. Raises ``ConfigurationError``."""
    whole, _, fraction = points.partition(".")
    if not whole.isdecimal() or (fraction and not fraction.isdecimal()) or len(fraction) > 3:  # noqa: PLR2004 - milli
        raise ConfigurationError(f"“{points}”不是分值。", "请写成 1.5 的样子，最多三位小数。")
    return Milli(int(whole) * 1000 + int(fraction.ljust(3, "0") or 0))


def read_exam_config(path: Path) -> ExamConfig:
    """Read and check the file. Raises ``ConfigurationError`` naming the file, the setting and what to do."""
    try:
        config = msgspec.toml.decode(path.read_bytes(), type=ExamConfig)
    except FileNotFoundError as missing:
        raise ConfigurationError(f"找不到考试配置文件 {path}。", "请检查路径。") from missing
    except (msgspec.DecodeError, UnicodeDecodeError) as broken:
        raise ConfigurationError(
            f"考试配置文件 {path} 有误：{broken}。", "请对照 examples/exam.toml 改正。"
        ) from broken
    blueprint = config.blueprint
    total = sum((plan.public + plan.trade) * plan.milli_each for plan in blueprint.sections)
    if total != milli(blueprint.total_points):
        raise ConfigurationError(
            f"考试配置文件 {path} 的各题型分值合计 {total / 1000:g} 分，与 total_points = {blueprint.total_points} 不符。",
            "请改正题数或每题分值。",
        )
    if config.practical.rule is RaterRule.TRIMMED_MEAN and config.practical.examiners < 4:  # noqa: PLR2004 - B7
        raise ConfigurationError("考评员少于 4 人，不能去掉最高分和最低分。", "请改用 mean 或 median，或增加考评员。")
    return config
