"""准考证号: ten digits that say year, institution, room and seat, and carry two check digits (ISO 7064 MOD 97-10)."""

from exam_protocol.ids import RoomId, SeatNo, SittingId, TicketNo

_PLACE_DIGITS = 8


def ticket_number(year: int, institution_no: str, room: RoomId, seat: SeatNo) -> TicketNo:
    """Make the number of a seat: year (2) institution (2) room (2) seat (2) check (2)."""
    place = f"{year % 100:02d}{institution_no}{room}{seat:02d}"
    if len(place) != _PLACE_DIGITS or not place.isdecimal():
        raise ValueError(f"no ticket number for room {room!r}, seat {seat}")
    return TicketNo(place + check_digits(place))


def check_digits(place: str) -> str:
    """Return the two digits that make the whole number leave 1 when divided by 97: catches every slip of one digit."""
    return f"{98 - int(place) * 100 % 97:02d}"


def is_ticket_number(text: str) -> bool:
    """Whether the text can be a ticket number at all: ten digits whose check digits agree."""
    return len(text) == _PLACE_DIGITS + 2 and text.isdecimal() and text.isascii() and int(text) % 97 == 1


def sitting_number(ticket_no: TicketNo) -> SittingId:
    """Return the sitting's id: the ticket number without its check digits, unique in the exam as the ticket is."""
    return SittingId(int(ticket_no[:_PLACE_DIGITS]))
