"""应知: the score of one paper, as the sum of its marks."""

from exam_protocol.answer_key import AnswerKey
from exam_protocol.errors import KaopingError
from exam_protocol.event_chain import Responses
from exam_protocol.ids import Milli, PaperId
from scoring.answer_key_check import check_answer_key
from scoring.marking_rules import mark_response
from scoring.marks import Mark
from scoring.subjects import SubjectScore, SubjectStatus


class UnknownItemError(KaopingError):
    """A response is to an item that the answer key does not know: another paper's."""


class KnowScore(SubjectScore, frozen=True, kw_only=True):
    """应知 of one candidate: ``milli`` is the total; the two parts and every mark stand beside it.

    ``answered`` counts the items with at least one option chosen.
    """

    paper: PaperId
    public_milli: Milli
    trade_milli: Milli
    answered: int
    marks: tuple[Mark, ...]


def mark_paper(answer_key: AnswerKey, responses: Responses) -> KnowScore:
    """Mark the final responses of an attempt; an item without a response earns nothing.

    Raises ``AnswerKeyFaultyError``, ``UnknownItemError`` or ``UnknownOptionError``.
    """
    check_answer_key(answer_key)
    if not responses.last.keys() <= {item.item for item in answer_key.items}:
        raise UnknownItemError(
            "答卷里有这份标准答案没有的试题。", "请核对答卷包与标准答案是否属于同一份试卷；相符时交两人核查。"
        )
    marks, parts = [], {True: 0, False: 0}
    for item in answer_key.items:
        answer = responses.last.get(item.item)
        picked = frozenset(answer.options) if answer else frozenset()
        milli = mark_response(item, picked)
        parts[item.is_public] += milli
        marks.append(Mark(item.item, item.number, tuple(o for o in item.options if o in picked), milli))
    return KnowScore(
        SubjectStatus.NORMAL,
        Milli(parts[True] + parts[False]),
        paper=answer_key.paper,
        public_milli=Milli(parts[True]),
        trade_milli=Milli(parts[False]),
        answered=sum(bool(mark.chosen) for mark in marks),
        marks=tuple(marks),
    )
