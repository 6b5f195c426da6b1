"""What a running zone does by itself: sweep at the end, ask for the release, bring the package, tell the consoles."""

import hashlib
import logging
from collections.abc import Callable

import gevent

from exam_protocol.errors import KaopingError, NotYetValidError
from exam_server.services.collecting import is_anything_due, sweep
from exam_server.services.handover import is_package_outdated, note_taken, package_to_bring
from exam_server.services.opening import session_of
from exam_server.work import SYSTEM
from exam_server.zone.centre_link import CentreLink
from exam_server.zone.console_events import ConsoleEvents
from exam_server.zone.folder import ANSWER_PACKAGE
from exam_server.zone.runtime import ZoneRuntime

_log = logging.getLogger(__name__)
_TELL_S, _SWEEP_S, _RELEASE_S, _BRING_S, _SIGN_INS_S = 0.5, 1.0, 1.0, 2.0, 30.0
_ASK_BEFORE_START_MS = 5000


class Timers:
    """Starts one greenlet per duty; one that fails says so and goes on with the next turn."""

    def __init__(self, zone: ZoneRuntime, consoles: ConsoleEvents, centre: CentreLink | None) -> None:
        self._zone = zone
        self._centre = centre
        self._duties: list[tuple[float, Callable[[], None]]] = [
            (_TELL_S, consoles.tell),
            (_SIGN_INS_S, consoles.check_sign_ins),
            (_SWEEP_S, self._sweep),
        ]
        if centre is not None:
            self._duties += [(_RELEASE_S, self._fetch_release), (_BRING_S, self._bring_answers)]
        self._greenlets: list[gevent.Greenlet] = []

    def start(self) -> None:
        """Begin."""
        self._greenlets = [gevent.spawn(self._turns, every_s, duty) for every_s, duty in self._duties]

    def stop(self) -> None:
        """End."""
        gevent.killall(self._greenlets)

    @staticmethod
    def _turns(every_s: float, duty: Callable[[], None]) -> None:
        last_words = ""
        while True:
            gevent.sleep(every_s)
            try:
                duty()
            except KaopingError as refused:
                if str(refused) != last_words:  # what stays the same each second is said once
                    _log.warning("%s", refused)
                last_words = str(refused)
            except Exception:  # noqa: BLE001 - whatever it was: logged, and tried again next turn
                _log.exception("a duty failed")

    def _sweep(self) -> None:
        session = self._zone.board.session
        if session is not None and session.started_at is not None and self._zone.read(is_anything_due):
            self._zone.run(SYSTEM, sweep)

    def _fetch_release(self) -> None:
        shown = self._zone.board.session
        if self._centre is None or shown is None or shown.opened_at is None or shown.started_at is not None:
            return
        if self._zone.now_ms() < shown.starts_at - _ASK_BEFORE_START_MS:
            return
        purpose = self._zone.read(session_of).purpose
        envelope = self._centre.fetch_release(self._zone.keys.server, purpose)
        if envelope is not None:
            try:
                self._zone.release(envelope)
            except NotYetValidError:
                return  # our clock is a moment behind the centre's; the next turn is due in a second

    def _bring_answers(self) -> None:
        shown = self._zone.board.session
        if self._centre is None or shown is None or shown.closed_at is None:
            return
        if self._zone.read(is_package_outdated):
            self._zone.hand_over()
        sha256 = self._zone.read(package_to_bring)
        if sha256 is None:
            return
        package = (self._zone.folder.path / ANSWER_PACKAGE).read_bytes()
        if hashlib.sha256(package).hexdigest() != sha256:
            _log.error("the answer package in the folder is not the one that was made")
            return
        taken = self._centre.bring_answers(self._zone.keys.server, package)
        if taken.sha256 == sha256:
            self._zone.run(SYSTEM, note_taken, taken)
