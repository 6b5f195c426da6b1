"""The code that a candidate and a proctor compare."""

import re

from hypothesis import given
from hypothesis import strategies as st

from exam_protocol.receipt_code import receipt_code


def test_a_receipts_code_is_pinned() -> None:
    assert receipt_code(b"") == "WERC-8GMR-ZGE1-96QV"


@given(st.binary())
def test_a_code_is_four_groups_without_letters_that_look_alike(receipt: bytes) -> None:
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}", receipt_code(receipt))


@given(st.binary(min_size=1), st.data())
def test_another_receipt_has_another_code(receipt: bytes, data: st.DataObject) -> None:
    bit = data.draw(st.integers(0, len(receipt) * 8 - 1))
    changed = bytearray(receipt)
    changed[bit // 8] ^= 1 << bit % 8

    assert receipt_code(bytes(changed)) != receipt_code(receipt)
