"""When two items are the same, and when the same item has two different keys.

Equal means: equal stem and picture, and an equal *set* of option texts, after width, spaces, punctuation and numbering
are left out. Keys are compared as texts of the right options, never as letters: the same item with its options in
another order is a duplicate, not a contradiction (BANK-AND-SCORING §1 A3). Equal stems with other options are legal.
"""

import hashlib
import re
import unicodedata

import msgspec

from question_bank.figures import picture_digest
from question_bank.items import BankItem

_NUMBERING = re.compile(r"^\d{1,4}[、.)](?!\d)")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[^\w\s](?=\d)")
_MEANINGFUL = frozenset("%‰#/&*@-")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


class ItemIdentity(msgspec.Struct, frozen=True):
    """By what an item is recognised, its key left out: ``stem`` (with its picture), ``content`` (and its options)."""

    stem: str
    content: str


def plain(text: str) -> str:
    """Reduce a text to what makes it this text.

    Full-width letters become half-width; spaces, blanks to fill and punctuation go, but not between digits, where they
    tell 1.5 from 15. Superscripts and signs such as < stay: they carry meaning.
    """
    text = unicodedata.normalize("NFC", text).translate(_FULL_WIDTH).casefold()
    text = _NUMBERING.sub("", "".join(text.split()))
    kept = {match.start() for match in _BETWEEN_DIGITS.finditer(text)}
    return "".join(
        letter
        for at, letter in enumerate(text)
        if at in kept or letter in _MEANINGFUL or not unicodedata.category(letter).startswith(("P", "Z"))
    )


def identity(item: BankItem) -> ItemIdentity:
    """Return by what this item is recognised; digests, so that the bank can keep them in an index."""
    stem = plain(item.stem)
    if item.figure is not None:
        stem += "\n" + picture_digest(item.figure)
    options = [_plain_option(text) for text in item.options]
    content = "\n".join((stem, item.type, *sorted(options)))
    return ItemIdentity(_digest(stem), _digest(content))


def right_texts(item: BankItem) -> frozenset[str]:
    """Return the key as a set of texts, to compare the keys of two items of equal content."""
    return frozenset(_plain_option(item.options[place]) for place in item.right)


def _plain_option(text: str) -> str:
    # Options may consist of nothing but signs (<, ≥, …) or differ by case (mA, MA): only width and spaces go.
    return "".join(unicodedata.normalize("NFC", text).translate(_FULL_WIDTH).split())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
