"""The seat's commands: what they refuse, before anything is opened."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from exam_protocol.errors import ConfigurationError
from kiosk_client.cli import kiosk


def test_every_command_has_help() -> None:
    for words in ([], ["run"], ["enrol"], ["fleet"]):
        result = CliRunner().invoke(kiosk, [*words, "--help"])
        assert (result.exit_code, "Usage" in result.output) == (0, True)


@pytest.mark.parametrize("words", [["--headless"], ["--script", "script.json"]], ids=["no_script", "not_headless"])
def test_a_script_and_headless_go_together(tmp_path: Path, words: list[str]) -> None:
    result = CliRunner().invoke(kiosk, ["run", "--config", str(tmp_path / "kiosk.toml"), *words])
    assert result.exit_code == 2


def test_a_missing_configuration_or_list_of_seats_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"kiosk\.toml"):
        CliRunner().invoke(kiosk, ["run", "--config", str(tmp_path / "kiosk.toml")], catch_exceptions=False)
    with pytest.raises(ConfigurationError, match=r"seats\.json"):
        CliRunner().invoke(kiosk, ["fleet", "--seats", str(tmp_path / "seats.json")], catch_exceptions=False)


BLOCKING = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"sqlalchemy", "pandas", "lxml", "flask_socketio", "numpy", "openpyxl"}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Blocked())
import kiosk_client.agent, kiosk_client.cli, kiosk_client.page_server, kiosk_client.page_state, kiosk_client.robot
from kiosk_client.page_state import _qr_svg
assert _qr_svg("kaoping-receipt/1").startswith("<svg")
"""


def test_a_seat_needs_nothing_of_the_server_install() -> None:
    subprocess.run([sys.executable, "-W", "error", "-c", BLOCKING], check=True)
