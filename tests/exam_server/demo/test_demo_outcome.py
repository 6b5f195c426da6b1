"""What ``kaoping demo --headless`` calls a good day: nothing lost, every count agrees, the power really was cut."""

import msgspec
import pytest

from exam_server.demo.headless import Outcome

GOOD = Outcome(
    zones=13,
    candidates=715,
    present=689,
    absent=26,
    answers_sent=39_000,
    answers_acked=39_000,
    answers_packaged=39_000,
    answers_scored=39_000,
    lost=0,
    passed=400,
    seconds=80.0,
    receipts=689,
    kiosks_killed=10,
    zones_killed=1,
    is_balanced=True,
    results_sha256="0" * 64,
)


def test_a_day_on_which_everything_agrees_is_good() -> None:
    assert GOOD.is_good


@pytest.mark.parametrize(
    "flaw",
    [
        {"lost": 1, "answers_packaged": 38_999, "answers_scored": 38_999},
        {"answers_acked": 38_999},
        {"answers_scored": 38_999},
        {"answers_packaged": 39_001},
        {"is_balanced": False},
        {"receipts": 688},
        {"kiosks_killed": 9},
        {"zones_killed": 0},
    ],
    ids=lambda flaw: next(iter(flaw)),
)
def test_a_day_with_one_count_that_does_not_agree_is_not_good(flaw: dict[str, int]) -> None:
    assert not msgspec.structs.replace(GOOD, **flaw).is_good
