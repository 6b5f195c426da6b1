"""Every command of ``kaoping`` has help, and refusals are told as they should be."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from exam_protocol.cli import GROUPS, kaoping, load_group

ROOT = Path(__file__).parents[2]


def every_command(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name, below in sorted(command.commands.items()):
            yield from every_command(below, f"{path} {name}")


COMMANDS = [pair for name in sorted(GROUPS) for pair in every_command(load_group(name), f"kaoping {name}")]


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=[path for path, _ in COMMANDS])
def test_every_command_says_what_it_does(path: str, command: click.Command) -> None:
    assert command.help, path
    context = click.Context(command, info_name=path)
    assert command.get_help(context).startswith(f"Usage: {path}")


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=[path for path, _ in COMMANDS])
def test_every_option_says_what_it_is_for(path: str, command: click.Command) -> None:
    options = [
        parameter for parameter in command.params if isinstance(parameter, click.Option) and not parameter.hidden
    ]

    assert not [option.name for option in options if not option.help], path


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=[path for path, _ in COMMANDS])
def test_no_passphrase_or_password_is_an_argument(path: str, command: click.Command) -> None:
    names = {name for parameter in command.params for name in parameter.opts}

    assert not names & {"--passphrase", "--password", "passphrase", "password"}, path


def test_the_overview_lists_every_group_with_a_line() -> None:
    shown = kaoping.get_help(click.Context(kaoping, info_name="kaoping"))

    assert all(name in shown and line[:12] in shown for name, (_, line) in GROUPS.items())


def test_the_overview_imports_no_group() -> None:
    program = (
        "import sys, click; from exam_protocol.cli import kaoping; kaoping.get_help(click.Context(kaoping));"
        "print([m for m in sys.modules if m.split('.')[0] in ('question_bank','scoring','kiosk_client','exam_server',"
        "'gevent','flask','sqlalchemy','ssl')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)

    assert done.stdout.strip() == "[]"


# --- exit codes and words, as a person sees them


def run(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "exam_protocol.cli", *arguments],
        input=text,
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        check=False,
        timeout=60,
    )


def test_a_refusal_is_told_in_chinese_on_stderr_with_exit_code_1(tmp_path: Path) -> None:
    done = run("keys", "show", "--keys", str(tmp_path))

    assert (done.returncode, done.stdout) == (1, "")
    assert "请检查密钥文件夹" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [["nonsense"], ["keys", "init"], ["keys", "show", "--nonsense"], ["keys"]])
def test_a_command_typed_wrongly_exits_with_2(arguments: list[str]) -> None:
    assert run(*arguments).returncode == 2


def test_an_unreadable_place_is_told_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "pass").write_text("p")
    out = tmp_path / "file" / "keys"
    done = run(
        "keys",
        "init",
        "--exam",
        "e",
        "--servers",
        "zone-02/1",
        "--out",
        str(out),
        "--passphrase-file",
        str(tmp_path / "pass"),
    )

    assert done.returncode == 1
    assert str(out) in done.stderr
    assert "Traceback" not in done.stderr
