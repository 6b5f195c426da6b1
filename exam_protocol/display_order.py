"""The order in which one candidate sees items and options: fixed by a seed, the same on every machine."""

import hashlib
import struct

from exam_protocol.ids import ItemId, OptionId
from exam_protocol.paper import Item, ItemType, Paper

_RANK_BYTES = 8


def _order(count: int, seed: int, *place: int) -> list[int]:
    """Shuffle the positions 0…count-1 of this place: each gets a rank of 8 bytes, all from one hash.

    Ranks come from canonical positions, never from ids: ids are random anew for each sealing, the order must not be.
    """
    hashed = hashlib.shake_256(f"kaoping display-order/1 {seed} {place}".encode()).digest(_RANK_BYTES * count)
    ranks = struct.unpack(f">{count}Q", hashed)
    return sorted(range(count), key=ranks.__getitem__)


def shown_items(paper: Paper, seed: int) -> tuple[ItemId, ...]:
    """All items in the candidate's order: sections stay in their order, items are shuffled within each."""
    shown: list[ItemId] = []
    for section_no, section in enumerate(paper.sections):
        shown.extend(section.items[position].id for position in _order(len(section.items), seed, section_no))
    return tuple(shown)


def shown_options(item: Item, number: int, seed: int) -> tuple[OptionId, ...]:
    """Options of the item with this canonical number (from 0 over the whole paper) in the candidate's order.

    正确/错误 keep their order, as every candidate expects.
    """
    if item.type is ItemType.TRUE_FALSE:
        return tuple(option.id for option in item.options)
    return tuple(item.options[position].id for position in _order(len(item.options), seed, -1, number))
