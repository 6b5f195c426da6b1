"""One zone server of a demo: made, filled and served by its own commands, closed at the end of the day."""

import socket
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from exam_protocol.documents import ZoneRoster
from exam_protocol.ids import ServerId, server_file_name
from exam_protocol.sitting_state import SittingState
from exam_server.demo.commands import run_command, run_json
from exam_server.demo.processes import Child, Children
from exam_server.demo.stage import Stage
from exam_server.demo.tls import make_loopback_certificate
from exam_server.services.zone_status import ZoneStatus
from exam_server.zone.control import ask_running
from kiosk_client.config import KioskConfig

_LOOPBACK = "127.0.0.1"
_ABSENT_REASON = "演示：开考后未到场"
_CONNECT_SPREAD_S = 6.0


class ZoneProcess(msgspec.Struct, frozen=True):
    """A served zone: ``codes`` are the rooms' enrolment codes, ``certificate`` what kiosks pin if it has TLS."""

    server: ServerId
    folder: Path
    url: str
    certificate: Path | None
    codes: dict[str, str]
    roster: ZoneRoster
    child: Child

    def status(self) -> ZoneStatus | None:
        """Ask the server for its counts; ``None`` while it starts. Raises ``ProcessFailedError`` once it has ended."""
        reply = ask_running(self.folder, "status")
        if reply is None:
            self.child.check()
            return None
        return msgspec.json.decode(reply, type=ZoneStatus)

    def kiosk_config(self, seats: Path, room: str, seat: int) -> KioskConfig:
        """Return the configuration of one seat, whose files lie below ``seats``."""
        return KioskConfig(
            zone_url=self.url,
            folder=str(seats / server_file_name(self.server) / f"{room}-{seat:02d}"),
            room_code=self.codes[room],
            seat=seat,
            tls_certificate=str(self.certificate) if self.certificate else None,
            connect_spread_s=_CONNECT_SPREAD_S,
        )

    def confirmed(self) -> int:
        """How many candidates have confirmed who they are and wait for the paper."""
        status = self.status()
        return 0 if status is None else status.states.get(SittingState.CONFIRMED, 0)

    def is_waiting_for_close(self) -> bool:
        """Whether every candidate who came has handed in or was collected."""
        status = self.status()
        return status is not None and status.closed + status.states.get(SittingState.EXPECTED, 0) == status.expected

    def close(self) -> None:
        """Confirm who has not come as absent, close the session and make the answer package."""
        run_command("zone", "close", "--folder", self.folder, "--by", "演示主考", "--absent", _ABSENT_REASON)

    def has_handed_over(self) -> bool:
        """Whether the centre has confirmed the answer package."""
        status = self.status()
        return status is not None and status.package_taken


def start_zone(stage: Stage, children: Children, server: ServerId, centre_url: str, *, tls: bool) -> ZoneProcess:
    """Make a zone's folder, import its packages, open its rooms, and serve it on a free port."""
    folder, secret = stage.zone_folder(server), ("--passphrase-file", stage.passphrase_file)
    at_zone = ("--folder", folder)
    run_command("zone", "init", *at_zone, "--server", server, "--keys", stage.keys, "--centre", centre_url)
    packages = [stage.package(server, name) for name in ("roster", "live", "reserve")]
    run_command("zone", "import", *at_zone, *secret, *packages)
    codes = run_json("zone", "open-rooms", *at_zone, "--by", "演示主考", "--minutes", 60)["codes"]
    # A port of our own choice: a killed server must come back at the same address.
    port = free_port()
    serve = ["zone", "serve", "--folder", str(folder), "--port", str(port), *map(str, secret)]
    certificate = None
    if tls:
        certificate, key = make_loopback_certificate(folder, datetime.now(UTC))
        serve += ["--tls-cert", str(certificate), "--tls-key", str(key)]
    child = children.start(server_file_name(server), *serve)
    url = f"{'https' if tls else 'http'}://{_LOOPBACK}:{port}"
    return ZoneProcess(server, folder, url, certificate, codes, stage.roster(server), child)


def free_port() -> int:
    """Return a port that is free on loopback now."""
    with socket.socket() as probe:
        probe.bind((_LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port
