"""The order in which one candidate sees items and options: fixed by a seed, the same on every machine."""

import hashlib

from exam_protocol.ids import ItemId, OptionId
from exam_protocol.paper import Item, ItemType, Paper


def _rank(seed: int, *place: int) -> bytes:
    # Ranks come from canonical positions, never from ids: ids are random anew for each sealing, the order must not be.
    return hashlib.sha256(f"kaoping display-order/1 {seed} {place}".encode()).digest()


def shown_items(paper: Paper, seed: int) -> tuple[ItemId, ...]:
    """All items in the candidate's order: sections stay in their order, items are shuffled within each."""
    shown: list[ItemId] = []
    for section_no, section in enumerate(paper.sections):
        numbered = sorted(enumerate(section.items), key=lambda pair: _rank(seed, section_no, pair[0]))
        shown.extend(item.id for _, item in numbered)
    return tuple(shown)


def shown_options(item: Item, number: int, seed: int) -> tuple[OptionId, ...]:
    """Options of the item with this canonical number (from 0 over the whole paper) in the candidate's order.

    正确/错误 keep their order, as every candidate expects.
    """
    if item.type is ItemType.TRUE_FALSE:
        return tuple(option.id for option in item.options)
    numbered = sorted(enumerate(item.options), key=lambda pair: _rank(seed, -1, number, pair[0]))
    return tuple(option.id for _, option in numbered)
