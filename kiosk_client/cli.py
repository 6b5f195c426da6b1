"""The commands of a candidate's seat: ``kaoping kiosk …``.

Nothing that opens a socket is imported on top: gevent must have replaced the blocking calls of the standard library
first, and ``--help`` of the whole program must not pay for that.
"""

import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from exam_protocol.command_options import json_option
from exam_protocol.errors import ConfigurationError
from kiosk_client.config import KioskConfig, checked_kiosk_config, read_kiosk_config

if TYPE_CHECKING:
    from kiosk_client.agent import Agent
    from kiosk_client.sitting import Sitting


@click.group()
def kiosk() -> None:
    """考试机 kiosk: one candidate's seat; it answers on while the zone is away."""


@kiosk.command()
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The seat's kiosk.toml.",
)
@click.option("--browser", is_flag=True, help="Open the candidate's page in the browser of this machine.")
@click.option("--full-screen", is_flag=True, help="With --browser: fill the screen.")
@click.option("--headless", is_flag=True, help="No page: a scripted candidate sits here.")
@click.option("--script", "script_file", type=click.Path(path_type=Path, dir_okay=False), help="With --headless.")
@json_option
def run(
    config_file: Path, script_file: Path | None, *, browser: bool, full_screen: bool, headless: bool, as_json: bool
) -> None:
    """Run this seat; after a power cut or a kill the same command goes on where it stopped."""
    if headless != (script_file is not None):
        raise click.UsageError("--headless 和 --script 要一起用 (use both or neither).")
    config = read_kiosk_config(config_file)
    _make_blocking_calls_cooperative()
    if script_file is None:
        _serve_page(config, browser=browser, full_screen=full_screen)
        return
    from kiosk_client.robot import read_script, run_robot  # noqa: PLC0415 - after gevent

    _report([run_robot(config, read_script(script_file))], as_json=as_json)


@kiosk.command()
@click.option("--zone", "zone_url", required=True, help="Address of the zone server: https://host:port")
@click.option("--room-code", required=True, help="Six digits the zone shows for the room.")
@click.option("--seat", type=click.IntRange(min=1), required=True, help="Seat number in the room.")
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), required=True, help="Where the seat keeps its files."
)
@click.option("--tls-certificate", type=click.Path(path_type=Path, dir_okay=False), help="PEM file to trust for https.")
def enrol(zone_url: str, room_code: str, seat: int, folder: Path, tls_certificate: Path | None) -> None:
    """Enrol this machine at a seat of a room."""
    certificate = None if tls_certificate is None else str(tls_certificate.absolute())
    config = checked_kiosk_config(
        KioskConfig(zone_url, str(folder.absolute()), room_code, seat, certificate), Path.cwd()
    )
    _make_blocking_calls_cooperative()
    from kiosk_client.agent import enrol_seat  # noqa: PLC0415 - after gevent

    enrolled = enrol_seat(config)
    click.echo(f"已登记：{enrolled.zone_name} {enrolled.room_name} {enrolled.seat} 号座位")


@kiosk.command()
@click.option(
    "--seats",
    "seats_file",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help='JSON list of {"config": {…}, "script": {…}}, one per seat.',
)
@json_option
def fleet(seats_file: Path, *, as_json: bool) -> None:
    """Run many seats with scripted candidates in this one process: for demos, rehearsals and load."""
    content = _read(seats_file)
    _make_blocking_calls_cooperative()
    from kiosk_client.robot import read_fleet, run_fleet  # noqa: PLC0415 - after gevent

    _report(run_fleet(read_fleet(content, seats_file)), as_json=as_json)


def _serve_page(config: KioskConfig, *, browser: bool, full_screen: bool) -> None:
    import gevent  # noqa: PLC0415 - after gevent's patches

    from kiosk_client.agent import make_agent  # noqa: PLC0415 - after gevent
    from kiosk_client.browser import start_browser  # noqa: PLC0415 - after gevent
    from kiosk_client.page_server import PageServer  # noqa: PLC0415 - after gevent

    agent = make_agent(config)
    server = PageServer(agent, config.page_port)
    address = server.start()
    click.echo(f"考试页面 candidate's page: {address}")
    _stop_on_signal(agent)
    talking = gevent.spawn(agent.run)
    with tempfile.TemporaryDirectory(prefix="kaoping-page-", ignore_cleanup_errors=True) as profile:
        window = start_browser(address, Path(profile), kiosk=full_screen) if browser else None
        talking.join()
        if window is not None:
            window.terminate()
            window.wait()
    server.stop()


def _stop_on_signal(agent: "Agent") -> None:
    import gevent  # noqa: PLC0415 - after gevent's patches

    for number in (signal.SIGINT, signal.SIGTERM):
        gevent.signal_handler(number, agent.stop)


def _report(sittings: "list[Sitting | None]", *, as_json: bool) -> None:
    ended = [sitting for sitting in sittings if sitting is not None]
    counts = {
        "seats": len(sittings),
        "receipts": sum(sitting.receipt is not None for sitting in ended),
        "events": sum(len(sitting.events) for sitting in ended),
        "unsent": sum(len(sitting.events) - sitting.acked for sitting in ended),
        "broken": len(sittings) - len(ended),
    }
    if as_json:
        click.echo(msgspec.json.encode(counts).decode())
    else:
        click.echo(
            "座位 {seats} · 回执 {receipts} · 作答记录 {events} · 未送达 {unsent} · 故障 {broken}".format(**counts)
        )
    if counts["broken"]:
        sys.exit(1)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as missing:
        raise ConfigurationError(f"读不到座位清单 {path}。", "请检查路径。") from missing


def _make_blocking_calls_cooperative() -> None:
    from gevent import monkey  # noqa: PLC0415 - only a command that runs a seat patches the process

    monkey.patch_all()
