"""``kaoping centre``: the commands of the centre, from an empty folder to published results."""

from pathlib import Path

import click

from exam_protocol.command_options import read_passphrase
from exam_server.centre.command_options import FILE, FOLDER, folder_option, report
from exam_server.centre.exchange_commands import arm, import_answers, release
from exam_server.centre.folder import OFFICER, create_centre, open_centre, operator
from exam_server.centre.plan_commands import activation_codes, import_roster, rosters, seat, tickets
from exam_server.centre.results_commands import findings, import_marks, publish, results, score, statistics
from exam_server.schema import upgrade_schema
from exam_server.services.accounts import add_account, new_hasher


@click.group()
def centre() -> None:
    """省中心: roster, seating, tickets, key release, scoring, publishing."""


@centre.command()
@folder_option
@click.option("--config", "config_file", required=True, type=FILE, help="The exam's configuration (exam.toml).")
@click.option("--keys", required=True, type=FOLDER, help="Key folder of the exam, as kaoping keys init made it.")
@click.option("--issuer", default="省考试中心", show_default=True, help="Who issues tickets and transcripts.")
@click.option("--database", help="SQLAlchemy URL; without it centre.db in the folder.")
def init(folder: Path, config_file: Path, keys: Path, issuer: str, database: str | None) -> None:
    """Make the centre's folder: settings, database, column keys, the portal's look-up key."""
    made = create_centre(folder, config_file, keys, issuer, database)
    click.echo(f"已在 {folder} 建立省中心：{made.exam.title}，{made.exam.session_title}。")
    click.echo("请妥善备份 column.key；把 lookup.key 单独送交公众门户。")


@centre.command()
@folder_option
def upgrade(folder: Path) -> None:
    """Bring the database to the newest schema after a new version was installed. Back it up before."""
    upgrade_schema(open_centre(folder).engine, "centre")
    click.echo("数据库已是最新结构。")


@centre.command("add-staff")
@folder_option
@click.option("--name", required=True, help="Account name, for signing in.")
@click.option("--shown-name", required=True, help="The person's name, as acts are recorded under.")
@click.option("--password-file", type=FILE, help="File whose first line is the password; without it you are asked.")
def add_staff(folder: Path, name: str, shown_name: str, password_file: Path | None) -> None:
    """Make a named account for the centre's pages."""
    opened = open_centre(folder)
    password = read_passphrase(password_file, confirm=True)
    opened.runner.run(
        operator(), add_account, name, shown_name, frozenset({OFFICER}), password=password, hasher=new_hasher()
    )
    click.echo(f"已建立账号 {name}（{shown_name}）。")


@centre.command()
@folder_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", required=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one and says which.")
@click.option("--tls-cert", type=FILE, help="Certificate (PEM). Needed anywhere but on loopback.")
@click.option("--tls-key", type=FILE, help="Its private key (PEM).")
def serve(folder: Path, host: str, port: int, tls_cert: Path | None, tls_key: Path | None) -> None:
    """Serve the exchange with zones and the staff pages until stopped."""
    from exam_server.centre.server import serve_centre  # noqa: PLC0415 - gevent patches the process: only a server may

    serve_centre(folder, host, port, tls_cert=tls_cert, tls_key=tls_key, started=lambda url: report({"url": url}, url))


for command in (
    import_roster, seat, tickets, rosters, activation_codes,
    arm, release, import_answers,
    import_marks, score, findings, results, statistics, publish,
):  # fmt: skip
    centre.add_command(command)
