"""应会: how the marks of several examiners become one (BANK-AND-SCORING §2 B7), in whole thousandths of a point.

**Rounding.** Mean, median of an even number and trimmed mean are cut off (floor) at a thousandth of a point. This can
never decide about a pass: the line lies on a whole thousandth, so the exact value reaches it exactly when the cut-off
value does.
"""

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from exam_protocol.errors import KaopingError
from exam_protocol.exam_config import Practical, RaterRule, milli
from exam_protocol.ids import Milli
from scoring.marks import exact_points_text
from scoring.subjects import STATUS_WORDS, SubjectScore, SubjectStatus

DO_FULL_MILLI = Milli(100_000)
"""应会 is marked out of 100 points (附件1 三)."""
_FEWEST_TO_TRIM = 4


class PracticalFaultError(KaopingError):
    """Base: what the examiners wrote down for one candidate cannot stand."""


class ExaminersContradictError(PracticalFaultError):
    """One examiner says 缺考 or 违纪, another gives a mark (or says the other of the two)."""


class ExaminerTwiceError(PracticalFaultError):
    """The same examiner has two entries for one candidate, or there are two arbiters."""


class TooManyExaminersError(PracticalFaultError):
    """More examiners than the configuration has."""


class PracticalMarkOutOfRangeError(PracticalFaultError):
    """A mark below 0 or above 100 points, a missing mark, or a mark beside 缺考 or 违纪."""


class TooFewToTrimError(PracticalFaultError):
    """Dropping the highest and the lowest needs at least four marks."""


class ExaminerRole(StrEnum):
    """考评员 marks; 仲裁 decides a discrepancy alone."""

    EXAMINER = "examiner"
    ARBITER = "arbiter"


class PracticalEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one examiner wrote down: a mark in thousandths when ``status`` is normal, else 缺考 or 违纪 without one."""

    examiner: str
    role: ExaminerRole
    status: SubjectStatus
    milli: Milli | None = None


class DoScore(SubjectScore, frozen=True, kw_only=True):
    """应会 of one candidate. ``spread_milli`` is highest − lowest of the examiners' marks (``None`` without marks)."""

    entries: tuple[PracticalEntry, ...]
    spread_milli: Milli | None = None
    is_arbitrated: bool = False


def role_of(examiner: str) -> ExaminerRole:
    """Read the role from the column 考评员: "仲裁" alone or before a name ("仲裁 李明") is the arbiter."""
    return ExaminerRole.ARBITER if examiner.strip().startswith("仲裁") else ExaminerRole.EXAMINER


def combine(entries: Sequence[PracticalEntry], practical: Practical) -> DoScore:
    """Combine the entries of one candidate by the exam's rule; their order does not matter.

    * The arbiter's entry, when there is one, decides alone.
    * Without it: all examiners say 缺考 (or all 违纪) → that status; some say so and others do not →
      ``ExaminersContradictError``; fewer marks than the configuration has examiners → pending; highest − lowest at or
      above the discrepancy limit → pending until an arbiter's mark is there; else the rule's mark.

    Raises the ``PracticalFaultError`` that names the fault.
    """
    held = tuple(sorted(entries, key=lambda entry: (entry.role is ExaminerRole.ARBITER, entry.examiner)))
    for entry in held:
        _check_mark(entry)
    if len({entry.examiner for entry in held}) != len(held):
        raise ExaminerTwiceError("同一考评员对同一考生有两条应会成绩。", "请删去重复的一条后重新导入。")
    examiners = [entry for entry in held if entry.role is ExaminerRole.EXAMINER]
    arbiters = [entry for entry in held if entry.role is ExaminerRole.ARBITER]
    if len(arbiters) > 1:
        raise ExaminerTwiceError("同一考生有两条仲裁成绩。", "请只保留一条后重新导入。")
    if len(examiners) > practical.examiners:
        raise TooManyExaminersError(
            f"考评员有 {len(examiners)} 位，配置规定 {practical.examiners} 位。", "请核对应会成绩表。"
        )
    marks = [entry.milli for entry in examiners if entry.milli is not None]
    spread = Milli(max(marks) - min(marks)) if marks else None
    if arbiters:
        decided = arbiters[0]
        return DoScore(
            decided.status, decided.milli, "由仲裁决定", entries=held, spread_milli=spread, is_arbitrated=True
        )
    statuses = {entry.status for entry in examiners}
    if len(statuses) > 1:
        raise ExaminersContradictError(
            f"考评员的记录互相矛盾：{'、'.join(_words(entry) for entry in examiners)}。",
            "请核对签到表和原始评分表，改正后重新导入，或由仲裁决定。",
        )
    if len(examiners) < practical.examiners:
        words = f"应有 {practical.examiners} 位考评员的成绩，只有 {len(examiners)} 位"
        return DoScore(SubjectStatus.PENDING, None, words, entries=held, spread_milli=spread)
    if spread is None:
        return DoScore(statuses.pop(), entries=held)
    if spread >= milli(practical.discrepancy_points):
        words = f"考评员相差 {exact_points_text(spread)} 分，待仲裁"
        return DoScore(SubjectStatus.PENDING, None, words, entries=held, spread_milli=spread)
    return DoScore(SubjectStatus.NORMAL, combined_mark(marks, practical.rule), entries=held, spread_milli=spread)


def combined_mark(marks: Sequence[Milli], rule: RaterRule) -> Milli:
    """Mean, median or trimmed mean of at least one mark, cut off at a thousandth of a point (see the module's top).

    The trimmed mean drops exactly one highest and one lowest; with fewer than four marks it raises
    ``TooFewToTrimError``.
    """
    ordered = sorted(marks)
    count = len(ordered)
    if rule is RaterRule.MEDIAN:
        ordered = ordered[(count - 1) // 2 : count // 2 + 1]
    elif rule is RaterRule.TRIMMED_MEAN:
        if count < _FEWEST_TO_TRIM:
            raise TooFewToTrimError(f"只有 {count} 个成绩，不能去掉最高分和最低分。", "请改用 mean 或 median。")
        ordered = ordered[1:-1]
    return Milli(sum(ordered) // len(ordered))


def _check_mark(entry: PracticalEntry) -> None:
    if entry.status is SubjectStatus.NORMAL:
        if entry.milli is None or not 0 <= entry.milli <= DO_FULL_MILLI:
            raise PracticalMarkOutOfRangeError(
                f"考评员“{entry.examiner}”的应会成绩缺失，或不在 0 至 100 分之间。", "请对照原始评分表改正。"
            )
    elif entry.status not in (SubjectStatus.ABSENT, SubjectStatus.VIOLATION) or entry.milli is not None:
        raise PracticalMarkOutOfRangeError(
            f"考评员“{entry.examiner}”的记录是“{STATUS_WORDS[entry.status]}”，不应有成绩。",
            "状态只能是正常、缺考或违纪；只有正常时填成绩。",
        )


def _words(entry: PracticalEntry) -> str:
    mark = STATUS_WORDS[entry.status] if entry.milli is None else f"{exact_points_text(entry.milli)} 分"
    return f"{entry.examiner} {mark}"
