"""``kaoping zone …``: one site's server, from its folder to the answer package.

Commands work on the folder's database; while the server runs they are given to it, so that every page shows what was
done. Importing this module loads nothing of the server: ``serve`` must patch sockets before anything else.
"""

import getpass
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import msgspec

from exam_protocol.command_options import json_option, passphrase_option, read_passphrase
from exam_protocol.errors import ConfigurationError, naming
from exam_protocol.ids import checked_server_id
from exam_protocol.paper import Purpose
from exam_server.zone.requests import CloseRequest, OpenRequest, RoomCodes

_PATH = click.Path(path_type=Path)
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
folder_option = click.option("--folder", type=_PATH, required=True, help="The zone's folder.")
by_option = click.option("--by", default=None, help="Who does it, for the log (default: the user of this machine).")


@click.group()
def zone() -> None:
    """考区: one site's server and its rooms."""


@zone.command()
@folder_option
@click.option("--server", required=True, help="Server id, e.g. zone-02/1.")
@click.option("--keys", type=_PATH, required=True, help="Folder with root.dsse and this server's two key files.")
@click.option(
    "--fingerprint", default=None, help="Root fingerprint from the set-up sheet; shown for you to compare if left out."
)
@click.option("--centre", "centre_url", default=None, help="Address of the centre; without it files are carried.")
@click.option("--centre-cert", type=_FILE, default=None, help="PEM file that the centre's https must verify against.")
@click.option("--database", default=None, help="SQLAlchemy URL (default: zone.db in the folder).")
def init(
    *,
    folder: Path,
    server: str,
    keys: Path,
    fingerprint: str | None,
    centre_url: str | None,
    centre_cert: Path | None,
    database: str | None,
) -> None:
    """Make the folder of a site's server."""
    from exam_server.zone.folder import init_zone  # noqa: PLC0415 - see the top

    config = init_zone(
        folder,
        checked_server_id(server),
        keys,
        fingerprint,
        database=database,
        centre_url=centre_url,
        centre_certificate=centre_cert,
    )
    click.echo(f"{config.server} 的文件夹已建好：{folder}")
    if fingerprint is None:
        click.echo(f"根密钥指纹（请与考点设置单核对）：{config.fingerprint}")


@zone.command()
@folder_option
def upgrade(folder: Path) -> None:
    """Bring the database to the newest schema after a new version was installed. Back it up before."""
    from exam_server.zone.folder import open_zone, upgrade_zone  # noqa: PLC0415 - see the top

    upgrade_zone(open_zone(folder).config)
    click.echo("数据库已是最新结构。")


@zone.command("import")
@folder_option
@passphrase_option
@click.argument("files", nargs=-1, type=_FILE, required=True)
def import_files(folder: Path, passphrase_file: Path | None, files: tuple[Path, ...]) -> None:
    """Import the roster package first, then the sealed paper packages."""
    from exam_server.services.package_import import import_package  # noqa: PLC0415 - see the top
    from exam_server.zone.control import ask_running  # noqa: PLC0415
    from exam_server.zone.folder import open_zone, unlock_keys  # noqa: PLC0415

    opened = open_zone(folder)
    keys = unlock_keys(opened.config, read_passphrase(passphrase_file), opened.clock())
    for file in files:
        with naming(file):
            click.echo(f"{file.name}：{opened.run(_system(), import_package, keys, file.read_bytes())}")
    ask_running(folder, "refresh")


@zone.command("add-staff")
@folder_option
@click.argument("name")
@click.option("--shown", required=True, help="Name as it stands in records, e.g. 李敏华.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice(["invigilator", "chief", "technician", "inspector"]),
    help="May be given several times.",
)
@click.option("--password-file", type=_FILE, help="File whose first line is the password; without it you are asked.")
def add_staff(folder: Path, name: str, shown: str, roles: tuple[str, ...], password_file: Path | None) -> None:
    """Make a named account for the console."""
    from exam_server.services.accounts import add_account, new_hasher  # noqa: PLC0415 - see the top
    from exam_server.zone.folder import open_zone  # noqa: PLC0415

    password = read_passphrase(password_file, confirm=True)
    opened = open_zone(folder)
    opened.run(_system(), add_account, name, shown, frozenset(roles), password=password, hasher=new_hasher())
    click.echo(f"账号 {name}（{shown}，{'、'.join(roles)}）已建好。")


@zone.command("open-rooms")
@folder_option
@by_option
@click.option("--minutes", default=10, show_default=True, type=click.IntRange(1, 720), help="How long the codes count.")
@click.option(
    "--purpose", type=click.Choice([p.value for p in Purpose]), default="live", show_default=True, help="Which papers."
)
@json_option
def open_rooms_command(folder: Path, by: str | None, minutes: int, purpose: str, *, as_json: bool) -> None:
    """Open the enrolment windows and print each room's six-digit code."""
    from exam_server.services.opening import open_rooms  # noqa: PLC0415 - see the top
    from exam_server.zone.folder import open_zone  # noqa: PLC0415

    asked = OpenRequest(_by(by), Purpose(purpose), timedelta(minutes=minutes))
    reply = _ask(folder, "open-rooms", asked)
    if reply is None:
        codes = open_zone(folder).run(_chief(asked.by), open_rooms, asked.purpose, asked.window)
    else:
        codes = msgspec.json.decode(reply, type=RoomCodes).codes
    if as_json:
        click.echo(json.dumps({"codes": codes}))
    else:
        for room, code in codes.items():
            click.echo(f"{room} 考场登记码：{code}（{minutes} 分钟内有效）")


@zone.command()
@folder_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address; anything but this machine needs TLS.")
@click.option("--port", default=0, help="Port; 0 takes a free one.")
@click.option("--tls-cert", type=_FILE, help="PEM certificate of this server.")
@click.option("--tls-key", type=_FILE, help="PEM key of the certificate.")
@passphrase_option
def serve(
    *, folder: Path, host: str, port: int, tls_cert: Path | None, tls_key: Path | None, passphrase_file: Path | None
) -> None:
    """Serve kiosks and consoles until stopped."""
    from gevent import monkey  # noqa: PLC0415 - must come before everything below

    monkey.patch_all()
    from exam_server.zone.folder import open_zone  # noqa: PLC0415
    from exam_server.zone.serving import Listen, serve_zone  # noqa: PLC0415

    def started(address: str) -> None:
        click.echo(f"考区服务器已启动：{address}")
        sys.stdout.flush()

    opened = open_zone(folder)
    serve_zone(opened, read_passphrase(passphrase_file), Listen(host, port, tls_cert, tls_key), started)


@zone.command()
@folder_option
@passphrase_option
@click.argument("file", type=_FILE)
def release(folder: Path, passphrase_file: Path | None, file: Path) -> None:
    """Open the papers with a key release that came as a file."""
    from exam_server.services.opening import release_papers  # noqa: PLC0415 - see the top
    from exam_server.zone.control import ask_running  # noqa: PLC0415
    from exam_server.zone.folder import open_zone, unlock_keys  # noqa: PLC0415

    with naming(file):
        if ask_running(folder, "release", file.read_bytes()) is None:
            opened = open_zone(folder)
            keys = unlock_keys(opened.config, read_passphrase(passphrase_file), opened.clock())
            opened.run(_system(), release_papers, keys, file.read_bytes())
    click.echo("试卷已启封。")


@zone.command()
@folder_option
@json_option
def status(folder: Path, *, as_json: bool) -> None:
    """Show counts only: sign-ins, answers committed, handed in."""
    from exam_server.services.zone_status import ZoneStatus, zone_status  # noqa: PLC0415 - see the top
    from exam_server.zone.folder import open_zone  # noqa: PLC0415

    reply = _ask(folder, "status", None)
    opened = open_zone(folder)
    found = (
        msgspec.json.decode(reply, type=ZoneStatus)
        if reply is not None
        else opened.run(_system(), zone_status, opened.config.server)
    )
    counts = {"running": reply is not None, **msgspec.structs.asdict(found)}
    if as_json:
        click.echo(json.dumps(counts, ensure_ascii=False))
    else:
        for name, value in counts.items():
            click.echo(f"{name}: {value}")


@zone.command()
@folder_option
@by_option
@click.option("--absent", "absence_reason", default=None, help="Confirm who has not come as absent, with this reason.")
@passphrase_option
def close(folder: Path, by: str | None, absence_reason: str | None, passphrase_file: Path | None) -> None:
    """Close the session (收场) and make the answer package."""
    from exam_server.services.handover import close_session  # noqa: PLC0415 - see the top
    from exam_server.zone.folder import open_zone  # noqa: PLC0415

    asked = CloseRequest(_by(by), absence_reason)
    if _ask(folder, "close", asked) is None:
        open_zone(folder).run(_chief(asked.by), close_session, absence_reason)
        _make_package(folder, passphrase_file)
    click.echo("已收场，答卷包已生成。")


@zone.command("hand-over")
@folder_option
@click.option("--out", type=_PATH, required=True, help="Where to write the answer package, e.g. on a USB stick.")
@passphrase_option
def hand_over(folder: Path, out: Path, passphrase_file: Path | None) -> None:
    """Write the sealed answer package to a file."""
    from exam_server.zone.folder import ANSWER_PACKAGE, write_durably  # noqa: PLC0415 - see the top

    if _ask(folder, "hand-over", None) is None:
        _make_package(folder, passphrase_file)
    write_durably(out, (folder / ANSWER_PACKAGE).read_bytes())
    click.echo(f"答卷包已写到 {out}。")


def _make_package(folder: Path, passphrase_file: Path | None) -> None:
    from exam_server.zone.answer_package import make_package  # noqa: PLC0415 - see the top
    from exam_server.zone.folder import open_zone, unlock_keys  # noqa: PLC0415

    opened = open_zone(folder)
    keys = unlock_keys(opened.config, read_passphrase(passphrase_file), opened.clock())
    make_package(folder, keys, opened.clock, opened.run)


def _ask(folder: Path, command: str, asked: Any) -> bytes | None:  # noqa: ANN401 - any struct
    from exam_server.zone.control import ask_running  # noqa: PLC0415

    if not (folder / "zone.toml").exists():
        raise ConfigurationError(f"{folder} 不是考区服务器的文件夹。", "请先运行 kaoping zone init。")
    return ask_running(folder, command, msgspec.json.encode(asked) if asked is not None else b"")


def _by(name: str | None) -> str:
    return name or getpass.getuser()


def _chief(name: str) -> Any:  # noqa: ANN401 - an Actor
    from exam_server.work import Actor  # noqa: PLC0415 - see the top

    return Actor(name, frozenset({"chief"}))


def _system() -> Any:  # noqa: ANN401 - an Actor
    from exam_server.work import SYSTEM  # noqa: PLC0415 - see the top

    return SYSTEM
