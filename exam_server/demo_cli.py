"""``kaoping demo``: a whole exam day on this machine, with a screen or without."""

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from exam_protocol.command_options import json_option, servers_of

_EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


@click.command()
@click.option("--headless", is_flag=True, help="No screen: all 13 zones, every candidate a kiosk, kills in mid-exam.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**31 - 1), help="Same seed, same results.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Keep everything in this new folder.")
@click.option("--examples", default=_EXAMPLES, type=click.Path(path_type=Path, file_okay=False), help="The sample data.")
@json_option
def demo(seed: int, out: Path | None, examples: Path, *, headless: bool, as_json: bool) -> None:
    """演示 a whole exam day in a temporary folder: no Internet, no root, free ports."""
    if out is not None:
        out.mkdir(parents=True, exist_ok=False)
        _run(out.absolute(), examples, seed, headless=headless, as_json=as_json)
        return
    with tempfile.TemporaryDirectory(prefix="kaoping-demo-", ignore_cleanup_errors=True) as folder:
        _run(Path(folder), examples, seed, headless=headless, as_json=as_json)


def _run(folder: Path, examples: Path, seed: int, *, headless: bool, as_json: bool) -> None:
    from exam_server.demo.headless import run_headless  # noqa: PLC0415 - loads the whole server; help must not
    from exam_server.demo.stage import Stage  # noqa: PLC0415

    def tell(words: str) -> None:
        click.echo(f"{datetime.now(UTC).astimezone():%H:%M:%S} {words}", err=True)

    stage = Stage(folder, examples, servers_of("all"), seed)
    outcome = run_headless(stage, tell)
    click.echo(msgspec.json.encode(outcome).decode() if as_json else outcome)
    if not outcome.is_good:
        sys.exit(1)
