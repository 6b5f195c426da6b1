"""双60: who passes, and why not. The comparison is on exact thousandths; nothing here knows how a mark is displayed."""

from enum import StrEnum

import msgspec

from exam_protocol.exam_config import PassRule, SubjectEffect, milli
from scoring.marks import exact_points_text
from scoring.subjects import STATUS_WORDS, SUBJECT_WORDS, Subject, SubjectScore, SubjectStatus

_S = SubjectStatus
_OPEN = frozenset({_S.PENDING, _S.RESIT})
_VIOLATIONS = frozenset({_S.VIOLATION, _S.VIOLATION_BOTH})


class Outcome(StrEnum):
    """结论. Where several hold the first in this order stands: void, pending, absent, fail."""

    PASS = "pass"  # noqa: S105 - an outcome, not a password
    FAIL = "fail"
    ABSENT = "absent"
    VOID = "void"
    PENDING = "pending"


OUTCOME_WORDS = {
    Outcome.PASS: "合格",
    Outcome.FAIL: "不合格",
    Outcome.ABSENT: "缺考",
    Outcome.VOID: "违纪无效",
    Outcome.PENDING: "待定",
}


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Both subjects after the pass rule's effects, the outcome, and its reason as a Chinese sentence."""

    know: SubjectScore
    do: SubjectScore
    outcome: Outcome
    reason: str

    @property
    def passed(self) -> bool:
        """Whether the candidate has passed."""
        return self.outcome is Outcome.PASS


def both_at_least_60(know: SubjectScore, do: SubjectScore, rule: PassRule) -> bool:
    """Whether both subjects have a mark and each reaches its line (60 points in the notice, § 五)."""
    return _reaches(know, rule.know_points) and _reaches(do, rule.do_points)


def decide(know: SubjectScore, do: SubjectScore, rule: PassRule) -> Decision:
    """Join the subjects: first what 违纪 or 缺考 in one does to the other, then the lines."""
    know, do = _with_effects(know, do, rule)
    statuses = {know.status, do.status}
    if statuses & _VIOLATIONS:
        outcome = Outcome.VOID
    elif statuses & _OPEN:
        outcome = Outcome.PENDING
    elif _S.ABSENT in statuses:
        outcome = Outcome.ABSENT
    else:
        outcome = Outcome.PASS if both_at_least_60(know, do, rule) else Outcome.FAIL
    reason = f"{_told(Subject.KNOW, know, rule.know_points)}；{_told(Subject.DO, do, rule.do_points)}。"
    return Decision(_plain(know), _plain(do), outcome, reason)


def _with_effects(know: SubjectScore, do: SubjectScore, rule: PassRule) -> tuple[SubjectScore, SubjectScore]:
    pair = (know, do)
    reaches_both = {_S.VIOLATION_BOTH}
    if rule.violation_affects is SubjectEffect.BOTH_SUBJECTS:
        reaches_both.add(_S.VIOLATION)
    if any(score.status in reaches_both for score in pair):
        # Who was absent did not break a rule in that subject: 缺考 stays what it is.
        know, do = (score if score.status is _S.ABSENT else SubjectScore(_S.VIOLATION_BOTH) for score in pair)
    elif rule.absence_affects is SubjectEffect.BOTH_SUBJECTS and any(score.status is _S.ABSENT for score in pair):
        know, do = (
            SubjectScore(_S.VOID) if score.status is _S.NORMAL or score.status in _OPEN else score for score in pair
        )
    return know, do


def _reaches(score: SubjectScore, points: str) -> bool:
    return score.milli is not None and score.milli >= milli(points)


def _told(subject: Subject, score: SubjectScore, points: str) -> str:
    name = SUBJECT_WORDS[subject]
    if score.milli is None:
        return f"{name}{STATUS_WORDS[score.status]}" + (f"（{score.words}）" if score.words else "")
    verb = "达到" if _reaches(score, points) else "未达到"
    return f"{name}{verb} {exact_points_text(milli(points))} 分"


def _plain(score: SubjectScore) -> SubjectScore:
    return SubjectScore(score.status, score.milli, score.words)
