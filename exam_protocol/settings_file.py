"""Settings in TOML as a person writes them: read strictly, and a slip of the pen told in Chinese with its place."""

import codecs
import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from exam_protocol.errors import ConfigurationError

StructT = TypeVar("StructT", bound=msgspec.Struct)
_PLACE = r"(?: - at `\$(?P<place>[^`]*)`)?"
_MISSING = re.compile(rf"Object missing required field `(?P<name>[^`]*)`{_PLACE}")
_UNKNOWN = re.compile(rf"Object contains unknown field `(?P<name>[^`]*)`{_PLACE}")
_KIND = re.compile(rf"Expected `(?P<wanted>\w+)[^`]*`, got `(?P<got>\w+)[^`]*`{_PLACE}")
_BOUND = re.compile(rf"Expected `\w+` (?P<bound>[<>]=?) (?P<limit>[\d.]+){_PLACE}")
_CHOICE = re.compile(rf"Invalid enum value (?P<value>.*?){_PLACE}")
_LINE = re.compile(r".*\(at line (?P<line>\d+), column (?P<column>\d+)\)", re.DOTALL)
_KINDS = {"int": "整数", "float": "数", "str": "带引号的文字", "bool": "true 或 false", "object": "表", "array": "列表"}
_BOUNDS = {">=": "不小于", ">": "大于", "<=": "不大于", "<": "小于"}


def read_settings(path: Path, kind: type[StructT], name: str, example: str) -> StructT:
    """Read a file of settings; UTF-8 with or without the mark of Windows.

    ``name`` says what the file is, ``example`` where a right one is. Raises ``ConfigurationError`` naming the file.
    """
    try:
        content = path.read_bytes().removeprefix(codecs.BOM_UTF8)
        return msgspec.toml.decode(content, type=kind)
    except FileNotFoundError as missing:
        raise ConfigurationError(f"找不到{name} {path}。", "请检查路径。") from missing
    except UnicodeDecodeError as broken:
        raise ConfigurationError(f"{name} {path} 不是 UTF-8 编码的文本。", "请用编辑器另存为 UTF-8。") from broken
    except msgspec.DecodeError as broken:
        raise ConfigurationError(
            f"{name} {path} 有误：{_in_words(str(broken))}。", f"请对照 {example} 改正。"
        ) from broken


def _in_words(told: str) -> str:
    for pattern, words in _WORDS.items():
        if found := pattern.fullmatch(told):
            return words(found)
    return told


def _table(place: str | None) -> str:
    names = (place or "").replace("[...]", "").strip(".")
    return f"[{names}] " if names else ""


def _setting(place: str | None) -> str:
    table, _, name = (place or "").replace("[...]", "").rpartition(".")
    return f"{_table(table)}{name} "


def _of_kind(found: re.Match[str]) -> str:
    wanted, got = (_KINDS.get(found[side], found[side]) for side in ("wanted", "got"))
    return f"{_setting(found['place'])}应为{wanted}，写的是{got}"


_WORDS: dict[re.Pattern[str], Callable[[re.Match[str]], str]] = {
    _MISSING: lambda found: f"{_table(found['place'])}缺少设置 {found['name']}",
    _UNKNOWN: lambda found: f"{_table(found['place'])}有不认识的设置 {found['name']}",
    _KIND: _of_kind,
    _BOUND: lambda found: f"{_setting(found['place'])}应{_BOUNDS[found['bound']]} {found['limit']}",
    _CHOICE: lambda found: f"{_setting(found['place'])}没有 {found['value']} 这种写法",
    _LINE: lambda found: f"第 {found['line']} 行第 {found['column']} 列的写法不对",
}
