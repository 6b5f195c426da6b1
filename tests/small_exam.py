"""A whole small exam for tests: one zone, ten candidates, every file as people hand it in, and a clock the test moves.

Everything before the doors open is done by the commands that people type. The morning itself runs through the zone's
own runtime, its events and the real agents of the seats; between them is a wire in memory instead of sockets.
"""

import csv
import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from centre_factories import HEADINGS, MARK_HEADINGS, make_id_number, make_photo, make_roster_row, write_csv
from simulated_zone import SimulatedDisk, talk
from socketio.exceptions import ConnectionRefusedError as SocketRefusedError

from exam_protocol.documents import Role
from exam_protocol.exam_config import HEBEI
from exam_protocol.ids import EpochMs, ExamId, ServerId, server_id
from exam_protocol.key_folder import make_key_folder
from exam_protocol.keys import CHEAPEST_KDF
from exam_protocol.messages import Enrol, Enrolled, Message, event_name, read, read_reply, write
from exam_protocol.paper import ItemType, Purpose
from exam_server.centre.folder import open_centre, operator
from exam_server.demo.commands import run_command
from exam_server.services.collecting import sweep
from exam_server.services.opening import open_rooms
from exam_server.services.release import open_opening_keys, release_files, release_keys
from exam_server.work import SYSTEM, Actor
from exam_server.zone.app import create_zone_app
from exam_server.zone.folder import open_zone, unlock_keys
from exam_server.zone.kiosk_events import KioskEvents
from exam_server.zone.runtime import ZoneRuntime
from kiosk_client.agent import Agent
from kiosk_client.clock import Moment
from kiosk_client.config import KioskConfig
from kiosk_client.link import DeviceRefusedError, ZoneUnreachableError
from kiosk_client.seat_files import SeatFiles
from kiosk_client.shown_paper import ShownItem
from question_bank.items import BankItem, Pool
from question_bank.store import Bank

EXAMPLES = Path(__file__).parent.parent / "examples"
SERVER = server_id("02")
ROOM = "01"
PASSPHRASE = "small exams only"
CHIEF = Actor("李敏华", frozenset({"chief"}))
ELECTRICIAN, COMPUTER_OPERATOR = "06-008", "06-011"
PEOPLE = {
    "王芳": ELECTRICIAN,
    "赵淑芬": ELECTRICIAN,
    "刘洪亮": ELECTRICIAN,
    "陈桂英": ELECTRICIAN,
    "杨立新": ELECTRICIAN,
    "周玉梅": COMPUTER_OPERATOR,
    "吴建军": COMPUTER_OPERATOR,
    "郑丽": COMPUTER_OPERATOR,
    "孙强": COMPUTER_OPERATOR,
    "马兰": COMPUTER_OPERATOR,
}
"""Ten candidates by name, with their trades; the n-th has ``make_id_number(n)``."""


class DayClock:
    """The time of the day for everybody: the centre, the zone, and every seat's machine."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def moment(self) -> Moment:
        """The two clocks of a seat."""
        ms = int(self.now.timestamp() * 1000)
        return Moment(ms - 1_700_000_000_000, EpochMs(ms))

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


class SmallExam:
    """The folder of one exam. ``databases`` gives another SQLAlchemy URL for the role ``centre`` or ``zone``."""

    def __init__(self, folder: Path, databases: Callable[[str], str | None] = lambda _role: None) -> None:
        self.folder = folder
        self.starts_at = (datetime.now(UTC) + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
        self.clock = DayClock(self.starts_at - timedelta(minutes=20))
        self.secret = ("--passphrase-file", folder / "passphrase")
        self.at_centre = ("--folder", folder / "centre")
        self.at_zone = ("--folder", folder / "zone")
        self.config = folder / "exam.toml"
        self.packages = folder / "packages"
        self._databases = databases
        self._write_inputs()

    def _write_inputs(self) -> None:
        self.folder.joinpath("passphrase").write_text(PASSPHRASE + "\n", encoding="utf-8")
        text = (EXAMPLES / "exam.toml").read_text(encoding="utf-8")
        line = f'starts_at = "{self.starts_at.astimezone(HEBEI):%Y-%m-%d %H:%M:%S}"'
        self.config.write_text(re.sub(r'(?m)^starts_at = "[^"]*"', line, text, count=1), encoding="utf-8")
        rows = [
            make_roster_row(number, 姓名=name, 工种代码=trade, 考区="石家庄")
            for number, (name, trade) in enumerate(PEOPLE.items(), 1)
        ]
        write_csv(self.folder / "roster.csv", rows, HEADINGS)
        (self.folder / "photos").mkdir()
        for number in range(1, len(PEOPLE) + 1):
            (self.folder / "photos" / f"{number}.jpg").write_bytes(make_photo())

    def write_marks(self, marks: dict[str, Sequence[str] | str]) -> Path:
        """Write the practical marks: three examiners' marks of each candidate, or one status for all three."""
        rows = [
            {
                "身份证号": self.id_number(name),
                "姓名": name,
                "考评员": f"考评员{place + 1}",
                "成绩": "" if isinstance(given, str) else given[place],
                "状态": given if isinstance(given, str) else "正常",
            }
            for name, given in marks.items()
            for place in range(3)
        ]
        return write_csv(self.folder / "marks.csv", rows, MARK_HEADINGS)

    @staticmethod
    def id_number(name: str) -> str:
        return make_id_number(1 + list(PEOPLE).index(name))

    # --- before the day, by the commands that people type ---

    def make_keys_and_papers(self, servers: Sequence[ServerId] = (SERVER,)) -> "SmallExam":
        """Keys, items into the bank, papers assembled and sealed."""
        exam = ExamId("2026-technician")
        make_key_folder(self.folder / "keys", exam, servers, PASSPHRASE, datetime.now(UTC), cost=CHEAPEST_KDF)
        workbooks = [EXAMPLES / "items" / f"{name}.xlsx" for name in ("public", "electrician", "computer")]
        of_bank = ("--bank", self.folder / "bank.db")
        run_command("bank", "import", *workbooks, *of_bank)
        run_command("bank", "assemble", *of_bank, "--config", self.config, "--all-in-bank", "--seed", 5)
        keys = ("--keys", self.folder / "keys", *self.secret)
        run_command("bank", "seal", *of_bank, "--config", self.config, *keys, "--out", self.packages)
        return self

    def plan(self) -> "SmallExam":
        """Roster, seats and the zone's roster package."""
        keys = ("--keys", self.folder / "keys")
        run_command("centre", "init", *self.at_centre, "--config", self.config, *keys, *self._database("centre"))
        photos = ("--photos", self.folder / "photos")
        run_command("centre", "import-roster", self.folder / "roster.csv", *photos, *self.at_centre)
        run_command("centre", "seat", "--seed", "small", "--rooms", 1, *self.at_centre)
        run_command("centre", "rosters", "--out", self.packages, *self.at_centre, *self.secret)
        return self

    def prepare_zone(self, name: str = "zone") -> "SmallExam":
        """The folder of the zone's server with its packages."""
        keys, at_zone = ("--keys", self.folder / "keys"), ("--folder", self.folder / name)
        run_command("zone", "init", *at_zone, "--server", SERVER, *keys, *self._database("zone"))
        files = [self.package(kind) for kind in ("roster", "live", "reserve")]
        run_command("zone", "import", *at_zone, *self.secret, *files)
        return self

    def package(self, name: str) -> Path:
        """The zone's package ``roster``, ``live`` or ``reserve``."""
        return self.packages / "zone-02-1" / f"{name}.package"

    @property
    def answer_keys(self) -> tuple[str, Path]:
        return "--answer-keys", self.packages / "answer-keys-live.package"

    def _database(self, role: str) -> tuple[str, ...]:
        url = self._databases(role)
        return () if url is None else ("--database", url)

    # --- the day ---

    def open_site(self, name: str = "zone") -> "Site":
        """Start the zone's process, as far as there can be one without sockets."""
        return Site(self, self.folder / name)

    def release(self) -> bytes:
        """What the centre does at the hour; returns the signed release of our zone."""
        centre = open_centre(self.folder / "centre", self.clock)
        centre_key = centre.key(Role.CENTRE_ENCRYPTION, PASSPHRASE).opening_key
        sealed = (self.packages / "opening-keys.sealed").read_bytes()
        opening_keys = open_opening_keys(sealed, centre_key, centre.exam)
        release_key = centre.key(Role.RELEASE, PASSPHRASE)
        run = centre.runner.run
        run(
            operator(),
            release_keys,
            centre.exam,
            centre.trust,
            release_key,
            opening_keys=opening_keys,
            purpose=Purpose.LIVE,
        )
        return run(operator(), release_files, centre.exam.session, Purpose.LIVE)[SERVER]

    # --- after the day ---

    def run_json(self, *words: object) -> dict[str, Any]:
        """Run a command of the centre and return its object."""
        told: dict[str, Any] = json.loads(run_command("centre", *words, *self.at_centre, "--json"))
        return told

    def score(self) -> dict[str, Any]:
        """Mark everything that has come; returns the counts."""
        return self.run_json("score", *self.answer_keys, *self.secret)

    def results(self) -> dict[str, tuple[str, str, str]]:
        """Decide; returns 应知, 应会 and 结论 by name, as they stand in the canonical file."""
        path = self.folder / "results.csv"
        self.run_json("results", "--out", path)
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        return {row["姓名"]: (row["应知成绩"], row["应会成绩"], row["结论"]) for row in rows}


class Site:
    """The running zone, and what the people in it do."""

    def __init__(self, exam: SmallExam, folder: Path) -> None:
        self.exam = exam
        self.clock = exam.clock
        self._folder = folder
        self._start()
        self.is_down = False
        bank = Bank.open(exam.folder / "bank.db")
        self._items = {stored.item.stem: stored.item for stored in bank.items(Pool.LIVE)}
        bank.engine.dispose()

    def _start(self) -> None:
        folder = open_zone(self._folder, self.clock)
        self.zone = ZoneRuntime(folder, unlock_keys(folder.config, PASSPHRASE, self.clock()))
        self.zone.start()
        self.pages = create_zone_app(self.zone, is_secure=False)[0].test_client()
        self.wire = MemoryWire()
        KioskEvents(self.zone, self.wire)  # type: ignore[arg-type]  # speaks like python-socketio's server

    def restart(self) -> None:
        """The server's process ends and another one starts: every line is gone, and all it had in memory."""
        lines = list(self.wire.lines.values())
        self.zone.stop()
        self._start()
        for line in lines:
            line.on_down()

    def open_rooms(self) -> str:
        """Open the enrolment window; returns the code of the room."""
        codes: dict[str, str] = self.zone.run(CHIEF, open_rooms)
        return codes[ROOM]

    def seat(self, name: str, code: str) -> "Candidate":
        """Show a candidate to the planned seat."""
        place = next(shown.card.place for shown in self.zone.board.newer_than(0) if shown.card.name == name)
        return Candidate(self, name, KioskConfig("http://zone", "seat", code, place[1]))

    def item(self, shown: ShownItem) -> BankItem:
        """What the bank knows of an item on a screen."""
        return self._items[shown.item.stem]

    def sweep(self) -> None:
        """What the zone's timer does each second."""
        self.zone.run(SYSTEM, sweep)

    def stop(self) -> None:
        self.zone.stop()


class Candidate:
    """A person at a real agent whose disk is in memory. Says what to answer by the bank's knowledge."""

    def __init__(self, site: Site, name: str, config: KioskConfig) -> None:
        self.site = site
        self.name = name
        self._config = config
        self._disk = SimulatedDisk()
        self.agent = self._start()

    def _start(self) -> Agent:
        link = MemoryLink(self.site)
        return Agent(self._config, SeatFiles(self._disk), link, self.site.clock.moment, uniform=lambda low, _high: low)

    def lose_power(self) -> None:
        """The machine goes off and is switched on again; only its disk remembers."""
        self.agent.conversation._link.close()
        self.agent = self._start()
        self.talk()

    def talk(self) -> None:
        """Let the seat say what it has to say."""
        talk(self.agent, turns=200)

    def come_in(self) -> "Candidate":
        """Sit down, sign in by the last four of the ID card, confirm."""
        self.talk()
        self.agent.sign_in(SmallExam.id_number(self.name)[-4:])
        self.agent.confirm()
        self.talk()
        return self

    def items(self, kind: ItemType) -> list[ShownItem]:
        """The items of a type, in the order of this candidate's screen."""
        assert self.agent.sitting.paper is not None
        return [shown for shown in self.agent.sitting.paper.items if shown.item.type is kind]

    def answer_right(self, items: Sequence[ShownItem]) -> None:
        """Answer items as the bank's key has it."""
        for shown in items:
            item = self.site.item(shown)
            self._choose(shown, [item.options[place] for place in item.right])

    def answer_wrong(self, items: Sequence[ShownItem]) -> None:
        """Answer items with one option that is not right."""
        for shown in items:
            item = self.site.item(shown)
            wrong = next(place for place in range(len(item.options)) if place not in item.right)
            self._choose(shown, [item.options[wrong]])

    def answer_with_one_missed(self, items: Sequence[ShownItem]) -> None:
        """Answer multiple-choice items rightly, but for one right option that is left out."""
        for shown in items:
            item = self.site.item(shown)
            self._choose(shown, [item.options[place] for place in item.right[1:]])

    def _choose(self, shown: ShownItem, texts: Sequence[str]) -> None:
        self.agent.answer(shown.number, tuple(option.id for option in shown.options if option.text in texts))
        self.talk()

    def hand_in(self) -> None:
        """Hand in with two confirmations and look at the receipt."""
        self.agent.review()
        self.agent.hand_in(1)
        self.agent.hand_in(2)
        self.talk()


class MemoryWire:
    """Stands where python-socketio's server stands: handlers by name, pushes to whoever is connected."""

    not_handled = object()

    def __init__(self) -> None:
        self.handlers: dict[str, Callable[..., Any]] = {}
        self.lines: dict[str, MemoryLink] = {}

    def on(self, name: str, handler: Callable[..., Any], namespace: str) -> None:
        assert namespace == "/kiosk"
        self.handlers[name] = handler

    def emit(self, name: str, text: str, to: str, namespace: str) -> None:
        del namespace
        if to in self.lines:
            self.lines[to].pushed(name, text)

    def disconnect(self, sid: str, namespace: str) -> None:
        del namespace
        self.lines.pop(sid, None)


class MemoryLink:
    """One seat's line to the site."""

    def __init__(self, site: Site) -> None:
        self.on_push: Callable[[Message], None] = lambda _message: None
        self.on_down: Callable[[], None] = lambda: None
        self._site = site
        self._sid = ""

    @property
    def _wire(self) -> MemoryWire:
        return self._site.wire

    @property
    def is_up(self) -> bool:
        return self._sid in self._wire.lines and not self._site.is_down

    def enrol(self, request: Enrol) -> Enrolled:
        self._check()
        return read_reply(self._site.pages.post("/kiosk/enrol", data=write(request)).text, Enrolled)

    def connect(self, device: str, token: str) -> None:
        self._check()
        self._sid = f"line {len(self._wire.lines)} {device}"
        try:
            self._wire.handlers["connect"](self._sid, {}, {"device": device, "token": token})
        except SocketRefusedError as refused:
            raise DeviceRefusedError("考点服务器没有本机的座位登记。", "请重新登记。") from refused
        self._wire.lines[self._sid] = self

    def ask(self, message: Message) -> Message:
        return self.send_event(event_name(type(message).__name__), write(message).encode())

    def send_event(self, name: str, event: bytes) -> Message:
        self._check()
        reply = self._wire.handlers[name](self._sid, event.decode())
        if not isinstance(reply, str):
            raise ZoneUnreachableError("没有收到回复。", "程序会自动重连。")
        return read_reply(reply, Message)

    def fetch(self, path: str) -> bytes:
        self._check()
        return self._site.pages.get(path).data

    def close(self) -> None:
        if self._wire.lines.pop(self._sid, None) is not None:
            self._wire.handlers["disconnect"](self._sid)

    def pushed(self, name: str, text: str) -> None:
        kinds = {event_name(kind.__name__): kind for kind in Message.__subclasses__()}
        self.on_push(read(text, kinds[name]))

    def _check(self) -> None:
        if self._site.is_down:
            raise ZoneUnreachableError("连不上考点服务器。", "程序会自动重连。")
