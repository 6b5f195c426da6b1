"""What a zone tells its consoles and kiosks after a commit: whole cards with a rising number, never changes to them.

Snapshot + notices == fresh snapshot (EXAMPLES 5). A card has two halves: what the database holds (``SeatCard``,
announced by services) and what only the running server sees (``Pulse``: is the kiosk there, how much arrived).
"""

from collections.abc import Iterable

import msgspec

from exam_protocol.ids import AttemptId, DeviceId, EpochMs, RoomId, SeatNo, SittingId, TicketNo
from exam_protocol.messages import ZonePush
from exam_protocol.sitting_state import SittingState

Place = tuple[RoomId, SeatNo]


class SeatCard(msgspec.Struct, frozen=True):
    """One seat as the database has it. A spare seat has no sitting; an empty one has no device."""

    room: RoomId
    seat: SeatNo
    device: DeviceId | None = None
    sitting: SittingId | None = None
    attempt: AttemptId | None = None
    ticket_no: TicketNo | None = None
    name: str | None = None
    trade: str | None = None
    unit: str | None = None
    state: SittingState | None = None
    started_at: EpochMs | None = None
    ends_at: EpochMs | None = None
    ended_at: EpochMs | None = None
    added_s: int = 0
    """Seconds in the time ledger."""
    has_receipt: bool = False
    incidents: int = 0

    @property
    def place(self) -> Place:
        """Where the seat is."""
        return self.room, self.seat


class Pulse(msgspec.Struct, frozen=True):
    """One seat's kiosk as the running server sees it; times are the zone's, in ms since 1970."""

    is_online: bool = False
    since: EpochMs | None = None
    """When it came or went."""
    answered: int = 0
    """Items with an answer that is committed here."""
    items: int = 0
    unsent: int = 0
    focus_losses: int = 0


class SessionCard(msgspec.Struct, frozen=True):
    """The 场次 as the database has it."""

    session: str
    session_title: str
    exam_title: str
    zone_name: str
    server: str
    starts_at: EpochMs
    duration_s: int
    late_limit_s: int
    opened_at: EpochMs | None
    started_at: EpochMs | None
    closed_at: EpochMs | None


class Push(msgspec.Struct, frozen=True):
    """A message for one kiosk."""

    device: DeviceId
    message: ZonePush


class ShownSeat(msgspec.Struct, frozen=True):
    """What a console is sent for one seat: both halves, and the number that orders it."""

    number: int
    card: SeatCard
    pulse: Pulse


class NoticeBoard:
    """Holds the newest card of every seat and numbers each change; consoles ask what is newer than they have."""

    def __init__(self) -> None:
        self.number = 0
        self.session: SessionCard | None = None
        self._shown: dict[Place, ShownSeat] = {}

    def fill(self, session: SessionCard | None, cards: Iterable[SeatCard]) -> None:
        """Take a fresh snapshot of the database; what is known of the kiosks stays."""
        if session is not None:
            self.post_session(session)
        for card in cards:
            self.post(card)

    def post_session(self, session: SessionCard) -> None:
        """Take the 场次 that a service announced."""
        if session != self.session:
            self.session = session
            self.number += 1

    def post(self, card: SeatCard) -> None:
        """Take a card that a service announced."""
        shown = self._shown.get(card.place)
        if shown is None or shown.card != card:
            self._show(card, shown.pulse if shown else Pulse())

    def beat(self, place: Place, pulse: Pulse) -> None:
        """Take what the server sees of a seat's kiosk."""
        shown = self._shown.get(place)
        if shown is not None and shown.pulse != pulse:
            self._show(shown.card, pulse)

    def _show(self, card: SeatCard, pulse: Pulse) -> None:
        self.number += 1
        self._shown[card.place] = ShownSeat(self.number, card, pulse)

    def at(self, place: Place) -> ShownSeat | None:
        """Return what is shown of one seat."""
        return self._shown.get(place)

    def newer_than(self, number: int) -> list[ShownSeat]:
        """Return every seat that changed after this number, oldest change first; 0 gives the whole snapshot."""
        return sorted(
            (shown for shown in self._shown.values() if shown.number > number), key=lambda shown: shown.number
        )
