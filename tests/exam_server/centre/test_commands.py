"""The commands of the centre: one after the other over a real folder, and what they refuse."""

from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from centre_factories import SERVERS, make_id_number, make_roster_row, write_csv, write_photos
from click.testing import CliRunner
from scoring_factories import EXAM, SESSION

from exam_protocol.canonical_json import encode
from exam_protocol.documents import Role
from exam_protocol.envelope import seal
from exam_protocol.errors import (
    ConfigurationError,
    InputRefusedError,
    NotYetValidError,
    WrongPassphraseError,
    WrongServerError,
)
from exam_protocol.ids import ExamId
from exam_protocol.key_folder import make_key_folder, read_key
from exam_protocol.keys import CHEAPEST_KDF
from exam_protocol.paper import Purpose
from exam_protocol.sealed_paper import OPENING_KEYS_FORMAT, OpeningKey, OpeningKeys, opening_keys_context
from exam_server.centre.cli import centre

CONFIG = Path(__file__).parents[3] / "examples" / "exam.toml"
PASSPHRASE = "a long passphrase"
CONTEXT = opening_keys_context(EXAM, SESSION)


class Desk:
    """An officer's folder with keys, passphrase, roster and photos."""

    def __init__(self, folder: Path, exam: str = "2026-technician") -> None:
        self.folder = folder
        make_key_folder(folder / "keys", ExamId(exam), SERVERS, PASSPHRASE, datetime.now(UTC), cost=CHEAPEST_KDF)
        (folder / "passphrase").write_text(PASSPHRASE + "\n", encoding="utf-8")
        (folder / "wrong").write_text("another one\n", encoding="utf-8")
        self.roster = write_csv(folder / "roster.csv", [make_roster_row(number) for number in (1, 2, 3)])
        self.photos = write_photos(folder / "photos", [1, 2, 3])

    def run(self, *words: object) -> str:
        """Run a command; a refusal comes through as it is raised."""
        result = CliRunner().invoke(
            centre, [str(word) for word in (*words, "--folder", self.folder / "centre")], catch_exceptions=False
        )
        assert result.exit_code == 0, result.output
        return result.output

    def init(self) -> str:
        return self.run("init", "--config", CONFIG, "--keys", self.folder / "keys")

    def import_roster(self) -> str:
        return self.run("import-roster", self.roster, "--photos", self.photos)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_from_an_empty_folder_to_rosters_for_the_zones(desk: Desk) -> None:
    desk.init()
    assert "已导入 3 名考生" in desk.import_roster()
    assert "3 人，4 个考场，2 个考点" in desk.run("seat", "--seed", "1")
    desk.run("rosters", "--out", desk.folder / "out", "--passphrase-file", desk.folder / "passphrase")
    desk.run("activation-codes", "--out", desk.folder / "codes")

    assert sorted(path.parent.name for path in desk.folder.glob("out/*/roster.package")) == ["zone-02-1", "zone-03-1"]
    (codes,) = desk.folder.glob("codes/*.csv")
    assert len(codes.read_text(encoding="utf-8-sig").splitlines()) == 4


def test_no_file_of_the_centre_is_open_to_others(desk: Desk) -> None:
    desk.init()

    secrets = [desk.folder / "centre" / name for name in ("column.key", "lookup.key", "centre.toml", "")]
    assert [path.stat().st_mode & 0o077 for path in secrets] == [0, 0, 0, 0]


def test_a_folder_in_use_is_never_taken_for_a_new_centre(desk: Desk) -> None:
    desk.init()
    keys = (desk.folder / "centre" / "column.key").read_bytes()

    with pytest.raises(ConfigurationError, match="不是空文件夹"):
        desk.init()
    assert (desk.folder / "centre" / "column.key").read_bytes() == keys


def test_keys_of_another_exam_make_no_centre(tmp_path: Path) -> None:
    with pytest.raises(WrongServerError, match="2025-technician"):
        Desk(tmp_path, exam="2025-technician").init()


def test_a_command_outside_a_centre_says_what_to_do_first(desk: Desk) -> None:
    with pytest.raises(ConfigurationError, match="kaoping centre init"):
        desk.import_roster()


def test_a_wrong_passphrase_writes_no_roster(desk: Desk) -> None:
    desk.init()
    desk.import_roster()
    desk.run("seat")

    with pytest.raises(WrongPassphraseError):
        desk.run("rosters", "--out", desk.folder / "out", "--passphrase-file", desk.folder / "wrong")
    assert not (desk.folder / "out").exists()


def test_of_several_answer_files_none_is_taken_when_one_is_refused(desk: Desk) -> None:
    desk.init()
    broken = desk.folder / "zone-02-1.package"
    broken.write_bytes(b"exam-package/1\nnothing")

    with pytest.raises(InputRefusedError, match=r"zone-02-1\.package：考务包被截断或损坏"):
        desk.run("import-answers", broken)


def test_no_command_prints_an_id_number(desk: Desk) -> None:
    told = desk.init() + desk.import_roster() + desk.run("seat", "--json") + desk.run("seat")

    assert make_id_number(1) not in told


@pytest.mark.parametrize("name", sorted(centre.commands))
def test_every_command_has_help(name: str) -> None:
    assert centre.commands[name].help
    options = [option for option in centre.commands[name].params if isinstance(option, click.Option)]
    assert all(option.help for option in options)


def seal_opening_keys(desk: Desk) -> Path:
    """Write the file that the bank would: the opening keys of both servers, sealed to the centre."""
    keys = tuple(OpeningKey(server, Purpose.LIVE, 1, bytes(32)) for server in SERVERS)
    recipient = read_key(desk.folder / "keys", Role.CENTRE_ENCRYPTION, PASSPHRASE).public_key
    path = desk.folder / "opening-keys.sealed"
    sealed = seal(encode(OpeningKeys(OPENING_KEYS_FORMAT, EXAM, SESSION, keys)), recipient, CONTEXT)
    path.write_bytes(sealed)
    return path


def release_words(desk: Desk, command: str) -> tuple[object, ...]:
    return command, "--opening-keys", seal_opening_keys(desk), "--passphrase-file", desk.folder / "passphrase"


def test_armed_keys_leave_at_once_when_the_hour_has_come_and_can_be_carried(desk: Desk) -> None:
    past = desk.folder / "past.toml"
    past.write_text(CONFIG.read_text(encoding="utf-8").replace("2026-09-26", "2025-09-26"), encoding="utf-8")
    desk.run("init", "--config", past, "--keys", desk.folder / "keys")

    assert "已向 2 个考点发放密钥" in desk.run(*release_words(desk, "arm"))
    told = desk.run(*release_words(desk, "release"), "--out", desk.folder / "stick")

    assert "2 个此前已发放" in told
    assert sorted(path.parent.name for path in desk.folder.glob("stick/*/live.release")) == ["zone-02-1", "zone-03-1"]


def test_keys_do_not_leave_before_the_hour_whoever_types_the_command(desk: Desk) -> None:
    future = desk.folder / "future.toml"
    future.write_text(CONFIG.read_text(encoding="utf-8").replace("2026-09-26", "2099-09-26"), encoding="utf-8")
    desk.run("init", "--config", future, "--keys", desk.folder / "keys")

    with pytest.raises(NotYetValidError):
        desk.run(*release_words(desk, "release"), "--out", desk.folder / "stick")
    assert not (desk.folder / "stick").exists()


def test_one_room_of_tickets_is_one_file(desk: Desk) -> None:
    desk.init()
    desk.import_roster()
    desk.run("seat", "--seed", "1")

    desk.run("tickets", "--out", desk.folder / "tickets", "--room", "zone-03/1:01", "--sample", "--json")

    (pdf,) = desk.folder.glob("tickets/*")
    assert pdf.name == "zone-03-1-01.pdf"
    assert pdf.read_bytes().startswith(b"%PDF")
