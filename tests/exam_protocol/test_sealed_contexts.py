"""A seal that is moved to another exam, session, server, paper, version, purpose or device does not open."""

import inspect
from collections.abc import Callable

import pytest
from factories import make_paper

from exam_protocol.envelope import encrypt
from exam_protocol.errors import SealBrokenError
from exam_protocol.exchange import answers_context, release_context, roster_context
from exam_protocol.sealed_paper import (
    device_context,
    key_file_context,
    open_paper,
    opening_keys_context,
    paper_context,
    seal_paper,
)

CONTEXTS = [
    answers_context,
    device_context,
    key_file_context,
    opening_keys_context,
    paper_context,
    release_context,
    roster_context,
]


@pytest.mark.parametrize("context", CONTEXTS, ids=lambda context: context.__name__)
def test_every_part_of_a_context_counts(context: Callable[..., str]) -> None:
    names = list(inspect.signature(context).parameters)
    whole = {name: f"{name}-1" for name in names}

    changed = {context(**{**whole, name: f"{name}-2"}) for name in names}

    assert len(changed | {context(**whole)}) == len(names) + 1


def test_no_two_kinds_of_seal_share_a_context() -> None:
    made = [context(*["x"] * len(inspect.signature(context).parameters)) for context in CONTEXTS]

    assert len({text.split()[1] for text in made}) == len(CONTEXTS)


def test_what_is_no_sealed_paper_does_not_open() -> None:
    with pytest.raises(SealBrokenError):
        open_paper(encrypt(b"not padded", b"k" * 32, "c"), b"k" * 32, "c")


def test_a_paper_opens_only_with_its_key_in_its_context() -> None:

    paper = make_paper()
    sealed = seal_paper(paper, b"k" * 32, "c")

    assert open_paper(sealed, b"k" * 32, "c") == paper
    with pytest.raises(SealBrokenError):
        open_paper(sealed, b"k" * 32, "d")
    with pytest.raises(SealBrokenError):
        open_paper(sealed, b"l" * 32, "c")
