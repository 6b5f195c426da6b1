"""``kaoping practice``: packs that candidates practise with."""

from pathlib import Path

import click

from exam_protocol.canonical_json import encode
from exam_protocol.ids import TradeCode
from question_bank.items import Pool
from question_bank.practice_pack import build_practice_pack
from question_bank.store import Bank


@click.group()
def practice() -> None:
    """模拟训练 practice: packs that hold no live item."""


@practice.command()
@click.option(
    "--bank", "bank_path", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The item bank's file."
)
@click.option("--trade", required=True, help="Trade code: 06-008.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The file to write (JSON).")
def build(bank_path: Path, trade: str, out: Path) -> None:
    """生成练习包 Build the practice pack of one trade from the practice pool."""
    bank = Bank.open(bank_path)
    pack = build_practice_pack(bank.items(Pool.PRACTICE), bank.items(Pool.LIVE), TradeCode(trade))
    out.write_bytes(encode(pack) + b"\n")
    click.echo(f"{pack.title}：{len(pack.items)} 题，已写入 {out}。")
