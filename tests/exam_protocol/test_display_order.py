"""A candidate's order is a permutation, fixed by the seed, whatever the ids."""

import msgspec
from factories import make_item, make_paper
from hypothesis import given
from hypothesis import strategies as st

from exam_protocol.display_order import shown_items, shown_options
from exam_protocol.ids import ItemId, OptionId
from exam_protocol.paper import ItemType, Option, Paper

SEEDS = st.integers(0, 2**63 - 1)


@given(SEEDS)
def test_every_item_is_shown_exactly_once_in_its_own_section(seed: int) -> None:
    paper = make_paper(5, 4, 3)

    shown = shown_items(paper, seed)

    assert sorted(shown[:5]) == sorted(item.id for item in paper.sections[0].items)
    assert sorted(shown[5:9]) == sorted(item.id for item in paper.sections[1].items)
    assert sorted(shown[9:]) == sorted(item.id for item in paper.sections[2].items)


@given(SEEDS, st.integers(0, 200), st.integers(2, 6))
def test_every_option_is_shown_exactly_once(seed: int, number: int, options: int) -> None:
    item = make_item(kind=ItemType.MULTIPLE, options=options)

    assert sorted(shown_options(item, number, seed)) == sorted(option.id for option in item.options)


@given(SEEDS, st.integers(0, 200))
def test_true_and_false_keep_their_order(seed: int, number: int) -> None:
    item = make_item(kind=ItemType.TRUE_FALSE)

    assert shown_options(item, number, seed) == tuple(option.id for option in item.options)


@given(SEEDS)
def test_the_same_seed_gives_the_same_order_on_every_machine(seed: int) -> None:
    assert shown_items(make_paper(9, 9, 9), seed) == shown_items(make_paper(9, 9, 9), seed)


@given(SEEDS)
def test_a_paper_sealed_anew_with_other_ids_keeps_the_order(seed: int) -> None:
    paper, renamed = make_paper(9, 5, 3), _with_other_ids(make_paper(9, 5, 3))

    places = [_place(paper, item) for item in shown_items(paper, seed)]
    places_renamed = [_place(renamed, item) for item in shown_items(renamed, seed)]

    assert places == places_renamed


def test_one_order_is_pinned_for_ever() -> None:
    # A kiosk of one release and a zone of the next must show the same; this may change only with the format's version.
    paper = make_paper(6, 0, 0)

    assert shown_items(paper, 20260926) == ("i1", "i4", "i3", "i2", "i6", "i5")
    assert shown_options(paper.items()[0], 0, 20260926) == ("o1-2", "o1-4", "o1-1", "o1-3")


def test_neighbours_see_different_orders() -> None:
    paper = make_paper(30, 15, 10)

    orders = {shown_items(paper, seed) for seed in range(200)}

    assert len(orders) == 200


def test_no_place_is_preferred_for_an_option() -> None:
    item = make_item(options=4)
    first_places = [shown_options(item, number, seed)[0] for seed in range(100) for number in range(40)]

    counts = {option.id: first_places.count(option.id) for option in item.options}

    # 4,000 draws, 1,000 expected each; six standard deviations are 164.
    assert all(abs(count - 1000) < 164 for count in counts.values())


def _place(paper: Paper, item: ItemId) -> int:
    return [each.id for each in paper.items()].index(item)


def _with_other_ids(paper: Paper) -> Paper:
    sections = tuple(
        msgspec.structs.replace(
            section,
            items=tuple(
                msgspec.structs.replace(
                    item,
                    id=ItemId(f"other-{item.id[::-1]}"),
                    options=tuple(Option(OptionId(f"x{option.id}"), option.text) for option in item.options),
                )
                for item in section.items
            ),
        )
        for section in paper.sections
    )
    return msgspec.structs.replace(paper, sections=sections)
