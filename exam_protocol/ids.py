"""The identifiers that travel, and the forms they may take."""

import re
from typing import NewType

from exam_protocol.errors import MalformedMessageError

ExamId = NewType("ExamId", str)
"""An announced examination, e.g. ``2026-technician``."""
SessionId = NewType("SessionId", str)
"""场次 within an exam, e.g. ``S1``."""
ServerId = NewType("ServerId", str)
"""One server per site: ``zone-NN/S`` with the institution number of the notice (02–14) and the site's number."""
PaperId = NewType("PaperId", str)
ItemId = NewType("ItemId", str)
OptionId = NewType("OptionId", str)
DeviceId = NewType("DeviceId", str)
RoomId = NewType("RoomId", str)
"""考场 number within a server, two digits: ``01``."""
SeatNo = NewType("SeatNo", int)
TicketNo = NewType("TicketNo", str)
TradeCode = NewType("TradeCode", str)
SittingId = NewType("SittingId", int)
"""One candidate in one session at one seat; given by the centre, unique in the exam."""
AttemptId = NewType("AttemptId", int)
"""One run of answering; an integer because it is half of the hottest unique key (REALTIME)."""
Milli = NewType("Milli", int)
"""A mark in thousandths of a point: 1.5 points = 1500. Never a float."""
EpochMs = NewType("EpochMs", int)
"""UTC in milliseconds since 1970."""

_SERVER_ID = re.compile(r"zone-(0[2-9]|1[0-4])/[1-9]")
_ATTEMPTS_PER_SITTING = 100


def server_id(institution_no: str, site: int = 1) -> ServerId:
    """Name a site's server, or raise ``MalformedMessageError`` when the notice has no such institution."""
    return checked_server_id(f"zone-{institution_no}/{site}")


def checked_server_id(text: str) -> ServerId:
    """Return the text as a server id or raise ``MalformedMessageError``."""
    if not _SERVER_ID.fullmatch(text):
        raise MalformedMessageError(f"“{text}”不是考点服务器编号。", "请写成 zone-02/1 的样子（02–14 为机构序号）。")
    return ServerId(text)


def server_file_name(server: ServerId) -> str:
    """Name of the server in file names, where a slash cannot stand: ``zone-02-1``."""
    return server.replace("/", "-")


def attempt_id(sitting: SittingId, number: int = 1) -> AttemptId:
    """Derive the id of the sitting's n-th attempt (1–99); a machine change continues one and makes no new one."""
    if not 1 <= number < _ATTEMPTS_PER_SITTING:
        raise MalformedMessageError("作答次数超出范围。", "请联系主考。")
    return AttemptId(sitting * _ATTEMPTS_PER_SITTING + number)


def sitting_of(attempt: AttemptId) -> SittingId:
    """Tell which sitting an attempt belongs to."""
    return SittingId(attempt // _ATTEMPTS_PER_SITTING)
