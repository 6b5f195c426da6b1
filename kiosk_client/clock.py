"""Two clocks at a seat: the machine's own, and the zone's as far as it is known here (ARCHITECTURE §6)."""

import time
from typing import Protocol

import msgspec

from exam_protocol.ids import EpochMs

_MS = 1_000_000
_LARGEST_CORRECTION_MS = 2_000


class Moment(msgspec.Struct, frozen=True):
    """One instant on both of the machine's clocks, in milliseconds: ``mono`` only rises, ``wall`` is evidence."""

    mono: int
    wall: EpochMs


class Clock(Protocol):
    """Tells the moment; tests move it by hand."""

    def __call__(self) -> Moment:
        """Return the present moment."""
        ...


_MONOTONIC = getattr(time, "CLOCK_BOOTTIME", None)
"""Counts on while the machine sleeps, where the system has such a clock."""


def system_clock() -> Moment:
    """Return the present moment of this machine."""
    mono = time.monotonic_ns() if _MONOTONIC is None else time.clock_gettime_ns(_MONOTONIC)
    return Moment(mono // _MS, EpochMs(time.time_ns() // _MS))


class ZoneClock(msgspec.Struct, frozen=True):
    """The zone's time = the machine's monotonic time + ``offset_ms``.

    ``is_checked`` is false after a restart without the zone, until the zone has been heard (待核对).
    """

    offset_ms: int
    is_checked: bool = True

    def now(self, moment: Moment) -> EpochMs:
        """Tell the zone's time at this moment."""
        return EpochMs(moment.mono + self.offset_ms)

    def heard(self, zone_time: EpochMs, moment: Moment) -> "ZoneClock":
        """Take a stamp the zone has just sent.

        A stamp is late by its way through the network, never early: among near ones the latest clock is the truest,
        and the remaining time does not jump about with the network's moods.
        """
        offset = zone_time - moment.mono
        if self.is_checked and 0 <= self.offset_ms - offset <= _LARGEST_CORRECTION_MS:
            return self
        return ZoneClock(offset)


def zone_clock_heard(known: ZoneClock | None, zone_time: EpochMs, moment: Moment) -> ZoneClock:
    """Take the zone's stamp, the first or a later one."""
    return (known or ZoneClock(0, is_checked=False)).heard(zone_time, moment)


def zone_clock_after_restart(last_stamp: EpochMs, wall_ahead_ms: int, moment: Moment) -> ZoneClock:
    """Go on without the zone: from the wall clock, but never from before the last stamp in the journal.

    ``wall_ahead_ms`` is how far the wall clock was ahead of the zone's when the journal was last written.
    """
    return ZoneClock(max(last_stamp, moment.wall - wall_ahead_ms) - moment.mono, is_checked=False)
