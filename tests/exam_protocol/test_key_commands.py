"""``kaoping keys``: make and show a folder of keys, and how passphrases and servers are read."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from exam_protocol import key_folder
from exam_protocol.command_options import read_passphrase, servers_of
from exam_protocol.errors import ConfigurationError, MalformedMessageError
from exam_protocol.key_commands import keys
from exam_protocol.keys import CHEAPEST_KDF


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "passphrase").write_text("口令\n不算\n", encoding="utf-8")
    words = ["init", "--exam", "2026-technician", "--servers", "zone-02/1", "--out", str(tmp_path / "keys")]
    done = CliRunner().invoke(
        keys, [*words, "--passphrase-file", str(tmp_path / "passphrase")], catch_exceptions=False, obj=CHEAPEST_KDF
    )
    assert done.exit_code == 0, done.output
    return tmp_path / "keys"


def test_keys_are_made_and_shown(folder: Path) -> None:
    shown = json.loads(
        CliRunner().invoke(keys, ["show", "--keys", str(folder), "--json"], catch_exceptions=False).stdout
    )

    assert shown["exam"] == "2026-technician"
    assert len(shown["keys"]) == len(key_folder.EXAM_ROLES) + len(key_folder.SERVER_ROLES)
    assert {key["scope"] for key in shown["keys"]} == {"", "zone-02/1"}
    assert len(shown["fingerprint"]) == 16

    table = CliRunner().invoke(keys, ["show", "--keys", str(folder)], catch_exceptions=False).stdout
    assert shown["fingerprint"] in table


def test_a_passphrase_is_the_first_line_of_its_file(tmp_path: Path) -> None:
    (tmp_path / "p").write_bytes("口令 1\r\n第二行\n".encode())

    assert read_passphrase(tmp_path / "p") == "口令 1"


@pytest.mark.parametrize("content", [b"", b"\nsecond", "口令".encode("gbk")])
def test_an_empty_or_unreadable_passphrase_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "p").write_bytes(content)
    with pytest.raises(ConfigurationError):
        read_passphrase(tmp_path / "p")


def test_a_missing_passphrase_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="nowhere"):
        read_passphrase(tmp_path / "nowhere")


def test_all_servers_are_one_per_zone() -> None:
    assert len(servers_of("all")) == 13
    assert servers_of("zone-02/1, zone-02/2") == ("zone-02/1", "zone-02/2")


def test_a_server_named_wrongly_or_twice_is_refused() -> None:
    with pytest.raises(MalformedMessageError):
        servers_of("zone-02/1,zone-99/1")
    with pytest.raises(ConfigurationError):
        servers_of("zone-02/1,zone-02/1")
