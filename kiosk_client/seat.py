"""One seat's sitting, kept: every step of the pure core, its records on the disk, and only then the new state shown."""

import logging
from collections.abc import Callable
from typing import Concatenate, ParamSpec

import msgspec
from gevent.event import Event
from gevent.lock import RLock

from exam_protocol.envelope import unseal
from exam_protocol.errors import JournalCorruptError, KaopingError
from exam_protocol.messages import SeatShown
from exam_protocol.paper import Paper
from exam_protocol.sealed_paper import device_context, open_paper
from kiosk_client.clock import Clock, Moment
from kiosk_client.journal_file import JournalFile, NotKeptError, last_journal
from kiosk_client.restart import at_last_item, restored, seated
from kiosk_client.seat_files import SeatFiles
from kiosk_client.shown_paper import ShownPaper
from kiosk_client.sitting import Sitting, Step, Words, save_failed
from kiosk_client.zone_news import with_paper

P = ParamSpec("P")
_log = logging.getLogger(__name__)
_CORRUPT = Words("本机的作答日志损坏，文件已保留。", "请举手；重新登录后从考点服务器恢复。")
OpenPaper = Callable[[bytes, bytes, str], Paper]
"""Opens a sealed paper with its content key and context: ``sealed_paper.open_paper``, or a fleet's with a memory."""


class Seat:
    """Holds the sitting of one seat. Steps are taken one after another, whoever asks for them."""

    def __init__(self, files: SeatFiles, clock: Clock, open_sealed: OpenPaper = open_paper) -> None:
        self.files = files
        self.device = files.device
        self.sitting = Sitting(device=self.device.id)
        self.version = 1
        self._clock = clock
        self._open_sealed = open_sealed
        self._lock = RLock()
        self._changed = Event()
        self._journal: JournalFile | None = None
        self._kept_seat: SeatShown | None = None

    def moment(self) -> Moment:
        """Tell the present moment."""
        return self._clock()

    def restore(self) -> None:
        """Go on where an earlier process stopped, from this machine's own files alone."""
        moment = self._clock()
        sitting = self.sitting
        try:
            journal = last_journal(self.files.disk, self.device.seat_key)
            if journal is not None:
                sitting = restored(sitting, journal[1], moment)
        except KaopingError as damaged:
            _log.error("journal not readable: %s", damaged)
            sitting = msgspec.structs.replace(self.sitting, notice=_CORRUPT)
        self._kept_seat = self.files.seat
        self._show(seated(sitting, self._kept_seat, moment))
        self.open_paper()

    def take(self, act: Callable[Concatenate[Sitting, P], Step], *args: P.args, **kwargs: P.kwargs) -> Sitting:
        """Take one step: decide, keep, show. Raises what the core refuses, or ``NotKeptError``."""
        with self._lock:
            before = self.sitting
            step = act(before, *args, **kwargs)
            if step.keep:
                try:
                    self._journal_of(step.sitting if step.sitting.signed_in else before).append(step.keep)
                except NotKeptError:
                    self._show(save_failed(before))
                    raise
            if step.sitting is not before:
                self._show(step.sitting)
            return step.sitting

    def change(self, act: Callable[Concatenate[Sitting, P], Sitting], *args: P.args, **kwargs: P.kwargs) -> Sitting:
        """Take a step that leaves no record."""
        with self._lock:
            after = act(self.sitting, *args, **kwargs)
            if after is not self.sitting:
                self._show(after)
            return after

    def keep_seat(self, shown: SeatShown) -> None:
        """Remember the seat card on the disk when it says something new."""
        known = self._kept_seat
        if known is None or _without_stamps(known) != _without_stamps(shown):
            self.files.keep_seat(shown)
            self._kept_seat = shown

    def open_paper(self) -> None:
        """Open the sealed paper in memory, once it and its key are here. Raises ``SealBrokenError``."""
        sitting = self.sitting
        signed_in, released = sitting.signed_in, sitting.released
        if sitting.paper is not None or signed_in is None or released is None:
            return
        sealed = self.files.sealed_paper(signed_in.paper_sha256)
        if sealed is None:
            return
        context = device_context(self.device.id, signed_in.attempt, signed_in.paper)
        content_key = unseal(released.sealed_content_key, self.device.opening_key, context)
        paper = self._open_sealed(sealed, content_key, signed_in.paper_context)
        self.change(_opened, ShownPaper.of(paper, signed_in.order_seed))

    def touch(self) -> None:
        """Something beside the sitting changed (the line, the preferences): let the page look again."""
        self._show(self.sitting)

    def wait_change(self, version: int, timeout_s: float) -> int:
        """Return the version as soon as it is another than this, at the latest after ``timeout_s``."""
        if self.version == version:
            self._changed.wait(timeout_s)
        return self.version

    def _journal_of(self, sitting: Sitting) -> JournalFile:
        if sitting.signed_in is None:
            raise JournalCorruptError("没有登录，不能写作答日志。", "请先登录。")
        attempt = sitting.signed_in.attempt
        if self._journal is None or self._journal.attempt != attempt:
            self._journal = JournalFile(self.files.disk, attempt, self.device.seat_key)
        return self._journal

    def _show(self, sitting: Sitting) -> None:
        self.sitting = sitting
        self.version += 1
        changed, self._changed = self._changed, Event()
        changed.set()


def _opened(sitting: Sitting, paper: ShownPaper) -> Sitting:
    return at_last_item(with_paper(sitting, paper))


def _without_stamps(shown: SeatShown) -> SeatShown:
    return msgspec.structs.replace(shown, zone_time=0, attempt=None, state=None)
