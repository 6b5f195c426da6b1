"""``kaoping keys``: make the folder of keys for an exam, and show whose signature counts in it."""

from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table

from exam_protocol.command_options import json_option, passphrase_option, read_passphrase, servers_of
from exam_protocol.envelope import key_id
from exam_protocol.ids import ExamId
from exam_protocol.key_folder import make_key_folder, read_trust
from exam_protocol.keys import KdfCost, Trust, root_fingerprint


@click.group()
def keys() -> None:
    """密钥: make and show the keys that sign and seal an exam."""


@keys.command()
@click.option("--exam", required=True, help="Name of the exam as in its configuration, e.g. 2026-technician.")
@click.option("--servers", required=True, help="Site servers, e.g. zone-02/1,zone-03/1; or all, one in each zone.")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="A new or empty folder.")
@passphrase_option
@click.pass_context
def init(ctx: click.Context, *, exam: str, servers: str, out: Path, passphrase_file: Path | None) -> None:
    """Make one key per role and server, each in a file under the passphrase, and the root that names them."""
    chosen = servers_of(servers)
    passphrase = read_passphrase(passphrase_file, confirm=True)
    with Console(stderr=True).status("正在生成密钥 making keys…"):
        # Who calls the command from Python may hand in a cost; people always get the full one.
        cost = ctx.find_object(KdfCost)
        trust = make_key_folder(out, ExamId(exam), chosen, passphrase, datetime.now(UTC), cost=cost)
    click.echo(f"已在 {out} 生成 {len(trust.root.keys)} 个密钥。")
    click.echo(f"根密钥指纹（印在考点设置单上）：{root_fingerprint(trust.root)}")


@keys.command()
@click.option("--keys", "folder", required=True, type=click.Path(path_type=Path, file_okay=False), help="Key folder.")
@click.option("--fingerprint", help="Refuse a root that has not this fingerprint.")
@json_option
def show(folder: Path, fingerprint: str | None, *, as_json: bool) -> None:
    """Show who may sign what, until when, and how many must sign. Needs no passphrase."""
    trust = read_trust(folder, fingerprint, datetime.now(UTC))
    if as_json:
        click.echo(msgspec.json.encode(_as_json(trust)).decode())
        return
    table = Table("用途 role", "范围 scope", "密钥编号 key id", "有效至 not after")
    for key in trust.root.keys:
        table.add_row(key.role.value, key.scope or "—", key_id(key.public_key), f"{key.not_after:%Y-%m-%d}")
    console = Console()
    console.print(f"考试 {trust.root.exam} · 根文件第 {trust.root.version} 版 · 指纹 {root_fingerprint(trust.root)}")
    console.print(table)


def _as_json(trust: Trust) -> dict[str, object]:
    root = trust.root
    return {
        "exam": root.exam,
        "version": root.version,
        "not_after": root.not_after,
        "fingerprint": root_fingerprint(root),
        "thresholds": {rule.role: rule.threshold for rule in root.thresholds},
        "keys": [
            {"role": key.role, "scope": key.scope, "id": key_id(key.public_key), "not_after": key.not_after}
            for key in root.keys
        ],
    }
