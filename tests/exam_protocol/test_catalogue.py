"""The notice's trades and zones, as data."""

import re
from collections import Counter

from exam_protocol.catalogue import trades, zones


def test_there_are_149_trades_in_16_industries() -> None:
    assert len(trades()) == 149
    assert len({trade.industry for trade in trades().values()}) == 16


def test_every_trade_code_has_its_form_and_name() -> None:
    assert all(re.fullmatch(r"\d{2}-\d{3}", code) and trade.trade_name for code, trade in trades().items())


def test_no_two_trades_share_a_name_within_an_industry() -> None:
    names = Counter((trade.industry, trade.trade_name) for trade in trades().values())

    assert max(names.values()) == 1


def test_the_misprinted_asphalt_trade_keeps_its_printed_name_beside_the_right_one() -> None:
    trade = trades()["10-010"]  # type: ignore[index]  # a plain string is a trade code

    assert (trade.trade_name, trade.corrected_name) == ("沥清混凝土搅和设备操作工", "沥青混凝土搅拌设备操作工")


def test_the_code_that_the_notice_left_out_is_supplied() -> None:
    assert trades()["12-001"].trade_name == "体育场地工"  # type: ignore[index]  # a plain string is a trade code


def test_there_are_13_zones_with_institutions_02_to_14() -> None:
    assert [zone.institution_no for zone in zones().values()] == [f"{number:02}" for number in range(2, 15)]


def test_the_example_trades_are_in_the_catalogue() -> None:
    names = [trades()[code].trade_name for code in ("06-008", "10-001", "12-011", "06-011")]  # type: ignore[index]  # plain strings are trade codes

    assert names == ["电工", "汽车驾驶员", "中式烹调师", "计算机操作员"]
