"""How many there were of each kind, in any group of results: whole numbers, and means cut off at a thousandth."""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from exam_protocol.catalogue import trades, zones
from exam_protocol.ids import Milli
from scoring.pass_rules import Outcome
from scoring.results import Result, trade_text
from scoring.subjects import SubjectStatus

BAND_MILLI = 10_000
BANDS = 10


class Tally(msgspec.Struct, frozen=True):
    """Counts of a group. The means are over those who have a mark in that subject; 缺考 is never a 0 among them."""

    name: str
    expected: int
    know_absent: int
    do_absent: int
    passed: int
    failed: int
    absent: int
    void: int
    pending: int
    know_mean: Milli | None
    do_mean: Milli | None


def tally(name: str, results: Sequence[Result]) -> Tally:
    """Count one group."""
    outcomes = [result.outcome for result in results]
    return Tally(
        name,
        len(results),
        sum(result.know_status is SubjectStatus.ABSENT for result in results),
        sum(result.do_status is SubjectStatus.ABSENT for result in results),
        outcomes.count(Outcome.PASS),
        outcomes.count(Outcome.FAIL),
        outcomes.count(Outcome.ABSENT),
        outcomes.count(Outcome.VOID),
        outcomes.count(Outcome.PENDING),
        _mean(result.know_milli for result in results),
        _mean(result.do_milli for result in results),
    )


def by_zone(results: Iterable[Result]) -> tuple[Tally, ...]:
    """One tally per zone, in the notice's order."""
    order = [zone.zone_name for zone in zones().values()]
    return _grouped(results, lambda result: result.zone, order)


def by_trade(results: Iterable[Result]) -> tuple[Tally, ...]:
    """One tally per trade, in the notice's order."""
    return _grouped(results, lambda result: trade_text(result.trade), [trade_text(code) for code in trades()])


def in_bands(marks: Iterable[Milli | None]) -> tuple[int, ...]:
    """How many marks lie in each band of ten points; 100 belongs to the last. Who has no mark is in no band."""
    counts = [0] * BANDS
    for milli in marks:
        if milli is not None:
            counts[min(milli // BAND_MILLI, BANDS - 1)] += 1
    return tuple(counts)


def _grouped(results: Iterable[Result], name_of: Callable[[Result], str], order: Sequence[str]) -> tuple[Tally, ...]:
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(name_of(result), []).append(result)
    places = {name: place for place, name in enumerate(order)}
    names = sorted(groups, key=lambda name: (places.get(name, len(places)), name))
    return tuple(tally(name, groups[name]) for name in names)


def _mean(marks: Iterable[Milli | None]) -> Milli | None:
    held = [milli for milli in marks if milli is not None]
    return Milli(sum(held) // len(held)) if held else None
