"""The demo's folder, and everything before the doors open: keys, items, papers, roster, seats, packages."""

import re
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from exam_protocol.canonical_json import decode
from exam_protocol.documents import Role, RosterManifest, ZoneRoster
from exam_protocol.envelope import MAX_DOCUMENT_BYTES, unseal
from exam_protocol.errors import ConfigurationError
from exam_protocol.exam_config import HEBEI, ExamConfig, read_exam_config
from exam_protocol.exchange import roster_context
from exam_protocol.ids import ServerId, TradeCode, server_file_name
from exam_protocol.key_folder import make_key_folder, read_key, read_trust
from exam_protocol.keys import CHEAPEST_KDF, root_fingerprint
from exam_protocol.package import contents_of, manifest_of
from exam_protocol.paper import Purpose
from exam_server.demo.commands import run_command
from question_bank.items import BankItem, Pool
from question_bank.paper_store import latest_papers
from question_bank.store import Bank

ITEM_WORKBOOKS = ("public", "electrician", "driver", "cook", "computer")


class Stage:
    """One demo day in one folder. ``examples`` holds the input that people would hand in."""

    def __init__(self, folder: Path, examples: Path, servers: tuple[ServerId, ...], seed: int) -> None:
        self.folder = folder
        self.examples = examples
        self.servers = servers
        self.seed = seed
        self.keys = folder / "keys"
        self.packages = folder / "packages"
        self.centre = folder / "centre"
        self.portal = folder / "portal"
        self.seats = folder / "seats"
        self.config_file = folder / "exam.toml"
        self.passphrase_file = folder / "passphrase.txt"
        self.roster_file = examples / "roster.xlsx"
        self.marks_file = examples / "practical-marks.xlsx"
        self._bank_file = folder / "bank.db"
        self._times: dict[str, int] = {}
        if not self.roster_file.is_file():
            raise ConfigurationError(
                f"在 {examples} 找不到示例数据。", "请在源码目录中运行，或用 --examples 指明文件夹。"
            )

    @property
    def config(self) -> ExamConfig:
        """The exam's configuration with the day's start in it."""
        return read_exam_config(self.config_file)

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the day's root keys."""
        return root_fingerprint(read_trust(self.keys, None, datetime.now(UTC)).root)

    @property
    def passphrase(self) -> str:
        """The random passphrase of this demo's keys."""
        return self.passphrase_file.read_text(encoding="utf-8").strip()

    def zone_folder(self, server: ServerId) -> Path:
        """Return the folder of one zone server."""
        return self.folder / "zones" / server_file_name(server)

    def make_keys_and_papers(self) -> None:
        """Everything that does not depend on the hour: keys, items into the bank, papers."""
        self.passphrase_file.touch(mode=0o600)
        self.passphrase_file.write_text(secrets.token_urlsafe(24) + "\n", encoding="utf-8")
        demo_config = self.examples / "demo.toml"
        # The cheapest derivation guards nothing less here: the passphrase is 192 random bits and lies beside the keys.
        exam = read_exam_config(demo_config).exam
        make_key_folder(self.keys, exam, self.servers, self.passphrase, datetime.now(UTC), cost=CHEAPEST_KDF)
        workbooks = [self.examples / "items" / f"{name}.xlsx" for name in ITEM_WORKBOOKS]
        run_command("bank", "import", *workbooks, "--bank", self._bank_file)
        practice = self.examples / "items" / "practice.xlsx"
        run_command("bank", "import", practice, "--practice", "--bank", self._bank_file)
        bank_words = ("--bank", self._bank_file, "--config", demo_config)
        run_command("bank", "assemble", *bank_words, "--all-in-bank", "--seed", self.seed)

    def set_times(self, **seconds: int) -> None:
        """Let the day take other times than ``demo.toml`` says: ``duration_s``, ``late_limit_s`` and so on."""
        self._times = seconds

    def fix_start(self, lead: timedelta) -> datetime:
        """Set the start of the exam to ``lead`` from now, to the whole second; the rest of the file stays as it is."""
        starts_at = (datetime.now(UTC) + lead).replace(microsecond=0)
        text = (self.examples / "demo.toml").read_text(encoding="utf-8")
        values = {"starts_at": f'"{starts_at.astimezone(HEBEI):%Y-%m-%d %H:%M:%S}"', **self._times}
        for name, value in values.items():
            text = re.sub(rf"^{name} = .*$", f"{name} = {value}", text, count=1, flags=re.MULTILINE)
        self.config_file.write_text(text, encoding="utf-8")
        return starts_at

    def plan_and_seal(self) -> None:
        """Seat everybody, and write the sealed papers and the rosters of every server."""
        secret = ("--passphrase-file", self.passphrase_file)
        bank_words = ("--bank", self._bank_file, "--config", self.config_file)
        run_command("bank", "seal", *bank_words, "--keys", self.keys, *secret, "--out", self.packages)
        at_centre = ("--folder", self.centre)
        run_command("centre", "init", *at_centre, "--config", self.config_file, "--keys", self.keys)
        photos = self.examples / "photos.zip"
        run_command("centre", "import-roster", self.roster_file, "--photos", photos, *at_centre)
        run_command("centre", "seat", "--seed", self.seed, *at_centre)
        run_command("centre", "rosters", "--out", self.packages, *at_centre, *secret)

    def package(self, server: ServerId, name: str) -> Path:
        """Return the path of a server's package: ``live``, ``reserve`` or ``roster``."""
        return self.packages / server_file_name(server) / f"{name}.package"

    def roster(self, server: ServerId) -> ZoneRoster:
        """Read a server's roster as the zone will: verified, then opened with the zone's own key."""
        trust = read_trust(self.keys, None, datetime.now(UTC))
        content = self.package(server, "roster").read_bytes()
        manifest = trust.verify(manifest_of(content), RosterManifest, scope=server, now=datetime.now(UTC))
        (sealed,) = contents_of(content, [manifest.part])
        key = read_key(self.keys, Role.ZONE_ENCRYPTION, self.passphrase, server).opening_key
        context = roster_context(manifest.exam, manifest.session, server, manifest.revision)
        return decode(unseal(sealed, key, context), ZoneRoster, max_bytes=MAX_DOCUMENT_BYTES)

    def live_papers(self) -> dict[TradeCode, list[BankItem]]:
        """The items of each trade's live paper, in the paper's order: what the robots have learned."""
        bank = Bank.open(self._bank_file)
        by_id = {stored.id: stored.item for stored in bank.items(Pool.LIVE)}
        config = self.config
        return {
            assembled.paper.trade: [by_id[item.id] for item in assembled.paper.items()]
            for assembled in latest_papers(bank, config.exam, config.session)
            if assembled.paper.purpose is Purpose.LIVE
        }
