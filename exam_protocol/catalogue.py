"""The 149 trades and 13 exam zones of the notice, as data (冀人社字〔2024〕146号 附件1 附件2)."""

import csv
import functools
from importlib import resources

import msgspec

from exam_protocol.ids import TradeCode


class Trade(msgspec.Struct, frozen=True):
    """工种.

    ``trade_name`` is as printed, and official; ``corrected_name`` stands beside it where the print has a slip.
    """

    trade_code: TradeCode
    industry: str
    trade_name: str
    corrected_name: str
    notice_no: int


class Zone(msgspec.Struct, frozen=True):
    """考区, with the institution that runs it. ``institution_no`` is 02–14; 01 is the province's own centre."""

    zone_code: str
    zone_name: str
    institution_no: str
    institution: str
    phone: str
    address: str


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("exam_protocol").joinpath("tables", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@functools.cache
def trades() -> dict[TradeCode, Trade]:
    """All trades by code, in the notice's order."""
    return {
        TradeCode(row["trade_code"]): Trade(
            TradeCode(row["trade_code"]),
            row["industry"],
            row["trade_name"],
            row["corrected_name"],
            int(row["notice_no"]),
        )
        for row in _rows("trades.csv")
    }


@functools.cache
def zones() -> dict[str, Zone]:
    """All zones by zone code (``SJZ`` …), in the notice's order."""
    return {row["zone_code"]: Zone(**row) for row in _rows("zones.csv")}


def trade_words(code: TradeCode) -> str:
    """Name a trade as people read it: ``电工 06-008``; an unknown code stands for itself."""
    trade = trades().get(code)
    return f"{trade.trade_name} {code}" if trade else code
