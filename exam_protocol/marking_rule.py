"""How a response earns marks: frozen in the sealed paper, because the rule decides who passes."""

from enum import StrEnum

import msgspec

from exam_protocol.ids import Milli


class MarkingKind(StrEnum):
    """What "少选" earns; a wrong option always earns nothing."""

    ALL_OR_NOTHING = "all_or_nothing"
    """Full marks for exactly the right set, else 0."""
    SUBSET_FIXED = "subset_fixed"
    """A non-empty pure subset of the right set earns the fixed ``partial``."""
    SUBSET_PER_OPTION = "subset_per_option"
    """A pure subset earns ``partial`` for each right option chosen, at most the item's marks."""
    SUBSET_PROPORTIONAL = "subset_proportional"
    """A pure subset earns the item's marks × chosen ÷ right, rounded down to a thousandth of a point."""


class MarkingRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rule of one section, in thousandths of a point, and the sentence that candidates read."""

    kind: MarkingKind
    text_for_candidates: str
    partial: Milli = Milli(0)
