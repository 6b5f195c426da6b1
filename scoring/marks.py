"""A mark is a whole number of thousandths of a point; this is how one is kept, and how one is shown.

What is shown is cut off, never rounded up: 59.96 with one decimal reads 59.9, because 60.0 beside 不合格 would be a lie
(BANK-AND-SCORING §6.2).
"""

import msgspec

from exam_protocol.ids import ItemId, Milli, OptionId

_MILLI_PER_POINT = 1000
_MOST_DECIMALS = 3


class Mark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """评分: what one response earned, in thousandths of a point.

    ``chosen`` is in the answer key's canonical order of options; empty means that the item was left blank.
    """

    item: ItemId
    number: int
    chosen: tuple[OptionId, ...]
    milli: Milli


def points_text(milli: Milli, decimals: int) -> str:
    """Show a mark in points with so many decimals (0–3), cut off: (59960, 1) → "59.9", (60000, 0) → "60".

    A negative mark or number of decimals is a programming error (``ValueError``): no rule of this system gives one.
    """
    if milli < 0 or not 0 <= decimals <= _MOST_DECIMALS:
        raise ValueError((milli, decimals))
    whole, thousandths = divmod(milli, _MILLI_PER_POINT)
    fraction = f"{thousandths:03d}"[:decimals]
    return f"{whole}.{fraction}" if fraction else str(whole)


def exact_points_text(milli: Milli) -> str:
    """Show a mark exactly, without trailing zeros: 60000 → "60", 1500 → "1.5", 59960 → "59.96"."""
    return points_text(milli, _MOST_DECIMALS).rstrip("0").rstrip(".")
