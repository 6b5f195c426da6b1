"""The paper as one candidate sees it: items numbered from 1 in their own order, options lettered in theirs."""

import base64

import msgspec

from exam_protocol.display_order import shown_items, shown_options
from exam_protocol.ids import ItemId, OptionId
from exam_protocol.paper import Item, ItemType, Paper

_LETTERS = "ABCDEFGHIJKLMNOP"


class ShownOption(msgspec.Struct, frozen=True):
    """An option under the letter this candidate sees."""

    id: OptionId
    letter: str
    text: str


class ShownItem(msgspec.Struct, frozen=True):
    """An item at its place in this candidate's paper; ``item`` keeps the canonical order of the options."""

    number: int
    item: Item
    options: tuple[ShownOption, ...]

    def canonical(self, chosen: frozenset[OptionId]) -> tuple[OptionId, ...]:
        """Put chosen options in canonical order (ids of other items fall away: compare the lengths)."""
        return tuple(option.id for option in self.item.options if option.id in chosen)

    def figure_url(self) -> str | None:
        """Return the figure as a data URL, or ``None``."""
        figure = self.item.figure
        if figure is None:
            return None
        return f"data:{figure.media_type};base64,{base64.b64encode(figure.content).decode()}"


class ShownSection(msgspec.Struct, frozen=True):
    """大题 with the numbers of its items and the marking rule in words."""

    title: str
    type: ItemType
    text: str
    numbers: tuple[int, ...]


class ShownPaper(msgspec.Struct, frozen=True):
    """All items in this candidate's order; item number n stands at ``items[n - 1]``."""

    title: str
    items: tuple[ShownItem, ...]
    sections: tuple[ShownSection, ...]

    @classmethod
    def of(cls, paper: Paper, order_seed: int) -> "ShownPaper":
        """Arrange a paper by the candidate's seed."""
        canonical = {item.id: (place, item) for place, item in enumerate(paper.items())}
        items = []
        for number, item_id in enumerate(shown_items(paper, order_seed), start=1):
            place, item = canonical[item_id]
            texts = {option.id: option.text for option in item.options}
            order = shown_options(item, place, order_seed)
            options = tuple(
                ShownOption(option, letter, texts[option]) for option, letter in zip(order, _LETTERS, strict=False)
            )
            items.append(ShownItem(number, item, options))
        numbers: dict[ItemId, int] = {shown.item.id: shown.number for shown in items}
        sections = tuple(
            ShownSection(
                section.title,
                section.type,
                section.rule.text_for_candidates,
                tuple(sorted(numbers[item.id] for item in section.items)),
            )
            for section in paper.sections
        )
        return cls(paper.title, tuple(items), sections)
