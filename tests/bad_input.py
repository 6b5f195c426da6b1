"""An office with everything that people hand in, genuine; tests spoil one thing and look what the command says."""

import contextlib
import hashlib
import io
import shutil
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import msgspec
from msgspec.structs import replace
from small_exam import CHIEF, PASSPHRASE, PEOPLE, SERVER, SmallExam
from zone_rig import ExamKeys, make_roster, roster_package

from exam_protocol.cli import main
from exam_protocol.documents import (
    AnswerKeyManifest,
    AnswerManifest,
    KeyRelease,
    PaperManifest,
    PublicationManifest,
    Role,
)
from exam_protocol.envelope import seal
from exam_protocol.exam_config import read_exam_config
from exam_protocol.exchange import release_context
from exam_protocol.ids import ExamId, SessionId, server_id
from exam_protocol.key_folder import make_key_folder, read_key, read_trust
from exam_protocol.keys import CHEAPEST_KDF, Trust, root_fingerprint, sign_document
from exam_protocol.package import manifest_of, pack
from exam_protocol.paper import Purpose
from exam_server.demo.commands import run_command
from exam_server.services.release import open_opening_keys

OTHER_SERVER = server_id("03")
PRACTICAL = dict.fromkeys(list(PEOPLE)[:5], ("70", "71", "72"))
"""Half of the candidates have practical marks already; those of the others are still to be handed in."""


class Told(msgspec.Struct, frozen=True):
    """What a command said and how it ended."""

    code: object
    out: str
    err: str


def run(*words: object) -> Told:
    """Run ``kaoping`` as a person does, by its entry point."""
    out, err = io.StringIO(), io.StringIO()
    with (
        patch.object(sys, "argv", ["kaoping", *map(str, words)]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
            code: object = 0
        except SystemExit as ended:
            code = ended.code
    return Told(code, out.getvalue(), err.getvalue())


class Office:
    """All folders of one exam on one desk: bank, keys, centre, zone, portal; the morning has not come."""

    def __init__(self, folder: Path) -> None:
        self.exam = SmallExam(folder).make_keys_and_papers([SERVER, OTHER_SERVER]).plan().prepare_zone()
        self.folder = folder
        self.keys = folder / "keys"
        self.secret = self.exam.secret
        self.trust = read_trust(self.keys, None, datetime.now(UTC))
        self.stranger = folder / "stranger"
        exam = ExamId("2026-technician")
        make_key_folder(self.stranger, exam, [SERVER], PASSPHRASE, datetime.now(UTC), cost=CHEAPEST_KDF)
        self.answers = self._answers_of_an_empty_room()
        self.publication = self._publication()

    def _answers_of_an_empty_room(self) -> Path:
        """Close a zone to which nobody came; returns its genuine answer package."""
        site = self.exam.prepare_zone("spare-zone").open_site("spare-zone")
        site.open_rooms()
        site.clock.now = self.exam.starts_at
        site.zone.release(self.release())
        site.clock.forward(hours=2)
        site.zone.close(CHIEF, "没有人来")
        site.stop()
        return self.folder / "spare-zone" / "answers.package"

    def _publication(self) -> Path:
        """Score the empty room and publish it; half of the people have practical marks."""
        exam = self.exam
        exam.run_json("import-answers", self.answers)
        exam.run_json("import-marks", exam.write_marks(PRACTICAL))
        exam.score()
        exam.results()
        exam.run_json("activation-codes", "--out", self.folder / "codes")
        path = self.folder / "publication.package"
        exam.run_json("publish", "--out", path, *self.secret)
        run_command("portal", "init", "--folder", self.folder / "portal", *self.portal_words())
        return path

    def portal_words(self, **changed: object) -> list[object]:
        words: dict[str, object] = {
            "root": self.keys / "root.dsse",
            "fingerprint": root_fingerprint(self.trust.root),
            "lookup-key": self.folder / "centre" / "lookup.key",
            "public-url": "http://127.0.0.1:8300",
        }
        return [word for name, value in (words | changed).items() for word in (f"--{name}", value)]

    def exam_keys(self, folder: Path | None = None) -> ExamKeys:
        """The private keys of a folder, for packages that a test makes itself."""
        folder = folder or self.keys
        common = {str(role): read_key(folder, role, PASSPHRASE) for role in (Role.PAPER, Role.ROSTER, Role.RELEASE)}
        centre = read_key(folder, Role.CENTRE_ENCRYPTION, PASSPHRASE)
        zone = read_key(folder, Role.ZONE, PASSPHRASE, SERVER)
        opening = read_key(folder, Role.ZONE_ENCRYPTION, PASSPHRASE, SERVER)
        return ExamKeys(centre_encryption=centre, zone=zone, zone_encryption=opening, **common)

    def roster(self, folder: Path | None = None, revision: int = 9, **changed: object) -> bytes:
        """A roster package signed by the keys of a folder."""
        roster = replace(make_roster(self.exam.starts_at), **changed)
        return roster_package(self.exam_keys(folder), self._trust_of(folder), roster, revision)

    def release(self, folder: Path | None = None, **changed: object) -> bytes:
        """A key release signed by the keys of a folder."""
        keys, exam, session = self.exam_keys(folder), ExamId("2026-technician"), SessionId("S1")
        centre_key = self.exam_keys().centre_encryption.opening_key
        opening_keys = (self.exam.packages / "opening-keys.sealed").read_bytes()
        opened = open_opening_keys(opening_keys, centre_key, read_exam_config(self.exam.config))
        (opening_key,) = (key for key in opened.keys if (key.server, key.purpose) == (SERVER, Purpose.LIVE))
        context = release_context(exam, session, SERVER, Purpose.LIVE, opening_key.revision)
        sealed = seal(opening_key.secret, keys.zone_encryption.public_key, context)
        document = KeyRelease(exam, session, SERVER, Purpose.LIVE, 1, self.exam.starts_at, sealed, 1)
        return sign_document(replace(document, **changed), keys.release)

    def resigned(self, kind: str, folder: Path | None = None, **changed: object) -> bytes:
        """A genuine package whose manifest was changed and signed again, with the keys of a folder."""
        path, document, role, scope = {
            "paper": (self.exam.package("live"), PaperManifest, Role.PAPER, ""),
            "answer_keys": (self.exam.answer_keys[1], AnswerKeyManifest, Role.PAPER, ""),
            "answers": (self.answers, AnswerManifest, Role.ZONE, SERVER),
            "publication": (self.publication, PublicationManifest, Role.PUBLICATION, ""),
        }[kind]
        package = path.read_bytes()
        manifest = self.trust.verify(manifest_of(package), document, scope=scope, now=datetime.now(UTC))
        parts = package[package.index(b"\n", package.index(b"\n") + 1) + 1 :]
        key = read_key(folder or self.keys, role, PASSPHRASE, scope)
        return pack(sign_document(replace(manifest, **changed), key), [parts])

    def _trust_of(self, folder: Path | None) -> Trust:
        return read_trust(folder or self.keys, None, datetime.now(UTC))

    def copied_keys(self, folder: Path) -> Path:
        """A copy of the key folder, to be spoiled."""
        return shutil.copytree(self.keys, folder / "keys")

    def state(self) -> dict[str, str]:
        """Everything that must not change when something is refused: tables by their rows, files by their bytes."""
        state: dict[str, str] = {}
        for path in sorted(self.folder.rglob("*")):
            if path.suffix == ".db":
                state |= _rows(path)
            elif path.is_file() and not path.name.endswith(("-wal", "-shm")):
                state[str(path.relative_to(self.folder))] = hashlib.sha256(path.read_bytes()).hexdigest()
        return state


def _rows(path: Path) -> dict[str, str]:
    with closing(sqlite3.connect(path)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            f"{path.parent.name}/{path.name}/{table}": hashlib.sha256(
                repr(database.execute(f'SELECT * FROM "{table}"').fetchall()).encode()  # noqa: S608 - names of ours
            ).hexdigest()
            for table in tables
        }


def flipped(content: bytes, place: int) -> bytes:
    """One bit changed; a negative place counts from the end."""
    changed = bytearray(content)
    changed[place] ^= 1
    return bytes(changed)
