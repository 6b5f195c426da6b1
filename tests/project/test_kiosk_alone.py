"""A candidate's seat works where no database, no tables and no XML are installed."""

import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from exam_protocol.cli import GROUPS

ROOT = Path(__file__).parents[2]
# What the server extra brings that a seat must not need; the import names.
SERVER_ONLY = (
    "sqlalchemy", "alembic", "pandas", "numpy", "lxml", "openpyxl", "python_calamine", "xlsxwriter", "ortools", "typst",
    "flask_socketio", "flask_wtf", "flask_babel", "flask_limiter", "argon2", "PIL", "pypdf", "structlog", "base45",
    "psycopg",
)  # fmt: skip
BLOCKED = textwrap.dedent(
    f"""
    import sys

    class Blocker:
        def find_spec(self, name, path=None, target=None):
            if name.partition(".")[0] in {SERVER_ONLY!r}:
                raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

    sys.meta_path.insert(0, Blocker())
    """
)
EVERY_KIOSK_MODULE = """
import importlib, pkgutil
import kiosk_client, exam_protocol
for package in (exam_protocol, kiosk_client):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
"""


def run_without_server_packages(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", BLOCKED + program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=ROOT, check=False, timeout=60)


def kaoping(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run_without_server_packages("from exam_protocol.cli import main\nmain()\n", *arguments)


def test_every_module_of_the_seat_imports_without_the_servers_packages() -> None:
    done = run_without_server_packages(EVERY_KIOSK_MODULE)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", [["--help"], ["kiosk", "--help"], ["kiosk", "run", "--help"], ["keys", "--help"]])
def test_the_seats_commands_show_their_help(command: list[str]) -> None:
    done = kaoping(*command)

    assert done.returncode == 0, done.stderr
    assert "Usage: kaoping" in done.stdout


@pytest.mark.parametrize(
    "command",
    [
        ["bank", "list", "--bank", "bank.db"],
        ["centre", "seat", "--folder", "centre"],
        ["portal", "serve", "--folder", "portal"],
        ["zone", "status", "--folder", "zone"],
    ],
    ids=lambda command: command[0],
)
def test_another_groups_command_says_how_to_install_what_it_needs(command: list[str]) -> None:
    done = kaoping(*command)

    assert done.returncode == 1, done.stdout
    assert 'pip install "kaoping[server]"' in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("group", sorted(GROUPS))
def test_the_help_of_any_group_shows_or_says_what_is_missing(group: str) -> None:
    done = kaoping(group, "--help")

    assert "Traceback" not in done.stderr
    assert "Usage: kaoping" in done.stdout or 'pip install "kaoping[server]"' in done.stderr


def test_the_seats_lock_holds_none_of_the_servers_packages() -> None:
    locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements" / "kiosk.txt").read_text(), re.MULTILINE))

    assert "python-socketio" in locked
    assert not locked & {name.replace("_", "-").lower() for name in SERVER_ONLY} - {"argon2"}
    assert not locked & {"argon2-cffi", "pillow"}
