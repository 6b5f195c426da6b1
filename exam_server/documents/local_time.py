"""Times as people in Hebei read them (UTC+8, no summer time)."""

from datetime import datetime

from exam_protocol.exam_config import HEBEI


def date_words(at: datetime) -> str:
    """2027 年 9 月 25 日."""
    local = at.astimezone(HEBEI)
    return f"{local.year} 年 {local.month} 月 {local.day} 日"


def clock(at: datetime) -> str:
    """09:00."""
    return f"{at.astimezone(HEBEI):%H:%M}"


def clock_with_seconds(at: datetime) -> str:
    """09:00:01."""
    return f"{at.astimezone(HEBEI):%H:%M:%S}"


def date_and_clock(at: datetime) -> str:
    """2027-09-25 10:46."""
    return f"{at.astimezone(HEBEI):%Y-%m-%d %H:%M}"
