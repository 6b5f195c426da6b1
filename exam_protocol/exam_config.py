"""One file that states everything the notice leaves open (BANK-AND-SCORING §0); it has no hidden default."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec

from exam_protocol.errors import ConfigurationError, naming
from exam_protocol.ids import ExamId, Milli, SessionId
from exam_protocol.marking_rule import MarkingKind, MarkingRule
from exam_protocol.paper import ItemType
from exam_protocol.settings_file import read_settings

_Positive = Annotated[int, msgspec.Meta(gt=0)]
_NotNegative = Annotated[int, msgspec.Meta(ge=0)]
_Difficulty = Annotated[float, msgspec.Meta(ge=1, le=5)]
_Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
_POINTS = re.compile(r"([0-9]{1,4})(?:\.([0-9]{1,3}))?")
_LEAST_TO_TRIM = 4
HEBEI = timezone(timedelta(hours=8), "北京时间")


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of the file; unknown settings are refused so that a slip of the pen cannot pass for a setting."""


class Times(_Table, frozen=True):
    """The day's times, in seconds from the start of the session unless said otherwise."""

    starts_at: str
    """Planned start, local time of Hebei (UTC+8): "2026-09-26 09:00:00". `kaoping demo` puts its own."""
    duration_s: _Positive
    """Time for answering; extra minutes of a candidate come on top."""
    late_limit_s: _NotNegative
    """Who signs in later than this is not admitted."""
    earliest_hand_in_s: _NotNegative
    """Nobody may hand in before."""
    grace_s: _NotNegative
    """After the end, how long the zone waits for answers that are on their way before it collects."""
    heartbeat_s: _Positive
    """How often a kiosk reports itself."""

    @property
    def starts_at_utc(self) -> datetime:
        """The planned start, aware, in UTC. Raises ``ConfigurationError`` when ``starts_at`` is no such time."""
        try:
            local = datetime.strptime(self.starts_at, "%Y-%m-%d %H:%M:%S").replace(tzinfo=HEBEI)
        except ValueError as wrong:
            raise ConfigurationError(
                f"开考时间“{self.starts_at}”写法不对。", "请写成 2026-09-26 09:00:00 的样子（北京时间）。"
            ) from wrong
        return local.astimezone(UTC)


class SectionPlan(_Table, frozen=True):
    """How many items of a type, from which part, and what each earns. ``points`` as text: "1.5"."""

    type: ItemType
    """Item type of the section."""
    title: str
    """Heading that candidates see."""
    public: _NotNegative
    """Items from the public basics (公共基础知识)."""
    trade: _NotNegative
    """Items from the trade's own theory (技术业务理论)."""
    points: str
    """What one item earns."""
    rule: MarkingKind
    """What a partly right response earns."""
    partial_points: str
    """The amount that the rule `subset_fixed` (per item) or `subset_per_option` (per option) gives; else "0"."""
    text_for_candidates: str
    """The rule in words, printed above the section."""

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
    """大题, in the order of the paper; each stands in a `[[blueprint.sections]]` table."""
    total_points: str
    """What all items together must make; checked."""
    mean_difficulty_low: _Difficulty
    """Lowest allowed mean of the items' difficulty (1–5), kept for the public part and for each trade's part."""
    mean_difficulty_high: _Difficulty
    """Highest allowed mean."""
    all_right_share_max: _Share
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
    """How many examiners mark each candidate."""
    rule: RaterRule
    """How their marks combine."""
    discrepancy_points: str
    """From this distance between highest and lowest on, an arbiter decides."""
    display_decimals: _NotNegative
    """Decimals shown (cut off, never rounded up)."""


class SubjectEffect(StrEnum):
    """What 缺考 or 违纪 in one subject does to the other."""

    THIS_SUBJECT = "this_subject"
    BOTH_SUBJECTS = "both_subjects"


class PassRule(_Table, frozen=True):
    """双60 and its edges. The comparison is on exact thousandths; rounding is for display only."""

    know_points: str
    """Least points in 应知."""
    do_points: str
    """Least points in 应会."""
    display_decimals: _NotNegative
    """Decimals shown (cut off, never rounded up); passing is decided on exact thousandths."""
    absence_affects: SubjectEffect
    """What 缺考 in one subject does to the other."""
    violation_affects: SubjectEffect
    """What 违纪 in one subject does to the other."""


class SeatingPlan(_Table, frozen=True):
    """编排: how rooms are filled."""

    spare_seats_per_room: _NotNegative
    """Seats of a room that stay free for a change of machine."""
    room_columns: _Positive
    """Seats side by side; seats are numbered along the rows."""


class ExamConfig(_Table, frozen=True):
    """The whole file. ``note`` is printed wherever the configuration is shown."""

    exam: ExamId
    """Name of the exam in files and keys."""
    title: str
    """Title that candidates see."""
    note: str
    """On whose authority the settings stand."""
    session: SessionId
    """Name of the session 场次 in files."""
    session_title: str
    """Title of the session that candidates see."""
    times: Times
    blueprint: PaperBlueprint
    practical: Practical
    pass_rule: PassRule
    seating: SeatingPlan


def milli(points: str) -> Milli:
    """Read points written in decimals as exact thousandths: "1.5" → 1500. Raises ``ConfigurationError``."""
    read = _POINTS.fullmatch(points)
    if read is None:
        raise ConfigurationError(f"“{points}”不是分值。", "请写成 1.5 的样子，最多三位小数。")
    whole, fraction = read.groups(default="")
    return Milli(int(whole) * 1000 + int(fraction.ljust(3, "0")))


def read_exam_config(path: Path) -> ExamConfig:
    """Read and check the file. Raises ``ConfigurationError`` naming the file, the setting and what to do."""
    config = read_settings(path, ExamConfig, "考试配置文件", "examples/exam.toml")
    with naming(f"考试配置文件 {path}"):
        for contradiction, do in _contradictions(config):
            raise ConfigurationError(f"{contradiction}。", do)
    return config


def _contradictions(config: ExamConfig) -> Iterator[tuple[str, str]]:
    """Tell what in the file cannot be at once, with what to do about it."""
    times, blueprint, practical = config.times, config.blueprint, config.practical
    _ = times.starts_at_utc  # raises when it is no time
    if times.late_limit_s > times.duration_s or times.earliest_hand_in_s > times.duration_s:
        yield "迟到时限或最早交卷时间超过了考试时长", "请改正 [times]。"
    if blueprint.mean_difficulty_low > blueprint.mean_difficulty_high:
        yield "平均难度的下限高于上限", "请改正 mean_difficulty_low、mean_difficulty_high。"
    for plan in blueprint.sections:
        if plan.public + plan.trade == 0 or plan.milli_each == 0:
            yield f"“{plan.title}”没有题目或没有分值", "请改正题数和 points。"
        if plan.marking_rule.partial >= plan.milli_each:
            yield f"“{plan.title}”少选的得分不低于全对的得分", "请改正 partial_points。"
    total = sum((plan.public + plan.trade) * plan.milli_each for plan in blueprint.sections)
    if total != milli(blueprint.total_points):
        stated = blueprint.total_points
        yield f"各题型分值合计 {total / 1000:g} 分，与 total_points = {stated} 不符", "请改正题数或每题分值。"
    milli(practical.discrepancy_points)
    if practical.rule is RaterRule.TRIMMED_MEAN and practical.examiners < _LEAST_TO_TRIM:
        yield "考评员少于 4 人，不能去掉最高分和最低分", "请改用 mean 或 median，或增加考评员。"
    for points in (config.pass_rule.know_points, config.pass_rule.do_points):
        if milli(points) > milli(blueprint.total_points):
            yield f"合格线 {points} 分高于满分", "请改正 [pass_rule]。"
