"""How a mark is shown: cut off, never rounded up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exam_protocol.ids import Milli
from scoring.marks import exact_points_text, points_text


@pytest.mark.parametrize(
    ("milli", "decimals", "text"),
    [
        (59_960, 1, "59.9"),
        (59_999, 1, "59.9"),
        (59_999, 0, "59"),
        (59_999, 2, "59.99"),
        (59_999, 3, "59.999"),
        (60_000, 0, "60"),
        (60_000, 1, "60.0"),
        (100_000, 1, "100.0"),
        (0, 1, "0.0"),
        (50, 1, "0.0"),
        (50, 3, "0.050"),
    ],
)
def test_a_mark_is_shown_cut_off(milli: int, decimals: int, text: str) -> None:
    assert points_text(Milli(milli), decimals) == text


@pytest.mark.parametrize(
    ("milli", "text"), [(60_000, "60"), (1500, "1.5"), (59_960, "59.96"), (0, "0"), (100_000, "100")]
)
def test_an_exact_mark_is_shown_without_trailing_zeros(milli: int, text: str) -> None:
    assert exact_points_text(Milli(milli)) == text


@pytest.mark.parametrize(("milli", "decimals"), [(-1, 1), (1000, 4), (1000, -1)])
def test_a_mark_below_0_and_more_than_thousandths_cannot_be_shown(milli: int, decimals: int) -> None:
    with pytest.raises(ValueError, match=str(decimals)):
        points_text(Milli(milli), decimals)


@given(st.integers(0, 59_999), st.integers(0, 3))
def test_law_a_mark_below_the_line_never_reads_as_if_it_reached_it(milli: int, decimals: int) -> None:
    assert float(points_text(Milli(milli), decimals)) < 60
