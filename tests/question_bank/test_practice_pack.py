"""A practice pack holds its trade's and the public practice items, with keys, and no live item."""

import pytest
from bank_factories import DRIVER, ELECTRICIAN, make_bank_item, stored

from exam_protocol.canonical_json import decode, encode
from exam_protocol.errors import ConfigurationError
from question_bank.items import PUBLIC_SCOPE
from question_bank.practice_pack import PracticeLeakError, PracticePack, build_practice_pack

PRACTICE = stored(
    [
        make_bank_item("LX-DG-1"),
        make_bank_item("LX-QJ-1", scope=DRIVER),
        make_bank_item("LX-GG-1", scope=PUBLIC_SCOPE, right=(3,)),
    ]
)


def test_a_pack_holds_the_public_items_and_those_of_its_trade() -> None:
    pack = build_practice_pack(PRACTICE, [], ELECTRICIAN)

    assert [item.is_public for item in pack.items] == [True, False]
    assert pack.items[0].right == (3,)
    assert decode(encode(pack), PracticePack, max_bytes=1 << 20) == pack


def test_a_pack_says_that_it_is_not_prescribed() -> None:
    assert "不是指定教材" in build_practice_pack(PRACTICE, [], ELECTRICIAN).notice


def test_a_live_stem_in_a_pack_is_caught_whatever_its_options() -> None:
    live = stored([make_bank_item("DG-1", stem=PRACTICE[0].item.stem, options=("子", "丑", "寅"))], "live")

    with pytest.raises(PracticeLeakError, match="LX-DG-1（与正式题 DG-1 相同）"):
        build_practice_pack(PRACTICE, live, ELECTRICIAN)


@pytest.mark.parametrize("trade", ["06-099", "12-011"])
def test_a_trade_without_practice_items_is_refused(trade: str) -> None:
    with pytest.raises(ConfigurationError):
        build_practice_pack(PRACTICE, [], trade)
