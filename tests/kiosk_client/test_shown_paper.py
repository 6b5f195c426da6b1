"""Each candidate has their own order, the same on every machine, and loses nothing by it."""

import base64

from factories import make_paper
from hypothesis import given
from hypothesis import strategies as st

from exam_protocol.ids import OptionId
from exam_protocol.paper import Figure, ItemType
from kiosk_client.shown_paper import ShownItem, ShownPaper

PAPER = make_paper(singles=6, multiples=4, true_falses=3)


@given(st.integers(0, 2**31))
def test_law_a_shown_paper_is_a_permutation_within_sections_and_options(seed: int) -> None:
    shown = ShownPaper.of(PAPER, seed)
    assert [item.number for item in shown.items] == list(range(1, 14))
    assert {item.item.id for item in shown.items} == {item.id for item in PAPER.items()}
    assert [section.numbers for section in shown.sections] == [(1, 2, 3, 4, 5, 6), (7, 8, 9, 10), (11, 12, 13)]
    for item in shown.items:
        assert {option.id for option in item.options} == {option.id for option in item.item.options}
    assert ShownPaper.of(PAPER, seed) == shown


def test_right_and_wrong_keep_their_places() -> None:
    shown = ShownPaper.of(PAPER, 9)
    true_false = [item for item in shown.items if item.item.type is ItemType.TRUE_FALSE]
    assert {tuple(option.text for option in item.options) for item in true_false} == {("正确", "错误")}


def test_chosen_options_are_told_in_canonical_order_and_strangers_fall_away() -> None:
    item = ShownPaper.of(PAPER, 3).items[6]
    chosen = frozenset((item.item.options[2].id, item.item.options[0].id, OptionId("stranger")))
    assert item.canonical(chosen) == (item.item.options[0].id, item.item.options[2].id)


def test_a_figure_travels_to_the_page_as_its_own_bytes() -> None:
    plain = ShownPaper.of(PAPER, 3).items[0]
    figure = Figure("image/png", b"\x89PNG figure", "电路图")
    item = type(plain.item)(plain.item.id, plain.item.type, plain.item.stem, plain.item.options, figure)
    url = ShownItem(1, item, plain.options).figure_url()
    assert url is not None
    assert base64.b64decode(url.removeprefix("data:image/png;base64,")) == figure.content
    assert plain.figure_url() is None
