"""One candidate's seat as the page sees it: ``state``, ``act``, ``wait_change`` (the page API), over seat and line."""

import functools
import inspect
import random
import ssl
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

from exam_protocol.errors import KaopingError
from exam_protocol.ids import OptionId
from exam_protocol.messages import Enrolled
from exam_protocol.sealed_paper import open_paper
from kiosk_client import candidate_acts as acts
from kiosk_client.clock import Clock, system_clock
from kiosk_client.config import KioskConfig
from kiosk_client.conversation import Conversation, Uniform
from kiosk_client.disk import FolderDisk
from kiosk_client.disk_threads import DiskThreads
from kiosk_client.link import Link, MakeLine, ZoneLink, ZoneUnreachableError, pinned_context
from kiosk_client.page_state import page_state
from kiosk_client.seat import OpenPaper, Seat
from kiosk_client.seat_files import Preferences, SeatFiles
from kiosk_client.sitting import Phase, Sitting
from kiosk_client.stock_line import StockLine

_LARGEST_SIZE = 3
_DISK_THREADS = 8


class UnknownActError(KaopingError):
    """The page asked for something that there is not, or not in this form."""


class Agent:
    """Runs one seat. ``run`` is its greenlet; the other methods may be called from any greenlet of the same hub."""

    def __init__(
        self,
        config: KioskConfig,
        files: SeatFiles,
        link: Link,
        clock: Clock,
        uniform: Uniform = random.uniform,
        *,
        open_sealed: OpenPaper = open_paper,
    ) -> None:
        self.seat = Seat(files, clock, open_sealed)
        self.conversation = Conversation(self.seat, link, config, uniform)
        self._preferences = files.preferences
        self.seat.restore()

    @property
    def sitting(self) -> Sitting:
        """The sitting as it is now."""
        return self.seat.sitting

    def run(self) -> None:
        """Talk to the zone until ``stop``."""
        self.conversation.run()

    def stop(self) -> None:
        """End ``run``."""
        self.conversation.stop()

    def state(self) -> dict[str, Any]:
        """Return everything the page shows."""
        is_unknown = self.conversation.unknown is not None and self.sitting.signed_in is None
        return page_state(
            self.sitting,
            self.seat.moment(),
            version=self.seat.version,
            is_online=self.conversation.is_online,
            preferences=self._preferences,
            phase=Phase.SEAT_UNKNOWN if is_unknown else None,
            trouble=self.conversation.unknown if is_unknown else None,
        )

    def wait_change(self, version: int, timeout: float) -> int:
        """Return the newest version as soon as it is not ``version``, at the latest after ``timeout`` seconds."""
        return self.seat.wait_change(version, timeout)

    def act(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Do what the candidate asked for and return the state after it. Raises ``KaopingError``."""
        act = _ACTS.get(name)
        if act is None:
            raise UnknownActError("没有这个操作。", "请刷新页面后重试。")
        try:
            inspect.signature(act).bind(self, **arguments)
        except TypeError as wrong:
            raise UnknownActError("操作的内容不对。", "请刷新页面后重试。") from wrong
        act(self, **arguments)
        return self.state()

    def sign_in(self, id_number: str, ticket_no: str | None = None) -> None:
        """Sign in by the last 4 of the ID card, or by ticket number and full ID number."""
        if not self.conversation.is_online:
            raise ZoneUnreachableError("现在连不上考点服务器，不能登录。", "请稍候再试，仍不行请举手。")
        self.conversation.sign_in(_plain(ticket_no) if ticket_no else None, _plain(id_number))

    def confirm(self) -> None:
        """Say that name and photo are right."""
        self.conversation.confirm()

    def not_me(self) -> None:
        """Say that they are not."""
        self.seat.take(acts.not_me)

    def answer(self, n: int, chosen: list[str] | tuple[str, ...]) -> None:
        """Answer item ``n`` with these options; none clears it. Durable when this returns."""
        self.seat.take(acts.choose, n, frozenset(OptionId(option) for option in chosen), self.seat.moment())
        self.conversation.wake()

    def mark(self, n: int) -> None:
        """Mark item ``n`` for oneself, or take the mark away."""
        self.seat.take(acts.mark, n, self.seat.moment())
        self.conversation.wake()

    def go(self, n: int) -> None:
        """Show item ``n``."""
        self.seat.take(acts.go, n)

    def review(self) -> None:
        """Show the page before hand-in."""
        self.seat.take(acts.review)

    def back(self) -> None:
        """Go back to answering."""
        self.seat.take(acts.back)

    def hand_in(self, confirmed: int) -> None:
        """Hand in; it takes confirmations 1 and 2."""
        self.seat.take(acts.hand_in, confirmed, self.seat.moment())
        self.conversation.wake()

    def preferences(self, size: int, *, contrast: bool) -> None:
        """Set the type size 1–3 and high contrast."""
        self._preferences = Preferences(max(1, min(_LARGEST_SIZE, size)), contrast)
        self.seat.files.keep_preferences(self._preferences)
        self.seat.touch()


def make_agent(config: KioskConfig, line: MakeLine = StockLine, open_sealed: OpenPaper = open_paper) -> Agent:
    """Make the agent of a real seat: its folder, its clock, its line. Fleets give a line and an opener of their own."""
    return Agent(config, _files(config), _link(config, line), system_clock, open_sealed=open_sealed)


def enrol_seat(config: KioskConfig) -> Enrolled:
    """Take the seat the configuration names. Raises ``RefusedByZoneError`` or ``ZoneUnreachableError``."""
    files = _files(config)
    enrolled = _link(config).enrol(files.device.enrolment(config.room_code or "", config.seat or 0))
    files.keep_enrolled(enrolled)
    return enrolled


def _files(config: KioskConfig) -> SeatFiles:
    return SeatFiles(FolderDisk(Path(config.folder), _disk_threads()))


def _link(config: KioskConfig, line: MakeLine = StockLine) -> ZoneLink:
    return ZoneLink(config.zone_url, _context(config), config.reply_timeout_s, line)


def _context(config: KioskConfig) -> ssl.SSLContext | None:
    return _pinned(config.tls_certificate) if config.zone_url.startswith("https") else None


@functools.cache
def _disk_threads() -> DiskThreads:
    return DiskThreads(_DISK_THREADS)


@functools.cache
def _pinned(certificate: str | None) -> ssl.SSLContext:
    # Hundreds of seats of one process share a context; making one reads and parses the certificate.
    return pinned_context(certificate)


_ACTS: dict[str, Callable[..., None]] = {
    "sign_in": Agent.sign_in,
    "confirm": Agent.confirm,
    "not_me": Agent.not_me,
    "answer": Agent.answer,
    "mark": Agent.mark,
    "go": Agent.go,
    "review": Agent.review,
    "back": Agent.back,
    "hand_in": Agent.hand_in,
    "preferences": Agent.preferences,
}


def _plain(text: str) -> str:
    # A Chinese input method gives １２３ｘ; the card says 123X.
    return unicodedata.normalize("NFKC", text).strip().upper()
