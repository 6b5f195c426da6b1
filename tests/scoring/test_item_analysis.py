"""How an item worked: difficulty, option counts, discrimination, and when no figure is given."""

import random
import statistics

import pytest
from scoring_factories import make_answer_key, make_responses

from scoring.item_analysis import ItemFigures, analyse_items
from scoring.scores import KnowScore, mark_paper


def scores_of(*papers: dict[int, str]) -> list[KnowScore]:
    return [mark_paper(make_answer_key(), make_responses(paper)) for paper in papers]


def many_scores(count: int) -> list[KnowScore]:
    chance = random.Random(11)  # noqa: S311 - invented answers, no secret
    return scores_of(
        *(
            {1: chance.choice("AABC"), 2: chance.choice(("BCD", "BC", "A")), 4: chance.choice("AB")}
            for _ in range(count)
        )
    )


def figures_of(scores: list[KnowScore], number: int) -> ItemFigures:
    return analyse_items(make_answer_key(), scores)[number - 1]


def test_difficulty_is_the_mean_mark_in_parts_of_the_full_mark_and_counts_blanks() -> None:
    figures = figures_of(scores_of({2: "BCD"}, {2: "BC"}, {2: "A"}, {}), 2)

    assert figures.difficulty == pytest.approx((30 + 20 + 0 + 0) / (4 * 30))
    assert (figures.candidates, figures.blanks) == (4, 1)


def test_each_option_is_counted_under_its_letter_in_the_keys_order() -> None:
    figures = figures_of(scores_of({2: "DCB"}, {2: "BC"}, {2: "A"}, {}), 2)

    assert {option.letter: option.count for option in figures.options} == {"A": 1, "B": 2, "C": 2, "D": 1}
    assert figures.right_letters == "BCD"


def test_discrimination_is_the_correlation_with_the_rest_of_the_score() -> None:
    scores = many_scores(60)
    earned = [score.marks[1].milli for score in scores]
    rest = [(score.milli or 0) - mark for score, mark in zip(scores, earned, strict=True)]

    assert figures_of(scores, 2).discrimination == pytest.approx(statistics.correlation(earned, rest))


def test_no_discrimination_is_told_for_fewer_than_30_candidates() -> None:
    assert figures_of(many_scores(29), 2).discrimination is None
    assert figures_of(many_scores(30), 2).discrimination is not None


def test_no_discrimination_is_told_where_all_have_the_same_mark() -> None:
    assert figures_of(many_scores(40), 3).discrimination is None


def test_nobody_sat_gives_no_figures_and_no_division_by_0() -> None:
    assert [item.difficulty for item in analyse_items(make_answer_key(), [])] == [None] * 4


def test_the_order_of_candidates_never_matters() -> None:
    scores = many_scores(50)

    assert analyse_items(make_answer_key(), scores[::-1]) == analyse_items(make_answer_key(), scores)
