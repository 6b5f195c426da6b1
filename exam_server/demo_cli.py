"""``kaoping demo``: a whole exam day on this machine, with a screen or without."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from exam_protocol.command_options import json_option, servers_of
from exam_protocol.errors import ConfigurationError

_EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


@click.command()
@click.option("--headless", is_flag=True, help="No screen: all 13 zones, every candidate a kiosk, kills in mid-exam.")
@click.option(
    "--seed", default=1, show_default=True, type=click.IntRange(0, 2**31 - 1), help="Same seed, same results."
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Keep everything in this new folder.")
@click.option(
    "--examples", default=_EXAMPLES, type=click.Path(path_type=Path, file_okay=False), help="The sample data."
)
@click.option("--minutes", default=4, show_default=True, type=click.IntRange(1, 90), help="With a screen: how long.")
@json_option
def demo(seed: int, out: Path | None, examples: Path, minutes: int, *, headless: bool, as_json: bool) -> None:
    """演示 a whole exam day in a temporary folder: no Internet, no root, free ports.

    With a screen: one zone, and a kiosk in the browser for you. With --headless: 13 zones, every answer counted.
    """
    with _folder(out) as folder:
        if headless:
            _run_headless(folder, examples, seed, as_json=as_json)
        else:
            _run_guided(folder, examples, seed, minutes)


def _tell(words: str) -> None:
    click.echo(f"{datetime.now(UTC).astimezone():%H:%M:%S} {words}", err=True)


@contextlib.contextmanager
def _folder(out: Path | None) -> Iterator[Path]:
    if out is None:
        with tempfile.TemporaryDirectory(
            prefix="kaoping-demo-", dir=_on_disk(), ignore_cleanup_errors=True
        ) as temporary:
            yield Path(temporary)
        return
    if out.exists():
        raise ConfigurationError(f"{out} 已经存在。", "请换一个新文件夹。")
    out.mkdir(parents=True)
    yield out.absolute()


def _on_disk() -> str | None:
    """Where temporary files lie on a disk: the default place may be memory, and a journal in memory proves nothing."""
    return next((place for place in ("/var/tmp",) if os.access(place, os.W_OK)), None)  # noqa: S108 - made unguessable


def _run_guided(folder: Path, examples: Path, seed: int, minutes: int) -> None:
    from exam_server.demo.guided import SERVER, run_guided  # noqa: PLC0415 - loads the whole server; help must not
    from exam_server.demo.stage import Stage  # noqa: PLC0415

    if not run_guided(Stage(folder, examples, (SERVER,), seed), minutes, _tell):
        sys.exit(1)


def _run_headless(folder: Path, examples: Path, seed: int, *, as_json: bool) -> None:
    from exam_server.demo.headless import run_headless  # noqa: PLC0415 - loads the whole server; help must not
    from exam_server.demo.stage import Stage  # noqa: PLC0415

    stage = Stage(folder, examples, servers_of("all"), seed)
    outcome = run_headless(stage, _tell)
    if as_json:
        click.echo(msgspec.json.encode(outcome).decode())
    else:
        for name, value in msgspec.structs.asdict(outcome).items():
            click.echo(f"{name}: {value}")
    if not outcome.is_good:
        sys.exit(1)
