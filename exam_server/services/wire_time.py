"""Times as they travel: whole milliseconds since 1970, UTC."""

from datetime import UTC, datetime, timedelta

from exam_protocol.ids import EpochMs

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_ms(moment: datetime) -> EpochMs:
    """Return an aware time as it travels; what is below a millisecond is cut off."""
    return EpochMs((moment - _EPOCH) // timedelta(milliseconds=1))


def from_ms(moment: EpochMs) -> datetime:
    """Return a travelled time as an aware UTC time."""
    return _EPOCH + timedelta(milliseconds=moment)
