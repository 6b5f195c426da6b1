"""One value, one encoding: what is signed, chained or acknowledged is the bytes that were read (ARCHITECTURE §5.1)."""

from typing import Any, TypeVar

import msgspec

from exam_protocol.errors import MalformedMessageError, NotCanonicalError, TooLargeError

T = TypeVar("T")


def encode(value: msgspec.Struct) -> bytes:
    """Encode a struct as the only JSON accepted for it: fields in the order of the class, no white space."""
    return msgspec.json.encode(value)


def decode(data: bytes, expected: type[T], *, max_bytes: int) -> T:
    """Decode strictly.

    The encoder runs again over the result, because msgspec alone accepts duplicate keys and any field order; two
    readers of the same signed bytes could then disagree.
    Raises ``TooLargeError``, ``MalformedMessageError`` or ``NotCanonicalError``.
    """
    if len(data) > max_bytes:
        raise TooLargeError(f"数据有 {len(data)} 字节，超过上限 {max_bytes} 字节。", "请检查来源，重新取得文件。")
    try:
        value = _decoder(expected).decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as broken:
        raise MalformedMessageError(f"数据格式不对：{broken}。", "请检查版本是否一致，重新取得文件。") from broken
    if msgspec.json.encode(value) != data:
        raise NotCanonicalError("数据不是规范写法，可能被改动过。", "请重新取得原始文件。")
    return value


_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}


def _decoder(expected: type[T]) -> "msgspec.json.Decoder[T]":
    # Building a decoder costs a hundred times more than using one; answers arrive by the thousand a second.
    if expected not in _decoders:
        _decoders[expected] = msgspec.json.Decoder(expected)
    return _decoders[expected]
