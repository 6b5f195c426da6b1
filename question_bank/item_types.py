"""The three item types of the notice: what each needs to be answerable, and how its key is written."""

import re
import unicodedata

import msgspec

from exam_protocol.paper import ItemType
from question_bank.items import TRUE_FALSE_OPTIONS, TYPE_WORDS, option_letter

MAX_OPTIONS = 6
_FEWEST_OPTIONS = {ItemType.SINGLE: 3, ItemType.MULTIPLE: 3}
_SEPARATORS = re.compile(r"[\s,、，;；.．/]")
_TYPE_NAMES = {
    **{words: kind for kind, words in TYPE_WORDS.items()},
    "单选": ItemType.SINGLE,
    "单项选择题": ItemType.SINGLE,
    "多选": ItemType.MULTIPLE,
    "多项选择题": ItemType.MULTIPLE,
    "判断": ItemType.TRUE_FALSE,
    "是非题": ItemType.TRUE_FALSE,
}
_TRUE_WORDS = frozenset({"对", "正确", "√", "✓", "T", "TRUE", "是"})
_FALSE_WORDS = frozenset({"错", "错误", "×", "✗", "X", "F", "FALSE", "否"})


class TypeFault(msgspec.Struct, frozen=True):
    """What a row's columns say that its item type does not allow."""

    column: str
    what: str
    do: str


class Choices(msgspec.Struct, frozen=True):
    """The options of an item and the positions of the right ones."""

    options: tuple[str, ...]
    right: tuple[int, ...]


def read_type(text: str) -> ItemType | None:
    """Return the item type that a Chinese name means, or ``None``."""
    return _TYPE_NAMES.get(text)


def read_choices(kind: ItemType, options: tuple[str, ...], answer: str) -> tuple[Choices | None, list[TypeFault]]:
    """Check options and key as written in a row (option cells A to F, trailing ones empty).

    Returns the choices, or ``None`` with all faults.
    """
    if kind is ItemType.TRUE_FALSE:
        return _read_true_false(options, answer)
    given = _without_empty_tail(options)
    faults = _option_faults(kind, given)
    right, answer_faults = _read_letters(kind, given, answer)
    faults += answer_faults
    return (None, faults) if faults else (Choices(given, right), [])


def _read_true_false(options: tuple[str, ...], answer: str) -> tuple[Choices | None, list[TypeFault]]:
    faults = []
    given = _without_empty_tail(options)
    if given and given != TRUE_FALSE_OPTIONS:
        faults.append(TypeFault("选项A", "判断题不填选项。", "请清空选项，答案写“对”或“错”。"))
    word = unicodedata.normalize("NFKC", answer).upper()
    is_true = word in _TRUE_WORDS
    if not is_true and word not in _FALSE_WORDS:
        faults.append(TypeFault("答案", f"判断题的答案写成了“{answer}”。", "请写“对”或“错”。"))
    return (None, faults) if faults else (Choices(TRUE_FALSE_OPTIONS, (0,) if is_true else (1,)), [])


def _without_empty_tail(options: tuple[str, ...]) -> tuple[str, ...]:
    count = len(options)
    while count and not options[count - 1]:
        count -= 1
    return options[:count]


def _option_faults(kind: ItemType, options: tuple[str, ...]) -> list[TypeFault]:
    faults = []
    if len(options) < _FEWEST_OPTIONS[kind]:
        faults.append(
            TypeFault(
                "选项A",
                f"{TYPE_WORDS[kind]}只有 {len(options)} 个选项。",
                f"请补足，至少 {_FEWEST_OPTIONS[kind]} 个。",
            )
        )
    seen: dict[str, int] = {}
    for place, text in enumerate(options):
        column = f"选项{option_letter(place)}"
        if not text:
            faults.append(TypeFault(column, "中间的选项是空的。", "请补上，或把后面的选项前移。"))
            continue
        # Letter case and superscripts carry meaning in options (mA and MA), so only spaces are left out here.
        twin = seen.setdefault("".join(text.split()), place)
        if twin != place:
            faults.append(TypeFault(column, f"与选项{option_letter(twin)}相同。", "请改正其中一个。"))
    return faults


def _read_letters(kind: ItemType, options: tuple[str, ...], answer: str) -> tuple[tuple[int, ...], list[TypeFault]]:
    letters = _SEPARATORS.sub("", unicodedata.normalize("NFKC", answer)).upper()
    allowed = [option_letter(place) for place in range(len(options))]
    strangers = [letter for letter in letters if letter not in allowed]
    if not letters or strangers:
        shown = "、".join(strangers) or answer
        return (), [TypeFault("答案", f"答案“{shown}”不在选项之中。", f"请写选项字母：{'、'.join(allowed)}。")]
    if len(set(letters)) != len(letters):
        return (), [TypeFault("答案", f"答案“{answer}”里有重复的字母。", "请改正。")]
    if kind is ItemType.SINGLE and len(letters) != 1:
        return (), [TypeFault("答案", f"单选题有 {len(letters)} 个答案。", "请只写一个，或把题型改为多选题。")]
    if kind is ItemType.MULTIPLE and len(letters) == 1:
        return (), [TypeFault("答案", "多选题只有一个答案。", "请补全（至少两个），或把题型改为单选题。")]
    return tuple(sorted(allowed.index(letter) for letter in letters)), []
