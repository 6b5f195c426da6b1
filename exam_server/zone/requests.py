"""What the commands of this machine say to the running server, and what it answers."""

from datetime import timedelta

import msgspec

from exam_protocol.paper import Purpose


class OpenRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Open the enrolment windows. ``by`` is who does it, for the log."""

    by: str
    purpose: Purpose
    window: timedelta


class RoomCodes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Each room's enrolment code."""

    codes: dict[str, str]


class CloseRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Close the session; ``absence_reason`` confirms who has not come as absent."""

    by: str
    absence_reason: str | None
