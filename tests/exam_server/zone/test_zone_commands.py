"""``kaoping zone``: what a site types, and what it is told when something is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest
from wire_zone import PASSPHRASE, ZoneProcess, run_zone
from zone_rig import SERVER, Zone

from exam_protocol.errors import (
    ConfigurationError,
    KaopingError,
    PackageBrokenError,
    SignatureInvalidError,
    WrongPassphraseError,
)
from exam_server.zone.control import ask_running
from exam_server.zone.folder import open_zone


@pytest.fixture
def site(tmp_path: Path) -> ZoneProcess:
    """A folder with its packages imported and its rooms open; nothing serves."""
    return ZoneProcess(tmp_path)


def counts(site: ZoneProcess) -> dict[str, Any]:
    return site.status()


def test_after_import_the_counts_say_what_is_there(site: ZoneProcess) -> None:
    status = counts(site)
    assert (status["running"], status["server"], status["expected"], status["states"]) == (
        False,
        SERVER,
        6,
        {"expected": 6},
    )


def test_the_rooms_codes_are_six_digits(site: ZoneProcess) -> None:
    codes = json.loads(run_zone("open-rooms", *site.at, "--json"))["codes"]
    assert [len(code) for code in codes.values()] == [6]


def test_a_folder_is_made_once(site: ZoneProcess) -> None:
    with pytest.raises(ConfigurationError, match="已经有一个考区服务器"):
        run_zone("init", *site.at, "--server", SERVER, "--keys", site.folder.parent / "keys")


def test_another_fingerprint_than_the_sheets_is_refused_and_nothing_is_made(site: ZoneProcess, tmp_path: Path) -> None:
    words = ("--server", SERVER, "--keys", site.folder.parent / "keys", "--fingerprint", "0123456789abcdef")
    with pytest.raises(SignatureInvalidError, match="指纹"):
        run_zone("init", "--folder", tmp_path / "new", *words)
    assert not (tmp_path / "new").exists()


def test_a_wrong_passphrase_is_told(site: ZoneProcess, tmp_path: Path) -> None:
    (tmp_path / "wrong").write_text(f"{PASSPHRASE} no")
    with pytest.raises(WrongPassphraseError):
        run_zone("import", *site.at, "--passphrase-file", tmp_path / "wrong", tmp_path / "live.package")


def test_a_file_that_is_no_package_is_refused_by_its_name(site: ZoneProcess, tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(PackageBrokenError, match=r"holiday\.jpg：不是考务包"):
        run_zone("import", *site.at, *site.secret, tmp_path / "holiday.jpg")


def test_a_package_of_other_keys_is_refused_by_its_name(site: ZoneProcess, empty_zone: Zone, tmp_path: Path) -> None:
    from zone_rig import roster_package  # noqa: PLC0415 - only this test makes a foreign package

    (tmp_path / "foreign.package").write_bytes(
        roster_package(empty_zone.exam_keys, empty_zone.trust, empty_zone.roster)
    )
    with pytest.raises(KaopingError, match=r"foreign\.package"):
        run_zone("import", *site.at, *site.secret, tmp_path / "foreign.package")


def test_a_release_file_opens_the_papers_even_while_no_server_runs(site: ZoneProcess) -> None:
    assert "已启封" in run_zone("release", *site.at, *site.secret, site.release_file)
    assert counts(site)["started_at"] is not None


def test_a_folder_that_is_no_zone_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="zone init"):
        run_zone("status", "--folder", tmp_path)


def test_a_setting_nobody_knows_is_refused(site: ZoneProcess) -> None:
    with (site.folder / "zone.toml").open("a") as file:
        file.write('debug = "yes"\n')
    with pytest.raises(ConfigurationError, match="debug"):
        open_zone(site.folder)


def test_what_a_killed_server_left_behind_is_no_running_server(site: ZoneProcess) -> None:
    (site.folder / "control.json").write_text('{"port": 1, "token": "x"}')
    assert ask_running(site.folder, "status") is None


def test_the_form_key_and_no_other_secret_lies_in_the_folder_for_its_owner_only(site: ZoneProcess) -> None:
    assert (site.folder / "form.key").stat().st_mode & 0o777 == 0o600
    assert not list(site.folder.glob("*.pem"))
