"""A zone server in its own process, made by the commands a site uses, and kiosks over the official client."""

import contextlib
import json
import os
import signal
import ssl
import subprocess
import sys
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import socketio
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from factories import make_paper
from zone_rig import SERVER, ExamKeys, id_number_of, make_roster, paper_package, release_envelope, roster_package

from exam_protocol.cli import load_group
from exam_protocol.documents import Role
from exam_protocol.envelope import unseal
from exam_protocol.event_chain import Chain
from exam_protocol.ids import DeviceId, EpochMs, ItemId, OptionId, SeatNo
from exam_protocol.key_folder import make_key_folder, read_key
from exam_protocol.keys import CHEAPEST_KDF, Trust
from exam_protocol.messages import (
    Answer,
    AnyReply,
    ConfirmIdentity,
    Enrol,
    Enrolled,
    HandIn,
    Hello,
    Message,
    PaperReleased,
    Ready,
    SignedIn,
    SignIn,
    event_name,
    read,
    read_reply,
    write,
)
from exam_protocol.paper import Paper
from exam_protocol.sealed_paper import device_context, open_paper

PATIENCE_S = 30
PASSPHRASE = "wire tests only"
ROLES = (Role.PAPER, Role.ROSTER, Role.RELEASE, Role.CENTRE_ENCRYPTION)


def run_zone(*words: object) -> str:
    """Run a ``kaoping zone`` command in this process and return what it prints."""
    result = CliRunner().invoke(load_group("zone"), [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


class ZoneProcess:
    """One site: key folder, packages, zone folder, and the serving process that may be killed."""

    def __init__(self, folder: Path, centre_url: str | None = None, **roster: Any) -> None:
        self.folder = folder / "zone"
        self.now = datetime.now(UTC)
        self.passphrase = folder / "passphrase"
        self.passphrase.write_text(PASSPHRASE)
        self.trust: Trust = make_key_folder(
            folder / "keys", make_roster().exam, [SERVER], PASSPHRASE, self.now, cost=CHEAPEST_KDF
        )
        common = {str(role): read_key(folder / "keys", role, PASSPHRASE) for role in ROLES}
        own = {
            str(role): read_key(folder / "keys", role, PASSPHRASE, SERVER) for role in (Role.ZONE, Role.ZONE_ENCRYPTION)
        }
        self.keys = ExamKeys(**common, **own)
        self.paper: Paper = make_paper()
        self.roster = make_roster(self.now, **({"earliest_hand_in_s": 0} | roster))
        self.secret = ("--passphrase-file", self.passphrase)
        self.at = ("--folder", self.folder)
        packages = {
            "roster.package": roster_package(self.keys, self.trust, self.roster),
            "live.package": paper_package(self.keys, self.trust, self.paper, now=self.now),
            "live.release": release_envelope(self.keys, self.trust, self.roster),
        }
        for name, content in packages.items():
            (folder / name).write_bytes(content)
        self.release_file = folder / "live.release"
        centre = ("--centre", centre_url) if centre_url else ()
        run_zone("init", *self.at, "--server", SERVER, "--keys", folder / "keys", *centre)
        run_zone("import", *self.at, *self.secret, folder / "roster.package", folder / "live.package")
        self.codes = json.loads(run_zone("open-rooms", *self.at, "--minutes", 60, "--json"))["codes"]
        self.tls: tuple[Path, Path] | None = None
        self.process: subprocess.Popen[str] | None = None
        self.url = ""
        self._port = "0"

    def serve(self) -> Self:
        """Start the server, on the same port as before."""
        words = ["zone", "serve", "--port", self._port, *map(str, (*self.at, *self.secret))]
        if self.tls:
            words += ["--tls-cert", str(self.tls[0]), "--tls-key", str(self.tls[1])]
        with (self.folder / "serve.err").open("a") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "exam_protocol.cli", *words],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert "://" in line, (self.folder / "serve.err").read_text()
        self.url = line.strip().rpartition("：")[2]
        self._port = self.url.rpartition(":")[2]
        return self

    def kill(self) -> None:
        """SIGKILL: no farewell."""
        assert self.process is not None
        self.process.kill()
        self._reap()

    def stop(self) -> int:
        """Ask it to end; returns its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self._reap()

    def _reap(self) -> int:
        assert self.process is not None
        assert self.process.stdout is not None
        code = self.process.wait(PATIENCE_S)
        self.process.stdout.close()
        self.process = None
        return code

    def release(self) -> None:
        run_zone("release", *self.at, self.release_file)

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(run_zone("status", *self.at, "--json"))
        return found

    @property
    def context(self) -> ssl.SSLContext | None:
        return ssl.create_default_context(cafile=str(self.tls[0])) if self.tls else None

    def post(self, path: str, body: bytes) -> bytes:
        request = urllib.request.Request(self.url + path, body, {"Content-Type": "application/json"})  # noqa: S310
        with urllib.request.urlopen(request, timeout=PATIENCE_S, context=self.context) as reply:  # noqa: S310
            content: bytes = reply.read()
        return content

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.url + path, timeout=PATIENCE_S, context=self.context) as reply:  # noqa: S310
            content: bytes = reply.read()
        return content


class WireKiosk:
    """A kiosk over python-socketio's own client."""

    def __init__(self, zone: ZoneProcess, seat: int) -> None:
        self.zone = zone
        self.seat = seat
        self.device = DeviceId(f"wire-{seat}")
        self.encryption_key = X25519PrivateKey.generate()
        public = self.encryption_key.public_key().public_bytes_raw()
        request = Enrol(zone.codes["01"], SeatNo(seat), self.device, b"s" * 32, public, "wire/1")
        self.enrolled = read_reply(zone.post("/kiosk/enrol", write(request).encode()).decode(), Enrolled)
        self.pushes: list[tuple[str, str]] = []
        self.client: Any = None
        self.lines: list[Any] = []
        self.signed_in: SignedIn | None = None
        self.chain: Chain | None = None

    def connect(self, token: str | None = None) -> "WireKiosk":
        verify = {"sslopt": {"context": self.zone.context}} if self.zone.tls else {}
        self.client = socketio.Client(reconnection=False, handle_sigint=False, websocket_extra_options=verify)
        self.client.on("*", lambda name, text: self.pushes.append((name, text)), namespace="/kiosk")
        self.client.connect(
            self.zone.url,
            transports=["websocket"],
            namespaces=["/kiosk"],
            auth={"device": self.device, "token": token or self.enrolled.token},
            wait_timeout=PATIENCE_S,
        )
        self.lines.append(self.client.eio.ws.sock)
        return self

    def ask_text(self, name: str, text: object) -> str:
        """Return the acknowledgement; ``ConnectionError`` when the line breaks before it comes."""
        client, replies = self.client, []
        client.emit(name, text, namespace="/kiosk", callback=replies.append)
        until = time.monotonic() + PATIENCE_S
        while not replies:
            if not client.connected or time.monotonic() > until:
                raise ConnectionError(f"no acknowledgement of {name}")
            time.sleep(0.001)
        reply: str = replies[0]
        return reply

    def ask(self, message: Message) -> Any:
        text = self.ask_text(event_name(type(message).__name__), write(message))
        return read(text, AnyReply) if len(text) < 60_000 else read_reply(text, Message)  # type: ignore[type-var]  # a union

    def come_in(self) -> "WireKiosk":
        """Hello, sign in, confirm."""
        self.ask(Hello(self.device, "wire/1"))
        self.signed_in = self.ask(SignIn(self.device, None, id_number_of(self.seat)[-4:]))
        assert isinstance(self.signed_in, SignedIn)
        self.chain = Chain(self.signed_in.attempt, self.signed_in.acked_seq, self.signed_in.head)
        self.ask(ConfirmIdentity(self.device, self.signed_in.attempt, self.signed_in.epoch))
        return self

    def ready(self) -> Any:
        assert self.signed_in is not None
        return self.ask(Ready(self.device, self.signed_in.attempt, self.signed_in.epoch))

    def open(self, released: PaperReleased) -> Paper:
        assert self.signed_in is not None
        context = device_context(self.device, released.attempt, released.paper)
        content_key = unseal(released.sealed_content_key, self.encryption_key, context)
        return open_paper(self.zone.get(self.signed_in.paper_url), content_key, self.signed_in.paper_context)

    def next_answer(self, item: str) -> Answer:
        assert self.signed_in is not None
        assert self.chain is not None
        return Answer(
            self.signed_in.attempt,
            self.signed_in.epoch,
            self.chain.seq + 1,
            ItemId(item),
            (OptionId("o1-1"),),
            is_marked=False,
            t_mono=0,
            t_wall=EpochMs(0),
            prev=self.chain.head,
        )

    def next_hand_in(self) -> HandIn:
        assert self.signed_in is not None
        assert self.chain is not None
        place = (self.signed_in.attempt, self.signed_in.epoch, self.chain.seq + 1)
        return HandIn(*place, "candidate", 1, 0, EpochMs(0), self.chain.head)

    def append(self, entry: Answer | HandIn) -> None:
        assert self.chain is not None
        self.chain = self.chain.extend(entry, write(entry).encode())

    def wait_push(self, name: str) -> str:
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            for pushed, text in self.pushes:
                if pushed == name:
                    return text
            self.client.sleep(0.01)
        raise AssertionError(f"no {name} among {[name for name, _ in self.pushes]}")

    def close(self) -> None:
        if self.client is not None:
            with contextlib.suppress(Exception):
                self.client.disconnect()
        for line in self.lines:  # the official client leaves the socket of a broken line open
            line.close()
