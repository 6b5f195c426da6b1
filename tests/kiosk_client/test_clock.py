"""The zone's time at a seat never jumps with the network's moods."""

from hypothesis import given
from hypothesis import strategies as st

from exam_protocol.ids import EpochMs
from kiosk_client.clock import Moment, ZoneClock, system_clock, zone_clock_after_restart, zone_clock_heard

ZONE_AT_ZERO = 1_790_000_000_000


def test_the_first_stamp_sets_the_clock() -> None:
    clock = zone_clock_heard(None, EpochMs(ZONE_AT_ZERO), Moment(500, EpochMs(0)))
    assert clock.now(Moment(1500, EpochMs(0))) == ZONE_AT_ZERO + 1000


@given(st.lists(st.integers(0, 1_900), min_size=1, max_size=20))
def test_law_stamps_that_travelled_slowly_never_set_the_clock_back_and_never_ahead_of_the_zone(
    delays_ms: list[int],
) -> None:
    clock: ZoneClock | None = None
    remaining_changes = []
    for number, delay in enumerate(delays_ms):
        sent, mono = ZONE_AT_ZERO + number * 10_000, number * 10_000 + delay
        before = clock
        clock = zone_clock_heard(clock, EpochMs(sent), Moment(mono, EpochMs(0)))
        remaining_changes.append(clock.offset_ms - before.offset_ms if before else 0)
    assert min(remaining_changes) >= 0
    assert clock is not None
    assert clock.offset_ms == ZONE_AT_ZERO - min(delays_ms)


def test_a_zone_whose_own_clock_was_corrected_is_followed() -> None:
    clock = ZoneClock(ZONE_AT_ZERO).heard(EpochMs(ZONE_AT_ZERO - 60_000), Moment(0, EpochMs(0)))
    assert clock.offset_ms == ZONE_AT_ZERO - 60_000


def test_after_a_restart_the_wall_clock_counts_but_never_from_before_the_last_stamp() -> None:
    stamp = EpochMs(ZONE_AT_ZERO)
    later = Moment(7, EpochMs(ZONE_AT_ZERO + 90_000))
    earlier = Moment(7, EpochMs(ZONE_AT_ZERO - 90_000))
    assert zone_clock_after_restart(stamp, 30_000, later).now(later) == ZONE_AT_ZERO + 60_000
    assert zone_clock_after_restart(stamp, 30_000, earlier).now(earlier) == ZONE_AT_ZERO
    assert not zone_clock_after_restart(stamp, 0, later).is_checked


def test_the_machines_clock_rises() -> None:
    first, second = system_clock(), system_clock()
    assert second.mono >= first.mono > 0
