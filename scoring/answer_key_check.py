"""An answer key must make sense before anybody is marked by it: all its faults are told at once."""

from collections.abc import Iterator

from exam_protocol.answer_key import ANSWER_KEY_FORMAT, AnswerKey, ItemAnswer
from exam_protocol.errors import KaopingError
from exam_protocol.paper import ItemType


class AnswerKeyFaultyError(KaopingError):
    """The answer key contradicts itself; nobody can be marked by it."""


def check_answer_key(answer_key: AnswerKey) -> AnswerKey:
    """Return the answer key as it is, or raise ``AnswerKeyFaultyError`` that names every fault."""
    faults = [*_faults_of_the_whole(answer_key)]
    for item in answer_key.items:
        faults += (f"第 {item.number} 题（{item.bank_no}）{fault}" for fault in _faults_of(item))
    if faults:
        raise AnswerKeyFaultyError(
            f"工种 {answer_key.trade} 的标准答案有误：{'；'.join(faults)}。", "不能判分，请命题人员核对后重新密封。"
        )
    return answer_key


def _faults_of_the_whole(answer_key: AnswerKey) -> Iterator[str]:
    items = answer_key.items
    if answer_key.format != ANSWER_KEY_FORMAT:
        yield f"格式是“{answer_key.format}”，应为“{ANSWER_KEY_FORMAT}”"
    if len({item.item for item in items}) != len(items):
        yield "同一试题出现两次"
    if [item.number for item in items] != list(range(1, len(items) + 1)):
        yield "题号不是从 1 起连续"
    if sum(item.milli for item in items) != answer_key.total_milli:
        yield "各题分值之和与总分不符"


def _faults_of(item: ItemAnswer) -> Iterator[str]:
    options, right = set(item.options), set(item.right)
    if len(options) != len(item.options) or len(right) != len(item.right):
        yield "有重复的选项"
    if not right:
        yield "没有正确选项"
    if not right <= options:
        yield "正确选项不在选项之中"
    if item.type is not ItemType.MULTIPLE and len(right) > 1:
        yield "不是多选题，却有多个正确选项"
    if item.milli <= 0:
        yield "分值不是正数"
    if not 0 <= item.rule.partial <= item.milli:
        yield "少选的得分不在 0 与该题分值之间"
