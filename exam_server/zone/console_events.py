"""The consoles' side: Socket.IO namespace ``/console``, for signed-in staff; whole cards, never changes to cards."""

from typing import Any

import msgspec
import socketio
from socketio.exceptions import ConnectionRefusedError as SocketRefusedError
from werkzeug.http import parse_cookie

from exam_server.notices import SessionCard, ShownSeat
from exam_server.services.accounts import find_staff
from exam_server.zone.runtime import ZoneRuntime

NAMESPACE = "/console"


class Shown(msgspec.Struct, frozen=True):
    """What a console is sent: the 场次, and seats in order of their numbers. ``is_snapshot`` replaces all it has."""

    number: int
    zone_time: int
    is_snapshot: bool
    online: int
    session: SessionCard | None
    seats: list[ShownSeat]


class ConsoleEvents:
    """Lets staff in and tells them what is new."""

    def __init__(self, runtime: ZoneRuntime, server: socketio.Server, staff_cookie: str) -> None:
        self._zone = runtime
        self._server = server
        self._cookie = staff_cookie
        self._consoles: dict[str, str] = {}
        """Socket → the cookie it came with, so that a sign-in that was ended is cut off."""
        self._told = 0
        server.on("connect", self.connect, namespace=NAMESPACE)
        server.on("disconnect", self.disconnect, namespace=NAMESPACE)

    def connect(self, sid: str, environ: dict[str, Any], _auth: object = None) -> None:
        """Admit who shows the cookie of a living sign-in, and send a fresh snapshot."""
        token = parse_cookie(environ).get(self._cookie, "")
        if not token or self._zone.read(find_staff, token) is None:
            raise SocketRefusedError("not_signed_in")
        self._consoles[sid] = token
        self._server.start_background_task(self._send, self._shown(0, is_snapshot=True), sid)

    def disconnect(self, sid: str, _reason: str = "") -> None:
        """Forget a console."""
        self._consoles.pop(sid, None)

    def tell(self) -> None:
        """Send every console what changed since the last call; nothing when nobody looks."""
        board = self._zone.board
        if not self._consoles or board.number == self._told:
            self._told = board.number
            return
        shown = self._shown(self._told, is_snapshot=False)
        self._told = board.number
        self._send(shown, None)

    def check_sign_ins(self) -> None:
        """Cut off consoles whose sign-in has ended or expired."""
        for sid, token in tuple(self._consoles.items()):
            if self._zone.read(find_staff, token) is None:
                self._server.disconnect(sid, namespace=NAMESPACE)

    def _shown(self, after: int, *, is_snapshot: bool) -> Shown:
        board = self._zone.board
        return Shown(
            number=board.number,
            zone_time=self._zone.now_ms(),
            is_snapshot=is_snapshot,
            online=self._zone.online(),
            session=board.session,
            seats=board.newer_than(after),
        )

    def _send(self, shown: Shown, sid: str | None) -> None:
        text = msgspec.json.encode(shown).decode()
        self._server.emit("shown", text, to=sid, namespace=NAMESPACE)
