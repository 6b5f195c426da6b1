"""Plausible items, pools and workbooks of the bank, for tests."""

import io
from collections.abc import Iterator, Sequence

from PIL import Image

from exam_protocol.paper import Figure, ItemType
from question_bank.duplicates import identity
from question_bank.items import PUBLIC_SCOPE, TRUE_FALSE_OPTIONS, BankItem
from question_bank.store import StoredItem

ELECTRICIAN, DRIVER = "06-008", "10-001"


def make_picture(shade: int = 128, kind: str = "PNG") -> bytes:
    """Make a small grey picture."""
    file = io.BytesIO()
    Image.new("L", (60, 40), shade).save(file, kind)
    return file.getvalue()


def make_figure(shade: int = 128) -> Figure:
    """Make a figure with words."""
    return Figure("image/png", make_picture(shade), "灰色的长方形")


def make_bank_item(bank_no: str = "DG-001", kind: ItemType = ItemType.SINGLE, **changes: object) -> BankItem:
    """Make an item whose stem tells its number."""
    plain: dict[str, object] = {
        "scope": ELECTRICIAN,
        "stem": f"关于第 {bank_no} 题的说法，正确的是（　　）。",
        "options": TRUE_FALSE_OPTIONS if kind is ItemType.TRUE_FALSE else ("甲", "乙", "丙", "丁"),
        "right": (0, 2) if kind is ItemType.MULTIPLE else (0,),
        "difficulty": 3,
        "point": "安全用电",
        "source": "自编：依据安全用电通用知识",
        "explanation": "甲的说法符合安全规程。",
        "figure": None,
    }
    return BankItem(bank_no=bank_no, type=kind, **{**plain, **changes})


def make_scope(scope: str, singles: int = 40, multiples: int = 20, true_falses: int = 20) -> Iterator[BankItem]:
    """Make a scope's worth of items: positions, difficulties and points evenly spread."""
    number = 0
    for kind, count in (
        (ItemType.SINGLE, singles),
        (ItemType.MULTIPLE, multiples),
        (ItemType.TRUE_FALSE, true_falses),
    ):
        for place in range(count):
            number += 1
            right = {
                ItemType.SINGLE: (place % 4,),
                ItemType.MULTIPLE: (0, 1, 2, 3) if place % 10 == 0 else (place % 3, 3),
                ItemType.TRUE_FALSE: (place % 2,),
            }[kind]
            yield make_bank_item(
                f"{'GG' if scope == PUBLIC_SCOPE else scope}-{number:03}",
                kind,
                scope=scope,
                right=right,
                difficulty=place % 5 + 1,
                point=f"知识点 {place % 8}",
            )


def stored(items: Sequence[BankItem], id_prefix: str = "x") -> list[StoredItem]:
    """Give items ids, as the bank would."""
    return [
        StoredItem(
            f"{id_prefix}-{item.bank_no}",
            tuple(f"{id_prefix}-{item.bank_no}-{place}" for place in range(len(item.options))),
            item,
            identity(item).stem,
        )
        for item in items
    ]


def make_pool(trades: Sequence[str] = (ELECTRICIAN, DRIVER), id_prefix: str = "x") -> list[StoredItem]:
    """Make a live pool from which the example blueprint can be met."""
    return stored([item for scope in (PUBLIC_SCOPE, *trades) for item in make_scope(scope)], id_prefix)


def make_row(**changes: str | int) -> dict[str, str | int]:
    """Make the cells of a faultless row of an item workbook."""
    return {
        "编号": "DG-001",
        "范围": ELECTRICIAN,
        "题型": "单选题",
        "题干": "我国规定的工频是（　　）。",
        "选项A": "50 Hz",
        "选项B": "60 Hz",
        "选项C": "100 Hz",
        "选项D": "400 Hz",
        "答案": "A",
        "难度": 1,
        "知识点": "交流电",
        "来源": "自编：依据电工通用知识",
        "解析": "我国电网的标准频率是 50 赫兹。",
        **changes,
    }
